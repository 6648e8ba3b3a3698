import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { jsonOption } from './options.ts';

/*
 * The cases come with packages of their own. The name is taken already, so that a script written for it
 * gets a clear answer instead of "unknown command".
 */

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
