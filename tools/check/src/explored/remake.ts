/** `npm run explorations`: runs all explorations and makes docs/explorations.md anew. */
import { spawnSync } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import path from 'node:path';
import { RECORDS } from './record.ts';

// What remained of other runs is not to be mixed in.
for (const records of globSync(`packages/*/${RECORDS}`)) rmSync(records, { recursive: true });

const packages = new Set(
  globSync('packages/*/test/**/*.explore.ts').map((file) =>
    file.split(path.sep).slice(0, 2).join('/'),
  ),
);
const commands = [
  ...[...packages].sort().map((cwd) => ({ cwd, command: 'vitest run --project explore' })),
  {
    cwd: '.',
    command: 'node --conditions=@percpu/source tools/check/src/explored/main.ts --write',
  },
];
for (const { cwd, command } of commands) {
  const { status } = spawnSync(command, { cwd, shell: true, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
