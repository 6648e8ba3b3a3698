import {
  allocatorSpec,
  counterSpec,
  mapSpec,
  queueSpec,
  registerSpec,
  stackSpec,
} from '@percpu/experiment';
import type { SequentialSpec } from '@percpu/experiment';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../src/engine/call.ts';
import { checkHistory } from '../src/findings/linearizability/check-history.ts';
import { drawHistory } from '../src/findings/linearizability/history-drawing.ts';
import { notLinearizableMessage } from '../src/findings/linearizability/linearizability-observer.ts';

/** CPU, when it began, when it returned, what, with what, and what came of it. */
type Row = readonly [
  cpu: number,
  invoked: number,
  returned: number,
  operation: string,
  args?: readonly unknown[],
  result?: unknown,
];

const history = (rows: readonly Row[]): Call[] =>
  rows.map(([cpu, invoked, returned, operation, args = [], result]) => ({
    cpu,
    invoked,
    returned,
    operation,
    args,
    result,
  }));

const NEVER = Infinity;

describe('each object, and its busted twin', () => {
  test.each<[string, SequentialSpec<never>, readonly Row[], boolean]>([
    [
      'queue: overlapping enqueues may take either order',
      queueSpec() as never,
      [
        [0, 0, 3, 'enqueue', [1]],
        [1, 1, 2, 'enqueue', [2]],
        [0, 4, 5, 'dequeue', [], 2],
        [1, 6, 7, 'dequeue', [], 1],
      ],
      true,
    ],
    [
      'busted queue: one after the other, and yet the wrong way round',
      queueSpec() as never,
      [
        [0, 0, 1, 'enqueue', [1]],
        [1, 2, 3, 'enqueue', [2]],
        [0, 4, 5, 'dequeue', [], 2],
      ],
      false,
    ],
    [
      'busted queue: empty although something is in it',
      queueSpec() as never,
      [
        [0, 0, 1, 'enqueue', [1]],
        [1, 2, 3, 'dequeue', [], undefined],
      ],
      false,
    ],
    [
      'stack: pop overlaps push',
      stackSpec() as never,
      [
        [0, 0, 3, 'push', [1]],
        [1, 1, 2, 'pop', [], 1],
      ],
      true,
    ],
    [
      'busted stack: ABA hands one value out twice',
      stackSpec() as never,
      [
        [0, 0, 1, 'push', [1]],
        [0, 2, 5, 'pop', [], 1],
        [1, 3, 4, 'pop', [], 1],
      ],
      false,
    ],
    [
      'map: keys are independent',
      mapSpec() as never,
      [
        [0, 0, 1, 'set', ['a', 1]],
        [1, 2, 5, 'set', ['b', 2]],
        [0, 3, 4, 'get', ['b'], undefined],
        [0, 6, 7, 'get', ['a'], 1],
      ],
      true,
    ],
    [
      'busted map: a read goes back in time',
      mapSpec() as never,
      [
        [0, 0, 5, 'set', ['a', 1]],
        [1, 1, 2, 'get', ['a'], 1],
        [1, 3, 4, 'get', ['a'], undefined],
      ],
      false,
    ],
    [
      'allocator: freed and handed out again',
      allocatorSpec() as never,
      [
        [0, 0, 1, 'alloc', [8], 64],
        [0, 2, 5, 'free', [64]],
        [1, 3, 4, 'alloc', [8], 64],
      ],
      true,
    ],
    [
      'busted allocator: the same block twice',
      allocatorSpec() as never,
      [
        [0, 0, 3, 'alloc', [8], 64],
        [1, 1, 2, 'alloc', [8], 64],
      ],
      false,
    ],
    [
      'counter: two increments',
      counterSpec() as never,
      [
        [0, 0, 3, 'fetchAdd', [1], 1],
        [1, 1, 2, 'fetchAdd', [1], 0],
        [0, 4, 5, 'read', [], 2],
      ],
      true,
    ],
    [
      'busted counter: a lost increment',
      counterSpec() as never,
      [
        [0, 0, 3, 'add', [1]],
        [1, 1, 2, 'add', [1]],
        [0, 4, 5, 'read', [], 1],
      ],
      false,
    ],
    [
      'register: a read may see an overlapping write or not',
      registerSpec() as never,
      [
        [0, 0, 5, 'write', [1]],
        [1, 1, 2, 'read', [], 0],
        [1, 3, 4, 'read', [], 1],
      ],
      true,
    ],
    [
      'busted register: new, then old',
      registerSpec() as never,
      [
        [0, 0, 5, 'write', [1]],
        [1, 1, 2, 'read', [], 1],
        [1, 3, 4, 'read', [], 0],
      ],
      false,
    ],
    [
      'one that never returned may have happened',
      queueSpec() as never,
      [
        [0, 0, NEVER, 'enqueue', [1]],
        [1, 1, 2, 'dequeue', [], 1],
      ],
      true,
    ],
    [
      '… or not',
      queueSpec() as never,
      [
        [0, 0, NEVER, 'enqueue', [1]],
        [1, 1, 2, 'dequeue', [], undefined],
      ],
      true,
    ],
    ['nothing at all', queueSpec() as never, [], true],
  ])('%s', (_title, spec, rows, linearizable) => {
    const calls = history(rows);
    const checked = checkHistory(spec, calls);
    expect(checked.linearizable).toBe(linearizable);
    expect(checked.stuck.length > 0).toBe(!linearizable);
    if (linearizable) expect(checked.order.length).toBeLessThanOrEqual(calls.length);
  });
});

/** All orders, tried one by one. */
function bruteForce(spec: SequentialSpec, calls: readonly Call[]): boolean {
  const go = (state: unknown, left: readonly Call[]): boolean =>
    left.length === 0 ||
    left.some((call) => {
      if (left.some((other) => other.returned < call.invoked)) return false;
      const next = spec.next(state, { ...call, pending: false });
      return (
        next !== undefined &&
        go(
          next,
          left.filter((other) => other !== call),
        )
      );
    });
  return go(spec.initial, calls);
}

test('agrees with trying all orders, on histories that a real queue might or might not have', () => {
  const operation = fc.oneof(
    fc.record({ operation: fc.constant('enqueue'), value: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ operation: fc.constant('dequeue'), value: fc.integer({ min: 0, max: 3 }) }),
  );
  const both = { yes: 0, no: 0 };
  fc.assert(
    fc.property(
      fc.array(fc.tuple(operation, fc.nat(20), fc.integer({ min: 1, max: 8 }), fc.nat(2)), {
        minLength: 1,
        maxLength: 6,
      }),
      (drawn) => {
        const calls = drawn.map(([{ operation: name, value }, invoked, takes, cpu], i) => ({
          cpu,
          operation: name,
          args: name === 'enqueue' ? [value] : [],
          result: name === 'enqueue' ? undefined : value === 0 ? undefined : value,
          // No two events at one time.
          invoked: invoked * 100 + i,
          returned: (invoked + takes) * 100 + 50 + i,
        }));
        const expected = bruteForce(queueSpec(), calls);
        both[expected ? 'yes' : 'no']++;
        expect(checkHistory(queueSpec(), calls).linearizable).toBe(expected);
      },
    ),
    { seed: 7, numRuns: 400 },
  );
  expect(Math.min(both.yes, both.no)).toBeGreaterThan(50);
});

test('memory makes the difference: 16 operations at once, none of which fits', () => {
  const rows: Row[] = Array.from({ length: 16 }, (_, i) => [i, i, 100 + i, 'add', [1]]);
  const calls = history([...rows, [16, 200, 201, 'read', [], 17]]);
  const checked = checkHistory(counterSpec(), calls);
  expect(checked.linearizable).toBe(false);
  expect(checked.configurations).toBe(2 ** 16 - 1);
  expect(() => checkHistory(counterSpec(), calls, 1000)).toThrow(
    'linearizability: more than 1000 configurations of 17 operations on a counter',
  );
});

describe('the failure is drawn', () => {
  const rows: readonly Row[] = [
    [0, 0, 2, 'enqueue', [1]],
    [1, 1, 3, 'enqueue', [2]],
    [0, 4, 7, 'dequeue', [], 2],
    [1, 5, 6, 'dequeue', [], 2],
  ];

  test('as lines of time', () => {
    const checked = checkHistory(queueSpec(), history(rows));
    expect(notLinearizableMessage(queueSpec(), checked)).toBe(
      [
        'no order of these 4 operations on a queue explains what they returned:',
        '  CPU 0  ├ enqueue(1) ┤   ├ dequeue() → 2 ────┤',
        '  CPU 1    ├ enqueue(2) ┤   ├ dequeue() → 2 ┤',
        '  explained at most: enqueue(2), enqueue(1), dequeue() → 2',
        '  then impossible:   dequeue() → 2 (CPU 1)',
      ].join('\n'),
    );
  });

  test('what an interrupt called, and what never returned', () => {
    expect(
      drawHistory(
        history([
          [0, 0, 3, 'push', ['a']],
          [0, 1, 2, 'push', ['b']],
          [1, 4, NEVER, 'pop'],
        ]),
      ),
    ).toBe(
      [
        'CPU 0  ├ push("a") ────┤',
        '         ├ push("b") ┤',
        'CPU 1                    ├ pop() …',
      ].join('\n'),
    );
  });

  test('too wide, and it is a list', () => {
    expect(drawHistory(history(rows), 40).split('\n')).toEqual([
      'CPU 0  enqueue(1) …',
      'CPU 1  enqueue(2) …',
      'CPU 0  … enqueue(1)',
      'CPU 1  … enqueue(2)',
      'CPU 0  dequeue() …',
      'CPU 1  dequeue() …',
      'CPU 1  … dequeue() → 2',
      'CPU 0  … dequeue() → 2',
    ]);
  });
});
