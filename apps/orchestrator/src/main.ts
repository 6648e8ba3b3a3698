#!/usr/bin/env node
import { runCommandLine } from './cli/run.ts';
import { Terminal } from './cli/terminal.ts';
import { commands } from './commands/all.ts';
import { ownVersion } from './host/versions.ts';

// A reader that has seen enough (`percpu list | head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Not process.exit: a pipe may still have to take what was printed.
process.exitCode = await runCommandLine(
  commands,
  process.argv.slice(2),
  new Terminal({
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
  }),
  ownVersion(),
);
