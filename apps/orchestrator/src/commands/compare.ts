import { resolve } from 'node:path';
import { compareRecordings } from '@percpu/experiment';
import type { ComparedPoint, RecordingComparison } from '@percpu/experiment';
import type { Command } from '../cli/command.ts';
import { ExitCode } from '../cli/errors.ts';
import { layOut } from '../cli/table.ts';
import type { Terminal } from '../cli/terminal.ts';
import { formatChange, plural } from '../format.ts';
import type { RunRecord } from '../record/record.ts';
import { readRecord } from '../record/store.ts';
import { jsonOption } from './options.ts';

export const compare: Command = {
  name: 'compare',
  summary: 'which differences between two runs exceed the noise',
  operands: 'A B',
  operandCount: [2, 2],
  options: {
    all: { type: 'boolean', description: 'show the points that did not change as well' },
    ...jsonOption,
  },
  details: [
    'A difference is real when the 95 % interval of the ratio of the medians leaves out 1, the ratio\ndiffers from 1 by more than 2 %, and both runs have three repeats or more. The intervals know the noise\nwithin each run; what changed on the host between the two runs they cannot know.\nModelled points have no noise: there a difference of more than 2 % is real.',
    'Exit code 1 when a point of B is slower than in A by more than the noise.',
  ],
  examples: ['percpu compare results/before results/after'],
  async run(args, terminal) {
    const [first, second] = args.operands.map((path) => readRecord(resolve(terminal.cwd, path)));
    if (first === undefined || second === undefined) return ExitCode.usage;
    const comparison = compareRecordings(first, second);
    const warnings = whyDoubtful(first, second, comparison);
    const slower = comparison.points.filter(isSlower);
    if (args.flag('json')) terminal.printJson({ ...comparison, warnings });
    else printComparison(terminal, comparison, warnings, args.flag('all'));
    return slower.length > 0 ? ExitCode.unexpected : ExitCode.expected;
  },
};

function isSlower({ exceedsNoise, ratio }: ComparedPoint): boolean {
  return exceedsNoise && ratio.median < 1;
}

/** What makes a comparison of these two say less than it seems to. */
function whyDoubtful(
  first: RunRecord,
  second: RunRecord,
  { onlyFirst, onlySecond }: RecordingComparison,
): string[] {
  const warnings: string[] = [];
  const differing = (
    [
      ['processor', first.host.cpuModel, second.host.cpuModel],
      ['number of CPUs', first.host.cores, second.host.cores],
      ['version of Node', first.host.node, second.host.node],
      ['memory backend', first.host.backend, second.host.backend],
    ] as const
  ).filter(([, a, b]) => a !== b);
  for (const [what, a, b] of differing) {
    warnings.push(`the ${what} differs: ${String(a)} and ${String(b)}`);
  }
  if (onlyFirst.length > 0)
    warnings.push(`${plural(onlyFirst.length, 'point')} only in the first run`);
  if (onlySecond.length > 0)
    warnings.push(`${plural(onlySecond.length, 'point')} only in the second run`);
  return warnings;
}

function printComparison(
  terminal: Terminal,
  { points }: RecordingComparison,
  warnings: readonly string[],
  all: boolean,
): void {
  for (const warning of warnings) terminal.warn(warning);
  const shown = all ? points : points.filter(({ exceedsNoise }) => exceedsNoise);
  const rows = shown.map((point) => {
    const { experiment, variant, cpus, profile, ratio, exceedsNoise, reason } = point;
    const modelled = profile === undefined ? '' : terminal.style('dim', ` modelled: ${profile}`);
    const verdict = exceedsNoise ? (ratio.median > 1 ? 'faster' : 'slower') : 'noise';
    const colour = { faster: 'green', slower: 'red', noise: 'dim' } as const;
    return [
      `${experiment} ${variant}${modelled}`,
      plural(cpus, 'CPU'),
      terminal.style(colour[verdict], verdict),
      formatChange(ratio.median - 1),
      ratio.low === ratio.high
        ? ''
        : terminal.style(
            'dim',
            `${formatChange(ratio.low - 1)} to ${formatChange(ratio.high - 1)}`,
          ),
      ...(all ? [terminal.style('dim', reason)] : []),
    ];
  });
  for (const line of layOut(rows, { left: [0, 2, 5] })) terminal.print(line);
  const real = points.filter(({ exceedsNoise }) => exceedsNoise).length;
  if (points.length === 0) terminal.print('the two runs have no point in common');
  else terminal.print(`${real} of ${plural(points.length, 'point')} differ by more than the noise`);
}
