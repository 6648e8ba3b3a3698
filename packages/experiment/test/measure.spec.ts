import { describe, expect, test } from 'vitest';
import {
  chooseCell,
  ChoiceError,
  experiment,
  measure,
  percentile,
  runWithoutSleeping,
  type Experiment,
  type Sleeps,
} from '../src/index.ts';
import { measureAlone, PLACE, PlainCpu } from './support/plain-cpu.ts';

/** Every call takes 50 ns of virtual time unless `changes` says otherwise. */
function every50(changes: object = {}): Experiment {
  return experiment({
    name: 'every-50',
    title: 'Fifty',
    description: 'One call takes 50 ns.',
    variants: { plain: {} },
    cpus: { parallel: [1], model: [1] },
    body(cpu: PlainCpu) {
      cpu.delay(50);
    },
    ...changes,
  });
}

function* sleepingBody(cpu: PlainCpu): Sleeps<void> {
  cpu.delay(50);
}

describe('under a virtual clock every number is exact', () => {
  test.each([
    // case                      definition                                                                 operations a call
    ['a plain body', {}, 1],
    ['a body that sleeps', { body: sleepingBody }, 1],
    ['batches of ten', { body: (cpu: PlainCpu) => (cpu.delay(50), 10) }, 10],
    ['calls that do nothing', { body: (cpu: PlainCpu) => (cpu.delay(50), 0) }, 0],
  ])('%s', (_case, definition, perCall) => {
    const [record] = measureAlone(every50(definition)).repeats;
    expect(record!.operations).toBe(((record!.endedNs - record!.beganNs) / 50) * perCall);
    expect(record!.endedNs).toBeGreaterThanOrEqual(11_000);
  });

  test('a window opens after the warm-up and closes at the end of a chunk', () => {
    const [record] = measureAlone(every50(), {
      window: { kind: 'time', warmUpNs: 1_010, measureNs: 100_000 },
    }).repeats;
    // 21 calls pass the 1010 ns; then chunks of at most 1 µs (a hundredth of the window), doubling and halving.
    expect(record?.beganNs).toBeGreaterThanOrEqual(1_010);
    expect(record?.beganNs).toBeLessThan(1_010 + 1_550);
    expect(record?.endedNs).toBeGreaterThanOrEqual(101_010);
    expect(record?.endedNs).toBeLessThan(101_010 + 2_000);
  });

  test('fixed work', () => {
    const { repeats } = measureAlone(every50(), {
      window: { kind: 'work', warmUpCalls: 10, calls: 1234 },
      repeats: 2,
    });
    expect(repeats).toEqual([
      { operations: 1234, beganNs: 500, endedNs: 500 + 1234 * 50 },
      { operations: 1234, beganNs: 500, endedNs: 500 + 1234 * 50 },
    ]);
  });

  test('a CPU that was not run in the window reports no operations for all of it', () => {
    const late = every50({ body: (cpu: PlainCpu) => cpu.delay(1e6) });
    expect(measureAlone(late).repeats).toEqual([
      { operations: 0, beganNs: 1_000, endedNs: 11_000 },
    ]);
  });

  test('what is allocated is zeroed, on lines of its own, and given to all functions', () => {
    const seen: unknown[] = [];
    const cpu = new PlainCpu();
    cpu.memory.fill(PLACE.arena.at, 0xff, PLACE.arena.bytes);
    const probe = every50({
      knobs: { heldNs: [7, 8] },
      setup(
        own: PlainCpu,
        { alloc, heldNs }: { alloc(bytes: number, align?: number): number; heldNs: number },
      ) {
        const [first, second, near] = [alloc(4), alloc(130), alloc(4, 4)];
        seen.push([first, second, near], own.memory.load(first), heldNs);
        return second;
      },
      prepare: (_cpu: PlainCpu, at: number, { index, cpus }: { index: number; cpus: number }) => ({
        at,
        index,
        cpus,
      }),
      finish: (_cpu: PlainCpu, _at: number, { local }: { local: unknown }) => {
        seen.push(local);
      },
    });
    measureAlone(probe, { knobs: { heldNs: 8 } }, cpu);
    expect(seen).toEqual([[8192, 8320, 8576], 0, 8, { at: 8320, index: 0, cpus: 1 }]);
  });

  test('the same seed draws the same numbers, another repeat or seed does not', () => {
    const drawn = (seed: number): number[] => {
      const numbers: number[] = [];
      const prepare = (_cpu: PlainCpu, _at: number, { random }: { random: { next(): number } }) => {
        numbers.push(random.next());
      };
      measureAlone(every50({ prepare }), { seed, repeats: 2 });
      return numbers;
    };
    expect(drawn(5)).toEqual(drawn(5));
    expect(new Set([...drawn(5), ...drawn(6), ...drawn(2 ** 32 + 5)]).size).toBe(6);
  });
});

describe('latency', () => {
  const window = { kind: 'time', warmUpNs: 1e5, measureNs: 2e7 } as const;

  test('is sampled once a chunk, at random places, per operation', () => {
    let calls = 0;
    // Every tenth call is slow. A sample at fixed places would see all of those or none.
    const body = (cpu: PlainCpu): number => {
      cpu.delay(++calls % 10 === 0 ? 1000 : 100);
      return 2;
    };
    const [record] = measureAlone(every50({ body, latency: true }), { window }).repeats;
    const { latency } = record!;
    expect(latency!.samples).toBeGreaterThan(500);
    expect([percentile(latency!, 0.5), latency!.max]).toEqual([50, 500]);
    const slow = latency!.counts.find(([bucket]) => bucket > 64)![1];
    expect(slow / latency!.samples).toBeGreaterThan(0.05);
    expect(slow / latency!.samples).toBeLessThan(0.2);
  });

  test('is what the body records, in sampled calls of the measured part only', () => {
    let sampled = 0;
    const body = (
      cpu: PlainCpu,
      _at: number,
      context: { sampling: boolean; record(ns: number): void },
    ): void => {
      cpu.delay(50);
      if (context.sampling) sampled++;
      context.record(context.sampling ? 42 : 1e6);
    };
    const [record] = measureAlone(every50({ body, latency: 'recorded' }), { window }).repeats;
    expect(record!.latency).toEqual({ samples: sampled, max: 42, counts: [[42, sampled]] });
  });
});

describe('an experiment that misbehaves is told so', () => {
  test.each([
    [
      'body returns text',
      { body: () => 'many' },
      'experiment every-50: body must return how many operations it did, or nothing',
    ],
    ['body returns NaN', { body: () => NaN }, 'its calls add up to NaN'],
    ['body returns less than nothing', { body: () => -1 }, 'its calls add up to -1'],
    [
      'setup returns no address',
      { setup: () => -4 },
      'experiment every-50: setup must return an address or nothing; got -4',
    ],
    [
      'setup wants too much',
      { setup: (_: unknown, c: { alloc(n: number): number }) => c.alloc(4000) + c.alloc(128) },
      'setup asks for 128 bytes (128 with alignment 128), of 4096 only 0 are left; raise arenaBytes',
    ],
    [
      'setup wants nothing',
      { setup: (_: unknown, c: { alloc(n: number): number }) => c.alloc(0) },
      'cannot allocate 0 bytes',
    ],
    [
      'setup aligns oddly',
      { setup: (_: unknown, c: { alloc(n: number, a: number): number }) => c.alloc(8, 12) },
      'an alignment is a power of two; got 12',
    ],
    [
      'what it computed is wrong',
      {
        verify: () => {
          throw new Error('the sum is off by one');
        },
      },
      'the sum is off by one',
    ],
    [
      'body takes no time',
      { body: () => 1 },
      'experiment every-50: 1048576 calls of body took no time at all, so the window never ends',
    ],
    [
      'it sleeps where nobody schedules',
      {
        *body(): Sleeps<void> {
          yield;
        },
      },
      'this experiment sleeps: it needs a CPU with a scheduler',
    ],
  ])('%s', (_case, definition, message) => {
    expect(() => measureAlone(every50(definition))).toThrow(message);
  });

  test('a body that is plain first and sleeps later is caught', () => {
    let calls = 0;
    const body = (cpu: PlainCpu): unknown => (calls++ === 0 ? cpu.delay(50) : sleepingBody(cpu));
    const one = { kind: 'work', warmUpCalls: 0, calls: 2 } as const;
    expect(() => measureAlone(every50({ body }), { window: one })).toThrow(
      'body must return how many operations it did, or nothing',
    );
  });

  test('a CPU that does not take part', () => {
    const cell = chooseCell(every50(), { variant: 'plain', cpus: [3] });
    expect(() => runWithoutSleeping(measure(new PlainCpu(), every50(), cell, PLACE))).toThrow(
      ChoiceError,
    );
    expect(() => runWithoutSleeping(measure(new PlainCpu(), every50(), cell, PLACE))).toThrow(
      'CPU 0 does not take part in this measurement (CPUs 3)',
    );
  });
});
