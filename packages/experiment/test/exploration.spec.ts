import { describe, expect, test } from 'vitest';
import {
  DefinitionError,
  exploration,
  explorationList,
  MAX_EXPLORED_CPUS,
  outcomeText,
  queueSpec,
} from '../src/index.ts';
import type { BenchCpu, Exploration, Program, World } from '../src/index.ts';

const valid = {
  name: 'message-passing',
  title: 'Message passing',
  description: 'Who sees the flag sees the data.',
  on: 'memory',
  programs: [() => {}, () => {}],
} as const;

function make(changes: object = {}): Exploration {
  return exploration({ ...valid, ...changes });
}

describe('a definition', () => {
  test('is frozen and has its defaults', () => {
    const made = make({ allowed: [{ r0: 0 }] });
    expect(made).toMatchObject({
      cpus: 2,
      bytes: undefined,
      interrupts: false,
      timeouts: false,
      spurious: 0,
      deaths: 0,
      allocationFailures: 0,
      limits: { steps: 10_000, schedules: 1_000_000, preemptions: Infinity },
    });
    for (const part of [made, made.programs, made.limits, made.allowed, made.allowed![0]])
      expect(Object.isFrozen(part)).toBe(true);
  });

  test('interrupts arrive on machines, unless the author says no', () => {
    expect(make({ on: 'machine' }).interrupts).toBe(true);
    expect(make({ on: 'machine', interrupts: false }).interrupts).toBe(false);
    expect(make({ on: 'cpu' }).interrupts).toBe(false);
  });

  test('one program for all CPUs', () => {
    const made = make({ programs: undefined, program: () => {}, cpus: 3 });
    expect(made.programs).toHaveLength(3);
    expect(make({ cpus: 4 })).toMatchObject({ cpus: 4, programs: { length: 2 } });
    expect(make({ spurious: true, deaths: 2 })).toMatchObject({ spurious: 1, deaths: 2 });
  });

  test('types flow from set-up to the programs', () => {
    const made = exploration({
      ...valid,
      name: 'typed',
      on: 'cpu',
      setup: ({ alloc, cpus }: World<BenchCpu>) => ({ at: alloc(4), first: cpus[0]!.id }),
      programs: [
        (p: Program<BenchCpu>, { at }) => p.see('r0', p.cpu.memory.load(at)),
        (p, { at, first }) => p.memory.store(at, first),
      ],
      after: ({ seen }, { at }) => expect(seen.r0).toBe(at),
    });
    expect(made.cpus).toBe(2);
  });

  test.each([
    // change                      what the author reads
    [{ name: 'MP' }, 'an exploration\'s name must be kebab-case, as in mutex-wakes-one; got "MP"'],
    [{ titel: 'x' }, 'exploration message-passing: unknown field "titel"; known are name, title'],
    [{ title: '' }, 'title must say something; got ""'],
    [{ on: 'moon' }, 'on must be memory, cpu, machine; got "moon"'],
    [{ cpus: 0 }, 'cpus must be a whole number from 1 to 64; got 0'],
    [{ cpus: 65 }, 'cpus must be a whole number from 1 to 64; got 65'],
    [{ cpus: 1 }, '2 programs need as many CPUs; cpus is 1'],
    [{ programs: undefined }, 'needs either programs, one for each CPU, or program and cpus'],
    [{ program: () => {} }, 'needs either programs, one for each CPU, or program and cpus'],
    [{ programs: undefined, program: () => {} }, 'program needs cpus: how many run it'],
    [{ programs: [] }, 'programs must list functions, one for each CPU; got '],
    [{ programs: [() => {}, 7] }, 'program 1 must be a function; got 7'],
    [{ programs: new Array(65).fill(() => {}) }, '65 programs; at most 64 CPUs are explored'],
    [{ bytes: 100 }, 'bytes must be a whole number from 65536 to 4294967296; got 100'],
    [{ setup: 7 }, 'setup must be a function; got 7'],
    [{ after: 'x' }, 'after must be a function; got "x"'],
    [{ allowed: [] }, 'allowed must list outcomes, as in [{ r0: 0, r1: 1 }]; got '],
    [{ allowed: [7] }, 'allowed holds 7; an outcome is an object, as in { r0: 0 }'],
    [
      {
        allowed: [
          { a: 0, b: 1 },
          { b: 1, a: 0 },
        ],
      },
      'allowed lists { a: 0, b: 1 } twice',
    ],
    [{ sequential: 'queue' }, 'sequential must be a specification, as queueSpec() gives one'],
    [{ interrupts: 1 }, 'interrupts must be true or false; got 1'],
    [{ spurious: -1 }, 'spurious must be true, false or how many in one run; got -1'],
    [{ mustFind: { kind: 'bug' } }, 'mustFind.kind must be one of assertion, oops, panic, race'],
    [
      { mustFind: { kind: 'race', message: 'x' } },
      'mustFind.message must be a regular expression; got "x"',
    ],
    [{ limits: { runs: 1 } }, 'limits has a field "runs"; known are steps, schedules, preemptions'],
    [{ limits: { steps: 0 } }, 'limits.steps must be a whole number, 1 or more; got 0'],
  ] as const)('%j is refused', (change, message) => {
    expect(() => make(change)).toThrow(DefinitionError);
    expect(() => make(change)).toThrow(message);
  });

  test('limits that are accepted', () => {
    expect(make({ limits: { preemptions: 0, steps: 5 } }).limits).toEqual({
      steps: 5,
      schedules: 1_000_000,
      preemptions: 0,
    });
    expect(MAX_EXPLORED_CPUS).toBe(64);
    expect(make({ sequential: queueSpec() }).sequential?.name).toBe('queue');
  });
});

test('a list has each name once', () => {
  expect(Object.isFrozen(explorationList([make()]))).toBe(true);
  expect(() => explorationList([make(), make()])).toThrow(
    'two explorations are called message-passing',
  );
});

test('outcomes are the same whatever the order of their names', () => {
  expect(outcomeText({ r1: 1, r0: 'x' })).toBe('{ r0: "x", r1: 1 }');
  expect(outcomeText({})).toBe('{}');
});
