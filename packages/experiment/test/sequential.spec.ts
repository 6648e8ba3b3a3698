import { describe, expect, test } from 'vitest';
import {
  allocatorSpec,
  counterSpec,
  mapSpec,
  queueSpec,
  registerSpec,
  stackSpec,
} from '../src/index.ts';
import type { SequentialSpec } from '../src/index.ts';

type Call = readonly [operation: string, args: readonly unknown[], result?: unknown];

/** How many of the calls the specification accepts, one after the other. */
function accepted<S>(spec: SequentialSpec<S>, calls: readonly Call[]): number {
  let state: S = spec.initial;
  for (const [i, [operation, args, result]] of calls.entries()) {
    const next = spec.next(state, { operation, args, result, pending: false });
    if (next === undefined) return i;
    state = next;
  }
  return calls.length;
}

describe('each specification accepts its histories, and stops at the first wrong result', () => {
  test.each<[string, SequentialSpec<never>, readonly Call[], number]>([
    // what                    specification        calls, results                      accepted
    [
      'a queue is first in, first out',
      queueSpec() as never,
      [
        ['enqueue', [1]],
        ['enqueue', [2]],
        ['dequeue', [], 1],
        ['dequeue', [], 2],
        ['dequeue', []],
      ],
      5,
    ],
    [
      'twin: a queue that is last in, first out',
      queueSpec() as never,
      [
        ['enqueue', [1]],
        ['enqueue', [2]],
        ['dequeue', [], 2],
      ],
      2,
    ],
    [
      'a full queue says so',
      queueSpec({ capacity: 1, empty: 0 }) as never,
      [
        ['dequeue', [], 0],
        ['enqueue', [1], true],
        ['enqueue', [2], false],
        ['dequeue', [], 1],
      ],
      4,
    ],
    [
      'twin: a queue is full too early',
      queueSpec({ capacity: 2 }) as never,
      [
        ['enqueue', [1], true],
        ['enqueue', [2], false],
      ],
      1,
    ],
    [
      'twin: adding answers something else',
      queueSpec({ added: true }) as never,
      [['enqueue', [1], undefined]],
      0,
    ],
    [
      'a stack is last in, first out',
      stackSpec() as never,
      [
        ['push', [1]],
        ['push', [2]],
        ['pop', [], 2],
        ['pop', [], 1],
        ['pop', []],
      ],
      5,
    ],
    [
      'twin: a stack pops twice',
      stackSpec() as never,
      [
        ['push', [1]],
        ['pop', [], 1],
        ['pop', [], 1],
      ],
      2,
    ],
    [
      'a map',
      mapSpec() as never,
      [
        ['get', ['a']],
        ['set', ['a', 1]],
        ['has', ['a'], true],
        ['get', ['a'], 1],
        ['delete', ['a'], true],
        ['delete', ['a'], false],
      ],
      6,
    ],
    [
      'twin: a map forgets',
      mapSpec() as never,
      [
        ['set', ['a', 1]],
        ['get', ['a']],
      ],
      1,
    ],
    [
      'a register',
      registerSpec(7) as never,
      [
        ['read', [], 7],
        ['compareExchange', [7, 8], 7],
        ['compareExchange', [7, 9], 8],
        ['exchange', [1], 8],
        ['write', [2]],
        ['read', [], 2],
      ],
      6,
    ],
    [
      'twin: a stale register',
      registerSpec() as never,
      [
        ['write', [2]],
        ['read', [], 0],
      ],
      1,
    ],
    [
      'a counter',
      counterSpec() as never,
      [
        ['add', []],
        ['fetchAdd', [2], 1],
        ['read', [], 3],
      ],
      3,
    ],
    [
      'twin: a lost count',
      counterSpec() as never,
      [
        ['add', []],
        ['add', []],
        ['read', [], 1],
      ],
      2,
    ],
    [
      'an allocator',
      allocatorSpec({ capacity: 2 }) as never,
      [
        ['alloc', [8], 16],
        ['alloc', [8], 24],
        ['alloc', [8], 0],
        ['free', [16]],
        ['alloc', [4], 20],
      ],
      5,
    ],
    [
      'twin: blocks that overlap',
      allocatorSpec() as never,
      [
        ['alloc', [8], 16],
        ['alloc', [8], 20],
      ],
      1,
    ],
    [
      'twin: free of what is free',
      allocatorSpec() as never,
      [
        ['alloc', [8], 16],
        ['free', [16]],
        ['free', [16]],
      ],
      2,
    ],
    ['twin: fails with room left', allocatorSpec({ capacity: 1 }) as never, [['alloc', [8], 0]], 0],
  ])('%s', (_title, spec, calls, count) => {
    expect(accepted(spec, calls)).toBe(count);
  });
});

test('an operation that never returned may have had any result', () => {
  const op = { operation: 'dequeue', args: [], result: undefined, pending: true };
  expect(queueSpec().next([1, 2], op)).toEqual([2]);
});

test('keys keep text and numbers apart', () => {
  const spec = queueSpec();
  expect(spec.key([1, 2])).not.toBe(spec.key(['1', 2]));
});

test('mistakes are named', () => {
  expect(() => accepted(queueSpec(), [['push', [1]]])).toThrow(
    'unknown operation of a queue "push". Accepted: enqueue, dequeue.',
  );
  expect(() => stackSpec({ capacity: 0 })).toThrow(
    'stack: capacity must be a whole number, 1 or more; got 0',
  );
});
