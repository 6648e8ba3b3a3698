import { playScenario } from '@percpu/experiment';
import type { Command } from '../cli/command.ts';
import { ExitCode } from '../cli/errors.ts';
import { Interrupts } from '../cli/interrupt.ts';
import { layOut } from '../cli/table.ts';
import { readNumber } from '../cli/values.ts';
import { findEntry, readCatalogue } from '../discovery/catalogue.ts';
import { jsonOption, moduleOption } from './options.ts';

export const scenario: Command = {
  name: 'scenario',
  summary: 'replay a story and say whether it ends as it should',
  operands: 'NAME',
  operandCount: [1, 1],
  options: {
    seed: { type: 'string', argument: 'N', description: 'seed of the random numbers (default 1)' },
    ...moduleOption,
    ...jsonOption,
  },
  details: ['Exit code 1 when the verdict is fail.'],
  examples: ['percpu scenario NAME', 'percpu scenario NAME --json'],
  async run(args, terminal) {
    const seedText = args.text('seed') ?? '1';
    const seed = readNumber('seed', seedText, { least: 0, most: 2 ** 32, whole: true });
    const catalogue = await readCatalogue({ cwd: terminal.cwd, modules: args.all('module') });
    const { entry } = findEntry('scenario', catalogue.scenarios, args.operands[0] ?? '');
    using interrupts = new Interrupts(terminal);
    const report = await playScenario(entry, {
      seed,
      signal: interrupts.signal,
      log: (line) => terminal.say(`  ${line}`),
    });
    if (interrupts.exitCode !== undefined) return interrupts.exitCode;
    if (args.flag('json')) terminal.printJson(report);
    else {
      const colour = report.verdict === 'pass' ? 'green' : 'red';
      terminal.print(`${report.name}: ${terminal.style(colour, report.verdict)}`);
      const rows = Object.entries(report.facts).map(([name, value]) => [
        name,
        JSON.stringify(value),
      ]);
      for (const line of layOut(rows, { left: [0, 1] })) terminal.print(line);
    }
    return report.verdict === 'pass' ? ExitCode.expected : ExitCode.unexpected;
  },
};
