import { describe, expect, test } from 'vitest';
import { Runner } from '../src/engine/runner.ts';
import { exploreSchedules } from '../src/index.ts';
import { makeScheduler, STRATEGY_NAMES } from '../src/strategies/strategies.ts';
import type { StrategyName } from '../src/strategies/strategies.ts';
import { textOf } from './support/all-runs.ts';
import { tiny } from './support/tiny-program.ts';
import type { Instruction, TinyProgram } from './support/tiny-program.ts';

const load = (word: number, to = 0): Instruction => ({ do: 'load', word, to });
const store = (word: number, value: number): Instruction => ({ do: 'store', word, value });
const storeNext = (word: number): Instruction => ({ do: 'storeNext', word, from: 0 });
const failIf = (register: number, is: number): Instruction => ({ do: 'failIf', register, is });
const repeat = (times: number, ...program: Instruction[]): Instruction[] =>
  Array.from({ length: times }, () => program).flat();

const SAMPLING = STRATEGY_NAMES.filter((name) => name !== 'exhaustive');

/** Runs until a finding; Infinity if `most` did not do. */
function runsUntilFound(
  programs: TinyProgram[],
  strategy: StrategyName,
  seed: number,
  most: number,
): number {
  const runner = new Runner(tiny(programs));
  const scheduler = makeScheduler(strategy, { seed });
  for (let run = 1; run <= most && scheduler.begin(); run++) {
    if (runner.run(scheduler).finding !== undefined) return run;
  }
  return Infinity;
}

/** Choices of the first runs, as text. */
function firstRuns(strategy: StrategyName, seed: number): string {
  const runner = new Runner(
    tiny([repeat(3, load(0), storeNext(0)), repeat(3, load(0), storeNext(0))]),
  );
  const scheduler = makeScheduler(strategy, { seed });
  const runs: string[] = [];
  for (let run = 0; run < 10 && scheduler.begin(); run++) {
    runs.push(
      runner
        .run(scheduler)
        .choices.map(({ cpu }) => cpu)
        .join(''),
    );
  }
  return runs.join(' ');
}

describe.each(SAMPLING)('%s', (strategy) => {
  test.each([
    [
      'sees the second word first',
      [
        [store(0, 1), store(1, 1)],
        [load(1, 0), failIf(0, 0)],
      ],
    ],
    [
      'sees the middle of three',
      [
        [store(0, 1), store(0, 2), store(0, 3)],
        [load(0), failIf(0, 2)],
      ],
    ],
    [
      'loses the only one of two updates that matters, among much else',
      [
        [...repeat(10, load(1)), load(0), storeNext(0)],
        [...repeat(10, load(2)), load(0), storeNext(0), load(0), failIf(0, 1)],
      ],
    ],
  ] as const)('%s', (_, programs) => {
    expect(runsUntilFound(programs as unknown as TinyProgram[], strategy, 7, 500)).toBeLessThan(
      500,
    );
  });

  test('the seed decides, and nothing else', () => {
    expect(firstRuns(strategy, 3)).toBe(firstRuns(strategy, 3));
    expect(firstRuns(strategy, 3)).not.toBe(firstRuns(strategy, 4));
  });

  test('tries every answer of choose, and every outcome of store buffering', () => {
    const runner = new Runner(
      tiny([
        [{ do: 'choose', of: 2, to: 1 }, store(0, 1), load(1)],
        [store(1, 1), load(0)],
      ]),
    );
    const scheduler = makeScheduler(strategy, { seed: 1 });
    const seen = new Set<string>();
    for (let run = 0; run < 300 && scheduler.begin(); run++)
      seen.add(textOf(runner.run(scheduler)));
    expect(seen.size).toBe(2 * 3);
  });
});

/** One CPU does a lot that nobody cares about before it touches the shared word. */
const LATE: TinyProgram[] = [
  [...repeat(30, load(1)), load(0), storeNext(0)],
  [load(0), storeNext(0), ...repeat(30, load(2))],
];

function shareOfLostUpdates(strategy: StrategyName): number {
  const runner = new Runner(tiny(LATE));
  const scheduler = makeScheduler(strategy, { seed: 1 });
  let lost = 0;
  for (let run = 0; run < 1000 && scheduler.begin(); run++) {
    if (runner.run(scheduler).seen.w0 === 1) lost++;
  }
  return lost / 1000;
}

test('surw draws the orders of the accesses that matter alike, whatever surrounds them', () => {
  // Of six orders of two loads and two stores, four lose an update. A plain walk meets one hardly ever.
  expect(shareOfLostUpdates('surw')).toBeCloseTo(4 / 6, 1);
  expect(shareOfLostUpdates('random')).toBeLessThan(0.05);
});

test('a strategy that does not exist', () => {
  expect(() => makeScheduler('lucky' as StrategyName)).toThrow(
    'unknown strategy "lucky". Accepted: exhaustive, random, pct, pos, surw.',
  );
});

test.each([
  // options                                        message
  [{ schedules: 0 }, 'schedules is 0; accepted are whole numbers from 1'],
  [{ schedules: NaN }, 'schedules is NaN; accepted'],
  [{ strategy: 'random', seed: -1 }, 'seed is -1; accepted are whole numbers from 0'],
  [{ strategy: 'pct', depth: 0 }, 'depth is 0; accepted are whole numbers from 1'],
  [{ preemptions: 0.5 }, 'preemptions is 0.5; accepted are whole numbers from 0'],
  [{ seconds: 0 }, 'seconds is 0; accepted are numbers above 0'],
] as const)(
  '%j is refused, for a search that runs nothing has shown nothing',
  (options, message) => {
    expect(() => exploreSchedules(tiny([[]]), options)).toThrow(message);
  },
);
