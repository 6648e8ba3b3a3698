/** The page of the docs that says how far the model can be trusted, from what validation found. */
import { PROFILES } from '../profile/profiles.ts';
import type { ValidatedCurve, Validation } from './validate.ts';

const INTRODUCTION = `# How far the model can be trusted

This page is made from what \`percpu model validate\` finds (\`npm run page -w @percpu/model\`); a test holds it to that.

The model charges accesses, waiting, interrupts and wake-ups, and no instructions. It is meant for shapes and ratios:
which variant wins, from how many CPUs on, and because of which line. It is not meant for absolute nanoseconds.

A curve is fitted with at most two parameters of its machine, on the first half of the points; the second half is not looked at. It
_fits_ when

- every published step of more than 10 % goes the same way,
- the sharpest bend lies at the same listed point or at its neighbour,
- the last point is right within a factor of 1.3.

A curve of the lock chain fits when every point is within 5 %: there the truth is known exactly.

One constant was chosen with all published points in sight: \`crossing\` (0.05), the share of contended operations
that pay the whole distance between caches, the same for all machines. And the factor by which two threads of a core slow each other down (1.33) comes
from the last two points of the EPYC's per-CPU counter, so those two test nothing, and the last points of both atomic counters are
less blind than the rule asks for.
`;

export function validationPage({ curves }: Validation): string {
  const missing = curves.filter(({ pass }) => !pass);
  return [
    INTRODUCTION,
    `## Result\n\n${curves.length - missing.length} of ${curves.length} curves fit.`,
    summary(curves),
    missing.length === 0 ? '' : `## What misses\n\n${missing.map(miss).join('\n')}`,
    '## Point by point',
    ...curves.map(pointByPoint),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function summary(curves: readonly ValidatedCurve[]): string {
  const rows = curves.map(({ name, machine, signs, knee, endRatio, worst, pass }) =>
    row(
      name,
      machineTitle(machine),
      yes(signs),
      yes(knee),
      endRatio.toFixed(2),
      percent(worst),
      pass ? 'fits' : '**misses**',
    ),
  );
  return [
    row(
      'curve',
      'machine',
      'signs',
      'knee',
      'last point, model / published',
      'worst point',
      'verdict',
    ),
    row(...new Array<string>(7).fill('---')),
    ...rows,
  ].join('\n');
}

function miss({ name, machine, signs, knee, endRatio }: ValidatedCurve): string {
  const reasons = [
    ...(signs ? [] : ['a published step of more than 10 % is not there']),
    ...(knee ? [] : ['it bends elsewhere']),
    ...(endRatio > 1.3 || endRatio < 1 / 1.3
      ? [`the last point is ${endRatio.toFixed(2)} times the published one`]
      : []),
  ];
  return `- **${name}**, ${machineTitle(machine)}: ${reasons.join('; ')}.`;
}

function pointByPoint({ name, machine, source, unit, fitted, points }: ValidatedCurve): string {
  const parameters = Object.entries(fitted).map(
    ([figure, value]) => `${figure} = ${value.toFixed(2)} ns`,
  );
  const digits = unit === 'ns' ? 1 : 2;
  return [
    `### ${name}, ${machineTitle(machine)}`,
    `Source: ${source}. ${parameters.length === 0 ? 'Nothing fitted.' : `Fitted: ${parameters.join(', ')}.`} ${unit === 'ns' ? 'ns per operation and thread.' : 'Speed-up.'}`,
    [
      row('CPUs', unit === 'ns' ? 'published' : 'chain', 'model', 'ratio'),
      row('---', '---', '---', '---'),
      ...points.map(({ cpus, published, model }) =>
        row(
          String(cpus),
          published.toFixed(digits),
          model.toFixed(digits),
          (model / published).toFixed(2),
        ),
      ),
    ].join('\n'),
  ].join('\n\n');
}

function machineTitle(name: string): string {
  return PROFILES.find((profile) => profile.name === name)?.title ?? name;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function yes(value: boolean): string {
  return value ? 'yes' : 'no';
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
