/** The page of the docs that says how far the model can be trusted, from what validation found. */
import { FIGURES } from '../profile/figures.ts';
import type { FigureName } from '../profile/figures.ts';
import { PROFILES } from '../profile/profiles.ts';
import type { Validation } from './validate.ts';
import type { Unit, ValidatedCurve } from './validated-curve.ts';

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

Figures of a profile that were derived from these very publications come from first halves too: \`grip\`, the part of a line's
journey for which its last owner goes on using it (8 and 28 threads), and the price of an increment (one thread). Everything else there was measured by others, on other
occasions; each figure of a profile names its source. How much two threads of a core slow each other down (1.54) is such a
prior: two of them are said to do up to 30 % more than one.

Curve C is counters that a thread increments over and over. In curve E readers share the reader-writer lock of the C library; what is modelled is the
accesses that its source makes. In curve F the queued lock and CNA of @percpu/locks run as they are, on a profile made of the figures of
a machine's kin; a factor on all distances is fitted on one curve, and CNA is prediction. Curve G is a chain that can be solved.
`;

const UNITS: Readonly<
  Record<Unit, { readonly what: string; readonly against: string; readonly digits: number }>
> = {
  ns: { what: 'ns per operation and thread', against: 'published', digits: 1 },
  'speed-up': { what: 'Speed-up', against: 'chain', digits: 2 },
  efficiency: {
    what: 'Rate of one reader, by that of a single one',
    against: 'published',
    digits: 3,
  },
  throughput: { what: 'Operations of all threads', against: 'published', digits: 2 },
};

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
  const parameters = Object.entries(fitted).map(([name, value]) => {
    const isTime =
      name === 'alone' || (name in FIGURES && FIGURES[name as FigureName].unit === 'ns');
    return isTime
      ? `${name} = ${value.toFixed(value < 100 ? 2 : 0)} ns`
      : `${name} = ${value.toFixed(2)}`;
  });
  const { what, against, digits } = UNITS[unit];
  return [
    `### ${name}, ${machineTitle(machine)}`,
    `Source: ${source}. ${parameters.length === 0 ? 'Nothing fitted.' : `Fitted: ${parameters.join(', ')}.`} ${what}.`,
    [
      row('CPUs', against, 'model', 'ratio'),
      row('---', '---', '---', '---'),
      ...points.map(({ cpus, published, model }) =>
        row(
          String(cpus),
          number(published, digits),
          number(model, digits),
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

/** Small ones with as many significant digits. */
function number(value: number, digits: number): string {
  return value < 0.1 ? value.toPrecision(digits) : value.toFixed(digits);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
