import { relative, resolve } from 'node:path';
import type { Command } from '../cli/command.ts';
import { ExitCode } from '../cli/errors.ts';
import { Interrupts } from '../cli/interrupt.ts';
import { Progress } from '../cli/progress.ts';
import { writeWhole } from '../record/store.ts';
import { modelProvider, runTask } from './model-task.ts';

const FILE = 'percpu-profile.json';

export const calibrate: Command = {
  name: 'calibrate',
  summary: 'measure this host and write it down as a profile for the model',
  operands: '',
  operandCount: [0, 0],
  options: {
    out: {
      type: 'string',
      argument: 'FILE',
      description: `where to write the profile (default: ${FILE})`,
    },
  },
  details: [
    'Takes the times of lines that go to and fro between cores, of contended read-modify-writes and of\nwake-ups. The host should have nothing else to do meanwhile. The file can then be named as in\npercpu scale --clock model --profile FILE.',
  ],
  examples: ['percpu calibrate', 'percpu calibrate --out my-server.json'],
  async run(args, terminal) {
    const provider = await modelProvider({ cwd: terminal.cwd }, 'calibrate');
    using interrupts = new Interrupts(terminal);
    const profile = await runTask(
      (options) => provider.calibrate(options),
      new Progress(terminal, () => 1),
      interrupts.signal,
      terminal.cwd,
    );
    if (profile === undefined) return interrupts.exitCode ?? ExitCode.interrupted;
    const file = resolve(terminal.cwd, args.text('out') ?? FILE);
    writeWhole(file, `${JSON.stringify(profile, undefined, 2)}\n`);
    const shown = relative(terminal.cwd, file);
    terminal.print(shown.startsWith('..') ? file : shown);
    return ExitCode.expected;
  },
};
