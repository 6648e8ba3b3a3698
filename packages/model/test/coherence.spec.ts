import { beforeEach, describe, expect, test } from 'vitest';
import { Coherence, Need } from '../src/coherence/coherence.ts';
import type { NeedCode } from '../src/coherence/coherence.ts';
import { Line } from '../src/coherence/line.ts';
import { costsOf } from '../src/profile/costs.ts';
import { PROFILES } from '../src/profile/profiles.ts';
import { LEVEL_NAMES, Topology } from '../src/profile/topology.ts';

const profile = PROFILES[0]!;
const costs = costsOf(profile);
const { hit, rmw, refetch, grip, smtSlowdown } = costs;
const [, , llc, socket, remote, , memory] = [...costs.transfer] as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

let coherence: Coherence;
let line: Line;

beforeEach(() => {
  coherence = new Coherence(new Topology(profile.topology, 96), costs);
  line = new Line(0);
});

const { read, write, update } = Need;
/** A request, as [where the line came from, ns until the CPU goes on]. */
function ask(cpu: number, need: NeedCode, now: number): [string, number] {
  coherence.take(line, cpu, need, now);
  return [LEVEL_NAMES[coherence.level], Math.round((coherence.done - now) * 1000) / 1000];
}

type Step = readonly [cpu: number, need: NeedCode, from: string, ns: number];

describe('one after the other', () => {
  test.each<[string, readonly Step[]]>([
    [
      'first touch, then mine',
      [
        [0, read, 'memory', memory + hit],
        [0, read, 'own', hit],
        [0, update, 'own', rmw],
      ],
    ],
    [
      'a dirty line from my cache',
      [
        [0, update, 'memory', memory + rmw],
        [1, update, 'llc', llc + rmw],
      ],
    ],
    [
      'from another cache',
      [
        [0, update, 'memory', memory + rmw],
        [8, update, 'socket', socket + rmw],
      ],
    ],
    [
      'from another socket',
      [
        [0, update, 'memory', memory + rmw],
        [48, read, 'remote', remote + hit],
      ],
    ],
    [
      'shared by reading',
      [
        [0, write, 'memory', memory + hit],
        [1, read, 'llc', llc + hit],
        [0, read, 'own', hit],
        [1, read, 'own', hit],
      ],
    ],
    [
      'the nearest copy will do',
      [
        [0, read, 'memory', memory + hit],
        [48, read, 'remote', remote + hit],
        [49, read, 'llc', llc + hit],
      ],
    ],
    [
      'taking copies away waits for the furthest',
      [
        [0, read, 'memory', memory + hit],
        [48, read, 'remote', remote + hit],
        [0, update, 'remote', remote + rmw],
        [0, update, 'own', rmw],
      ],
    ],
    [
      'what was taken away is gone',
      [
        [0, read, 'memory', memory + hit],
        [1, read, 'llc', llc + hit],
        [0, write, 'llc', llc + hit],
        [1, read, 'llc', llc + hit],
      ],
    ],
  ])('%s', (_name, steps) => {
    const found = steps.map(([cpu, need], i) => ask(cpu, need, i * 10_000));
    const exact = (ns: number): number => Math.round(ns * 1000) / 1000;
    expect(found).toEqual(steps.map(([, , from, ns]) => [from, exact(ns)]));
  });
});

describe('all at once', () => {
  /** ns between increments of CPUs that make nothing else, two that are `level` apart. */
  function interval(far: number): number {
    const next = new Float64Array(96).fill(Infinity);
    next[0] = next[far] = 0;
    let operations = 0;
    let now = 0;
    while (operations < 20_000) {
      const cpu = next[0] <= next[far] ? 0 : far;
      now = next[cpu]!;
      coherence.take(line, cpu, update, now);
      if (coherence.behind > 0) coherence.served(line);
      next[cpu] = coherence.done;
      operations++;
    }
    return now / operations;
  }

  test.each([
    ['of one cache', 1, llc],
    ['of two caches', 8, socket],
    ['of two sockets', 48, remote],
  ])(
    'read-modify-writes %s follow each other faster than the line travels',
    (_name, far, travel) => {
      const expected = (travel + rmw) / (1 + (grip * travel) / rmw);
      expect(Math.abs(interval(far) / expected - 1)).toBeLessThan(0.1);
      expect(expected).toBeLessThan(travel);
    },
  );

  test('who works in between gets one operation for each journey', () => {
    ask(0, update, 0);
    const begin = coherence.done;
    coherence.take(line, 8, update, 1);
    expect([coherence.start, coherence.effect]).toEqual([begin, begin + socket]);
    expect(coherence.done).toBe(begin + socket + rmw);
    // The other one still has it, for a part of the way.
    expect(ask(0, update, begin + grip * socket - rmw)).toEqual(['own', rmw]);
    expect(ask(0, update, begin + grip * socket)[0]).toBe('socket');
  });

  test('readers are served one by one', () => {
    ask(0, update, 0);
    const begin = coherence.done;
    const exact = (ns: number): number => Math.round(ns * 1000) / 1000;
    const copies = [1, 2, 3].map((cpu) => {
      coherence.take(line, cpu, read, 5);
      return [exact(coherence.start - begin), exact(coherence.done - coherence.start)];
    });
    // Copies set off one after the other; each of them travels.
    const travels = exact(llc + hit);
    expect(copies).toEqual([0, refetch, 2 * refetch].map((start) => [start, travels]));
  });

  test('the queue is empty again when all have been served', () => {
    ask(0, update, 0);
    for (const cpu of [1, 2]) coherence.take(line, cpu, update, 1);
    for (const _ of [1, 2]) coherence.served(line);
    expect(line.waiting).toBe(0);
    expect(ask(3, update, 1e6)).toEqual(['llc', llc + rmw]);
  });
});

describe('two threads of a core', () => {
  test('each is slower while the other one runs, and reaches its lines sooner', () => {
    coherence = new Coherence(new Topology(profile.topology, 192), costs);
    ask(0, update, 0);
    expect(ask(0, update, 1000)).toEqual(['own', Math.round(rmw * smtSlowdown * 1000) / 1000]);
    coherence.active[96] = 0;
    expect(ask(0, update, 2000)).toEqual(['own', rmw]);
    expect(ask(96, read, 3000)[0]).toBe('smt');
  });
});
