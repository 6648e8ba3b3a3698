import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { jsonOption } from './options.ts';

/*
 * Two commands whose engines come with packages of their own. The names are taken already, so that
 * a script written for them gets a clear answer instead of "unknown command".
 */

export const explore: Command = {
  name: 'explore',
  summary: 'search the interleavings of a program for bugs (needs an explorer)',
  operands: 'NAME',
  operandCount: [1, 1],
  options: {
    strategy: { type: 'string', argument: 'S', description: 'how schedules are chosen' },
    schedules: { type: 'string', argument: 'N', description: 'at most so many schedules' },
    seed: { type: 'string', argument: 'N', description: 'seed of the random strategies' },
    replay: { type: 'string', argument: 'STR', description: 'run exactly this schedule again' },
    ...jsonOption,
  },
  examples: ['percpu explore NAME'],
  run(args) {
    const name = args.operands[0] ?? '';
    throw new UsageError(
      `cannot explore "${name}": no explorer is installed, and no package brings explorations. There are: none`,
    );
  },
};

export const conformance: Command = {
  name: 'conformance',
  summary: "run a package's conformance cases (none are installed yet)",
  operands: 'PACKAGE',
  operandCount: [1, 1],
  options: {
    cases: { type: 'string', argument: 'FILE', description: 'take the cases from this file' },
    ...jsonOption,
  },
  examples: ['percpu conformance PACKAGE --cases cases.json'],
  run(args) {
    const name = args.operands[0] ?? '';
    throw new UsageError(
      `cannot run the conformance cases of "${name}": no package brings conformance data. There are: none`,
    );
  },
};
