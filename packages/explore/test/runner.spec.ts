import { exploration } from '@percpu/experiment';
import { describe, expect, test } from 'vitest';
import type { Choices, RunOutcome, Scheduler } from '../src/index.ts';
import { Runner } from '../src/index.ts';
import { FixedSchedule, usualWayOn } from '../src/replay/fixed-schedule.ts';
import { allRuns } from './support/all-runs.ts';
import { tiny, wordAt } from './support/tiny-program.ts';
import type { Instruction, TinyProgram } from './support/tiny-program.ts';

const X = 0;
const Y = 1;
const load = (word: number, to = 0): Instruction => ({ do: 'load', word, to });
const store = (word: number, value: number): Instruction => ({ do: 'store', word, value });
const spin = (word: number): Instruction => ({ do: 'spin', word, while: 0, to: 0 });
const wait = (word: number, timeoutNs?: number): Instruction => ({
  do: 'wait',
  word,
  while: 0,
  to: 0,
  ...(timeoutNs === undefined ? {} : { timeoutNs }),
});
const notify = (word: number, count = 1): Instruction => ({ do: 'notify', word, count, to: 0 });

type More = Parameters<typeof tiny>[1];

const usualRun = (programs: TinyProgram[], more: More = {}): RunOutcome =>
  new Runner(tiny(programs, more)).run(new FixedSchedule([]));

const outcomesOf = (programs: TinyProgram[], more: More = {}): string[] =>
  [...allRuns(tiny(programs, { after: () => {}, ...more }), {}).outcomes].sort();

describe('waiting', () => {
  test('a CPU that spins stays where it is until the word changes', () => {
    const { end, steps } = usualRun([[spin(X)], [store(Y, 1), store(X, 0), store(X, 5)]]);
    // One look, three stores of which two change nothing that it waits for, one more look.
    expect({ end, steps }).toEqual({ end: 'completed', steps: 5 });
  });

  test('a CPU that nobody frees is stuck, spinning', () => {
    const { end, waiting } = usualRun([[spin(X)], [store(Y, 1)]]);
    expect(end).toBe('stuck');
    expect(waiting).toMatchObject([{ cpu: 0, state: 'spinning', at: wordAt(X), value: 0 }]);
  });

  test('a CPU that nobody wakes is stuck, sleeping', () => {
    const { end, waiting } = usualRun([[wait(X)], [store(X, 1)]]);
    expect(end).toBe('stuck');
    expect(waiting).toMatchObject([{ cpu: 0, state: 'sleeping', at: wordAt(X), value: 0 }]);
  });

  test('a wake-up that comes first is lost, one that comes later is not', () => {
    expect(outcomesOf([[wait(X)], [notify(X)]])).toEqual([
      'completed { 0r0: 0, 1r0: 1 }',
      'stuck { 1r0: 0 } 0 sleeping 8192',
    ]);
  });

  test('those who sleep longest are woken first, as many as asked for', () => {
    const { end, waiting, seen } = usualRun([[wait(X)], [wait(X)], [wait(X)], [notify(X, 2)]]);
    expect(end).toBe('stuck');
    expect(waiting.map(({ cpu }) => cpu)).toEqual([2]);
    expect(seen).toMatchObject({ '3r0': 2 });
  });
});

describe('time', () => {
  test('moves only when nothing else can happen, to the earliest that somebody waits for', () => {
    expect(
      outcomesOf([
        [wait(X, 200), load(Y, 1)],
        [wait(X, 100), store(Y, 1)],
      ]),
    ).toEqual(['completed { 0r0: 2, 0r1: 1, 1r0: 2 }']);
  });

  test('as a choice, a wait may time out at any time', () => {
    const programs = [[wait(X, 1e9)], [notify(X)]];
    expect(outcomesOf(programs)).toEqual([
      'completed { 0r0: 0, 1r0: 1 }',
      'completed { 0r0: 2, 1r0: 0 }',
    ]);
    expect(outcomesOf([[wait(X, 1e9)], [load(Y), notify(X)]], { timeouts: true })).toEqual([
      'completed { 0r0: 0, 1r0: 1 }',
      'completed { 0r0: 2, 1r0: 0 }',
    ]);
  });
});

describe('other choices', () => {
  test('sleepers may wake for no reason, so often and no more', () => {
    const programs = [[wait(X), wait(X)]];
    expect(outcomesOf(programs, { spurious: 1 })).toEqual(['stuck {} 0 sleeping 8192']);
    expect(outcomesOf(programs, { spurious: 2 })).toEqual(['completed { 0r0: 0 }']);
  });

  test('a CPU may die in front of any access', () => {
    expect(outcomesOf([[store(X, 1), store(X, 2)], [load(X)]], { deaths: true })).toEqual([
      'completed { 1r0: 0 }',
      'completed { 1r0: 1 }',
      'completed { 1r0: 2 }',
      'completed {}',
    ]);
  });

  test('programs choose', () => {
    expect(outcomesOf([[{ do: 'choose', of: 3, to: 0 }]])).toEqual([
      'completed { 0r0: 0 }',
      'completed { 0r0: 1 }',
      'completed { 0r0: 2 }',
    ]);
  });

  test('allocators choose only if allocations may fail, and as often as they may', () => {
    const programs: TinyProgram[] = [
      [
        { do: 'allocate', to: 0 },
        { do: 'allocate', to: 1 },
      ],
    ];
    expect(outcomesOf(programs)).toEqual(['completed { 0r0: 0, 0r1: 0 }']);
    expect(outcomesOf(programs, { allocationFailures: 1 })).toEqual([
      'completed { 0r0: 0, 0r1: 0 }',
      'completed { 0r0: 0, 0r1: 1 }',
      'completed { 0r0: 1, 0r1: 0 }',
    ]);
    expect(outcomesOf(programs, { allocationFailures: 2 })).toHaveLength(4);
  });
});

describe('what goes wrong is a finding, and the run ends', () => {
  test.each<[string, TinyProgram[], More, string, string]>([
    [
      'a program throws',
      [[load(X), { do: 'failIf', register: 0, is: 0 }]],
      {},
      'failed',
      'assertion: CPU 0: r0 is 0',
    ],
    [
      'after throws',
      [[load(X)]],
      {
        after: () => {
          throw new Error('not what it should be');
        },
      },
      'failed',
      'assertion: after: not what it should be',
    ],
    ['an address that is none', [[load(-200)]], {}, 'failed', 'oops: CPU 0: load of 4 bytes at'],
    [
      'more steps than allowed',
      [[load(X), load(X), load(X)]],
      { limits: { steps: 2 } },
      'cut',
      'step-limit: a run of more than 2 steps (limits.steps)',
    ],
    [
      'a loop without an atomic access',
      [[{ do: 'readForEver', word: X }]],
      {},
      'failed',
      'step-limit: CPU 0 goes on without an atomic access, and does not end',
    ],
  ])('%s', (_, programs, more, end, message) => {
    const outcome = usualRun(programs, more);
    expect(outcome.end).toBe(end);
    expect(`${outcome.finding?.kind}: ${outcome.finding?.message}`).toContain(message);
  });

  test('an access from code that cannot stop', () => {
    const plain = exploration({
      name: 'plain',
      title: 'plain',
      description: 'Never went through the transform.',
      on: 'memory',
      programs: [(p): void => p.memory.store(wordAt(X), 1)],
    });
    const { finding } = new Runner(plain).run(new FixedSchedule([]));
    expect(finding?.kind).toBe('uncontrolled');
    expect(finding?.message).toContain('outside a controlled frame');
  });
});

test('every run begins from the same memory, whatever the one before left', () => {
  const runner = new Runner(tiny([[load(X), store(X, 7)]]));
  const first = { ...runner.run(new FixedSchedule([])) };
  expect(first.seen).toMatchObject({ '0r0': 0, w0: 7 });
  expect(runner.run(new FixedSchedule([])).seen).toEqual(first.seen);
});

test('choices: of each CPU together, the way on first, with the access that it stands in front of', () => {
  const shown: string[] = [];
  const look: Scheduler = {
    begin: () => true,
    pick(choices: Choices): number {
      shown.push(
        choices.list
          .map(({ cpu, kind }) => `${cpu} ${kind} @${choices.pendingOf(cpu).at}`)
          .join(', '),
      );
      return usualWayOn(choices);
    },
    end(): void {},
  };
  new Runner(tiny([[load(X)], [load(Y)]], { deaths: 1 })).run(look);
  expect(shown).toEqual([
    '0 access @8192, 0 death @8192, 1 access @8256, 1 death @8256',
    '1 access @8256, 1 death @8256',
  ]);
});

test('a scheduler that picks what is not there', () => {
  const wrong: Scheduler = { begin: () => true, pick: () => 9, end() {} };
  expect(() => new Runner(tiny([[load(X)]])).run(wrong)).toThrow(
    'scheduler: picked 9; accepted are 0 to 0 and ABANDON',
  );
});

test('a name that every object has is seen once like any other', () => {
  const twice = (...names: string[]): RunOutcome =>
    usualRun([[load(X)]], { after: ({ see }) => names.forEach((name, i) => see(name, i)) });
  expect(twice('toString', 'constructor').finding).toBeUndefined();
  expect(twice('toString', 'toString').finding?.message).toBe(
    'after: see: toString was seen before; accepted is each name once a run',
  );
});

test('a CPU that dies while it spins stays dead when the word changes', () => {
  const seen = outcomesOf([[spin(X)], [store(X, 1)]], { deaths: 1 });
  expect(seen).toEqual(['completed { 0r0: 1 }', 'completed {}', 'stuck {} 0 spinning 8192']);
});
