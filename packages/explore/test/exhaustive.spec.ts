import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Footprint } from '../src/index.ts';
import { allRuns } from './support/all-runs.ts';
import type { AllRuns } from './support/all-runs.ts';
import { straightPrograms, waitingPrograms } from './support/arbitrary-programs.ts';
import { tiny } from './support/tiny-program.ts';
import type { Instruction, TinyProgram } from './support/tiny-program.ts';

const X = 0;
const Y = 1;
const Z = 2;
const load = (word: number, to = 0): Instruction => ({ do: 'load', word, to });
const store = (word: number, value: number): Instruction => ({ do: 'store', word, value });
const add = (word: number, to = 0): Instruction => ({ do: 'add', word, to });
const cas = (word: number, expected: number, value: number): Instruction => ({
  do: 'cas',
  word,
  expected,
  value,
  to: 0,
});
const spin = (word: number): Instruction => ({ do: 'spin', word, while: 0, to: 0 });
const wait = (word: number): Instruction => ({ do: 'wait', word, while: 0, to: 0 });
const notify = (word: number): Instruction => ({ do: 'notify', word, to: 0 });

/** Classes of equivalent runs, counted by hand. */
const KNOWN: readonly (readonly [title: string, programs: TinyProgram[], classes: number])[] = [
  ['one CPU', [[store(X, 1), load(X), add(X)]], 1],
  ['words that nobody shares', [[store(X, 1), store(X, 2)], [store(Y, 1), load(Y)], [add(Z)]], 1],
  ['reads of one word', [[load(X), load(X)], [load(X)], [load(X)]], 1],
  ['two stores', [[store(X, 1)], [store(X, 2)]], 2],
  ['three stores: all orders', [[store(X, 1)], [store(X, 2)], [store(X, 3)]], 6],
  [
    'two CPUs, two additions each: 4 over 2',
    [
      [add(X), add(X)],
      [add(X), add(X)],
    ],
    6,
  ],
  ['one store among three readers: 2^3', [[store(X, 1)], [load(X)], [load(X)], [load(X)]], 8],
  [
    'store buffering',
    [
      [store(X, 1), load(Y)],
      [store(Y, 1), load(X)],
    ],
    3,
  ],
  [
    'message passing',
    [
      [store(X, 1), store(Y, 1)],
      [load(Y), load(X, 1)],
    ],
    3,
  ],
  ['compare-exchanges that fail are reads', [[cas(X, 5, 1)], [cas(X, 6, 1)], [cas(X, 7, 1)]], 1],
  ['compare-exchange of one word, one succeeds', [[cas(X, 0, 1)], [cas(X, 0, 1)]], 2],
  ['a spin loop: the store comes before or after the first look', [[spin(X)], [store(X, 1)]], 2],
  ['a sleeper, a store and a wake-up', [[wait(X)], [store(X, 1), notify(X)]], 3],
  ['wake-ups of nobody', [[notify(X)], [notify(X)], [notify(Y)]], 1],
];

describe('runs are made once for each class of equivalent ones', () => {
  test.each(KNOWN)('%s', (_, programs, classes) => {
    const reduced = allRuns(tiny(programs), {});
    const all = allRuns(tiny(programs), { reduction: 'none' });
    expect(reduced.exhausted).toBe(true);
    expect(reduced.runs).toBe(classes);
    expect(reduced.outcomes).toEqual(all.outcomes);
  });
});

/** Enough for the programs above; the few that need more say nothing. */
const MOST = 40_000;

function sameAsEveryRun(
  programs: TinyProgram[],
  more: Parameters<typeof tiny>[1],
  dependent?: (a: Footprint, b: Footprint) => boolean,
): void {
  const every = allRuns(tiny(programs, more), { reduction: 'none' }, MOST);
  fc.pre(every.exhausted);
  const reduced = allRuns(tiny(programs, more), dependent === undefined ? {} : { dependent });
  expect(reduced.exhausted).toBe(true);
  expect(reduced.outcomes).toEqual(every.outcomes);
  expect(reduced.runs).toBeLessThanOrEqual(every.runs);
}

describe('nothing is lost by the reduction', () => {
  test('programs of loads, stores and read-modify-writes', () => {
    fc.assert(
      fc.property(straightPrograms, (programs) => sameAsEveryRun(programs, {})),
      {
        numRuns: 300,
      },
    );
  });

  test('programs that spin, sleep, wake, choose and fail', () => {
    fc.assert(
      fc.property(waitingPrograms, (programs) => sameAsEveryRun(programs, {})),
      {
        numRuns: 300,
      },
    );
  });

  test('a sleeper that did not sleep, since the word had changed', () => {
    // What the wait depends on changes with a step that has nothing to do with the notify.
    const programs: TinyProgram[] = [
      [add(Z)],
      [{ do: 'wait', word: Z, while: 0, to: 0 }],
      [load(Z)],
      [notify(Z), spin(X)],
    ];
    sameAsEveryRun(programs, {});
  });

  test.each([
    ['time-outs at any time', { timeouts: true }],
    ['spurious wake-ups', { spurious: 2 }],
    ['CPUs that die', { deaths: 1 }],
  ])('%s', (_, choices) => {
    fc.assert(
      fc.property(waitingPrograms, (programs) => sameAsEveryRun(programs, choices)),
      {
        numRuns: 100,
      },
    );
  });

  test('busted twin: a relation that forgets that a write comes before a read is caught', () => {
    const forgets = (a: Footprint, b: Footprint): boolean =>
      a.conflicts(b) && !(b.count === 1 && b.onlyReads);
    expect(() =>
      fc.assert(
        fc.property(straightPrograms, (programs) => sameAsEveryRun(programs, {}, forgets)),
        {
          numRuns: 300,
        },
      ),
    ).toThrow();
  });
});

describe('with a bound on preemptions', () => {
  test.each([0, 1, 2])('%i: nothing is lost that is within it', (preemptions) => {
    fc.assert(
      fc.property(straightPrograms, (programs) => {
        const every = allRuns(tiny(programs), { reduction: 'none', preemptions }, MOST);
        fc.pre(every.exhausted);
        const reduced = allRuns(tiny(programs), { preemptions });
        expect(reduced.outcomes).toEqual(every.outcomes);
        expect(reduced.runs).toBeLessThanOrEqual(every.runs);
      }),
      { numRuns: 150 },
    );
  });

  test('no preemption: one run for each order of whole programs', () => {
    const programs = [
      [add(X), add(X)],
      [add(X), add(X)],
      [add(X), add(X)],
    ];
    expect(allRuns(tiny(programs), { reduction: 'none', preemptions: 0 }).runs).toBe(6);
  });
});

test('a search that was stopped claims nothing', () => {
  const programs: TinyProgram[] = [
    [add(X), add(X)],
    [add(X), add(X)],
  ];
  const stopped: AllRuns = allRuns(tiny(programs), {}, 5);
  expect(stopped.exhausted).toBe(false);
});

test('a search with a run that was cut claims nothing', () => {
  const { exhausted, outcomes } = allRuns(tiny([[add(X), add(X)]], { limits: { steps: 1 } }), {});
  expect([...outcomes]).toEqual(['step-limit: a run of more than 1 steps (limits.steps)']);
  expect(exhausted).toBe(false);
});
