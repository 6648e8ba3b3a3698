import { unknownName } from '@percpu/experiment';
import type { Arguments, Command } from '../cli/command.ts';
import { ExitCode } from '../cli/errors.ts';
import { Interrupts } from '../cli/interrupt.ts';
import { Progress } from '../cli/progress.ts';
import { layOut } from '../cli/table.ts';
import type { Terminal } from '../cli/terminal.ts';
import { formatChange, threeDigits } from '../format.ts';
import type { ValidatedCurve } from '../measure/engine.ts';
import { anyModel, modelProvider, runTask } from './model-task.ts';
import { jsonOption } from './options.ts';

const VERBS = ['validate', 'profiles'] as const;

export const model: Command = {
  name: 'model',
  summary: 'how far the cost model can be trusted, and which machines it knows',
  operands: 'validate|profiles',
  operandCount: [1, 1],
  options: jsonOption,
  details: [
    'validate holds the model against published curves: at most two parameters for each machine are\nfitted to the first half of the points, the second half is judged. A curve passes when every step of\nmore than 10 % goes the right way, the knee is within one listed point, and the last point is right\nwithin a factor of 1.3. Exit code 1 when one does not.',
    'profiles lists the machines that --profile takes by name.',
  ],
  examples: ['percpu model validate', 'percpu model validate --json', 'percpu model profiles'],
  run(args, terminal) {
    const verb = args.operands[0] ?? '';
    if (verb === 'validate') return validate(args, terminal);
    if (verb === 'profiles') return profiles(args, terminal);
    throw unknownName('part of percpu model', verb, VERBS);
  },
};

async function validate(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const provider = await modelProvider({ cwd: terminal.cwd }, 'validate');
  using interrupts = new Interrupts(terminal);
  const report = await runTask(
    (options) => provider.validate(options),
    new Progress(terminal, () => 1),
    interrupts.signal,
    terminal.cwd,
  );
  if (report === undefined) return interrupts.exitCode ?? ExitCode.interrupted;
  if (args.flag('json')) terminal.printJson(report);
  else for (const curve of report.curves) printCurve(terminal, curve);
  return report.curves.every(({ pass }) => pass) ? ExitCode.expected : ExitCode.unexpected;
}

function printCurve(terminal: Terminal, curve: ValidatedCurve): void {
  const { name, machine, points, signs, knee, endRatio, pass } = curve;
  const verdict = terminal.style(pass ? 'green' : 'red', pass ? 'pass' : 'miss');
  terminal.print(`${verdict}  ${terminal.style('bold', name)}  ${terminal.style('dim', machine)}`);
  const rows = [
    ['CPUs', 'published', 'model', 'difference'],
    ...points.map(({ cpus, published, model: modelled }) => [
      String(cpus),
      threeDigits(published),
      threeDigits(modelled),
      formatChange(modelled / published - 1),
    ]),
  ];
  for (const line of layOut(rows, { left: [] })) terminal.print(line);
  const told = (right: boolean): string => (right ? 'right' : terminal.style('red', 'wrong'));
  terminal.print(
    `  steps ${told(signs)}, knee ${told(knee)}, last point ×${threeDigits(endRatio)}`,
  );
  terminal.print();
}

async function profiles(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const { profiles: known = [] } = await anyModel({ cwd: terminal.cwd });
  if (args.flag('json')) terminal.printJson({ profiles: known });
  else {
    const rows = known.map(({ name, title = '', source }) => [
      terminal.style('bold', name),
      title,
      terminal.style('dim', source),
    ]);
    for (const line of layOut(rows, { left: [0, 1, 2] })) terminal.print(line);
  }
  return ExitCode.expected;
}
