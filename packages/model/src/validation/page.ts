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

At most two parameters of a machine are fitted to a curve, on the first half of its points. A curve _fits_ when

- every published step of more than 10 % goes the same way,
- the sharpest bend lies at the same listed point or at its neighbour,
- the last point is right within a factor of 1.3.

A curve of the lock chain fits when every point is within 5 %: there the truth is known exactly.

## What was fitted, and what was chosen with the points in sight

All published points were known when the model was written, and where it was wrong it was changed. So this page says what the model can
describe with how few parameters. It is no test of predictions; that would be curves which nobody here has seen.

- **C**, counters that a thread increments over and over: one figure for each curve, fitted on its first half. \`grip\` of the profiles
  (the part of a line's journey for which its last owner goes on using it) was derived from the points with 8 and with 28 threads, and the
  price of an increment from those with one: first halves too.
- **E**, readers who share the lock of the C library; what is modelled is the accesses that its source makes. Nothing is fitted: the
  machine is that of C. The lengths of the holds are confirmed by the published rates of one thread (the shortest, called "1 us" there, is
  no wait at all). Chosen with the points in sight: threads are spread over the sockets, and the number of waits, which the measuring
  program reads before each microsecond, lies on the line of the lock. By its source that depends on the compiler. On a line of its own the last
  points would be 7.7, 12, 2.7 and 1.1 times the published ones for 10 us to 10 ms.
- **F**, the queued lock and CNA of @percpu/locks, run as they are: not blind at all. Nobody has published the distances of that
  machine: they are those of a kin, times one factor that is fitted (to within 5 %) on the queued lock of lock2_threads with up to 16 threads; for locktorture, the time of
  an operation alone is fitted as well. \`grip\` is that of another kin (0.137, Xeon 8176), and the verdicts hang on it. Chosen with
  the points in sight: where threads sit (core by core in lock2_threads, spread in locktorture), how long the windows are, and that it is distances which
  get a factor. No parameter was fitted on the points of CNA, but they were known.
- **G**, a chain that can be solved: nothing is fitted.

Other figures were measured by others, on other occasions; each figure of a profile names its source. Recalled, not read, are how much
two threads of a core slow each other down (1.54: two are said to do up to 30 % more than one), what waking a sleeper takes, and all distances
of the Opteron, which no curve here uses.

## Why it misses, as far as that is known

- **C, atomic, Milan.** However far a line travels, contended increments of busy cores follow each other no more than rmw / grip = 8 ns
  apart. Published are 7 ns with 16 threads and 17 with 160: the last owner's share of a journey must shrink when that crosses the socket. The first half
  ends at 16 threads of one socket, so a figure for it could only be fitted on the points that it is judged by.
- **C, per-CPU, Xeon.** Published to rise from 112 CPUs on, where each still has a core of its own. Nothing in the model does that.
- **E, 27.5 ns.** Nearly a straight line: where it bends most is chance. Up to 56 threads the model loses a third too much.
- **E, 10 us to 1 ms.** Losses are of the right kind and order, but not of the right size: too small where all queue for the line, too large
  where most have copies. In the model, copies of a line that was just written set off one after the other as fast as copies of any other.
- **F, locktorture.** Published to gain nothing from a second thread, and much from the fourth on. Not known.
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
