/** The queue under timers, held against a sorted list: same order, same first, whatever is done to it. */
import { createMemory, memblockAlloc } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  timerqueueAdd,
  timerqueueCount,
  timerqueueDel,
  timerqueueExpires,
  timerqueueFirst,
  TimerqueueHead,
  TimerqueueNode,
} from '../../src/timer/timerqueue.ts';

const NODES = 24;

interface Queue {
  readonly memory: Memory;
  readonly head: Ptr;
  readonly nodes: readonly Ptr[];
}

function emptyQueue(): Queue {
  const memory = createMemory({ bytes: 1 << 16, backend: 'atomics' });
  const head = memblockAlloc(memory, TimerqueueHead.size);
  const nodes = Array.from({ length: NODES }, () =>
    memblockAlloc(memory, TimerqueueNode.size, TimerqueueNode.align),
  );
  return { memory, head, nodes };
}

/** What a queue is: a list in order of expiry, equals in order of arrival. */
class SortedList {
  readonly entries: { node: number; expires: number }[] = [];

  add(node: number, expires: number): void {
    const behind = this.entries.findIndex((entry) => entry.expires > expires);
    this.entries.splice(behind === -1 ? this.entries.length : behind, 0, { node, expires });
  }

  del(node: number): void {
    this.entries.splice(
      this.entries.findIndex((entry) => entry.node === node),
      1,
    );
  }

  has(node: number): boolean {
    return this.entries.some((entry) => entry.node === node);
  }
}

type Step =
  | { readonly kind: 'add' | 'del' | 'mod'; readonly node: number; readonly expires: number }
  | { readonly kind: 'pop' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('add' as const, 'add' as const, 'del' as const, 'mod' as const),
    node: fc.nat(NODES - 1),
    // Few distinct values, so that equals are common; and the ends of what a number can hold.
    expires: fc.oneof(
      fc.nat(6),
      fc.constantFrom(-1, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 2 ** 32),
    ),
  }),
  fc.constant({ kind: 'pop' as const }),
);

/** Runs the steps on both; says where they first differ. */
function compare(steps: readonly Step[], add: typeof timerqueueAdd): string | undefined {
  const { memory, head, nodes } = emptyQueue();
  const model = new SortedList();
  for (const [index, one] of steps.entries()) {
    if (one.kind === 'pop') {
      const first = timerqueueFirst(memory, head);
      if (first !== 0) {
        timerqueueDel(memory, head, first);
        model.del(nodes.indexOf(first));
      }
    } else {
      const queued = model.has(one.node);
      if (queued && one.kind !== 'add') {
        timerqueueDel(memory, head, nodes[one.node]!);
        model.del(one.node);
      }
      if ((one.kind === 'add' && !queued) || (one.kind === 'mod' && queued)) {
        add(memory, head, nodes[one.node]!, one.expires);
        model.add(one.node, one.expires);
      }
    }
    const expected = model.entries[0];
    const first = timerqueueFirst(memory, head);
    const at = `after step ${index}`;
    if (timerqueueCount(memory, head) !== model.entries.length) return `count ${at}`;
    if (nodes.indexOf(first) !== (expected?.node ?? -1)) return `first ${at}`;
    if (expected !== undefined && timerqueueExpires(memory, first) !== expected.expires) {
      return `expiry ${at}`;
    }
  }
  for (const expected of model.entries) {
    const first = timerqueueFirst(memory, head);
    if (nodes.indexOf(first) !== expected.node) return 'order of what is left';
    timerqueueDel(memory, head, first);
  }
  return timerqueueFirst(memory, head) === 0 ? undefined : 'not empty at the end';
}

/** Two additions at the same time in the wrong order. */
const lastComeFirstServed: typeof timerqueueAdd = (memory, head, node, expires) => {
  const added = timerqueueAdd(memory, head, node, expires);
  const first = timerqueueFirst(memory, head);
  if (first === node || timerqueueExpires(memory, first) !== expires) return added;
  timerqueueDel(memory, head, first);
  timerqueueAdd(memory, head, first, expires);
  return added;
};

describe('timerqueue', () => {
  test('does what a sorted list does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        expect(compare(steps, timerqueueAdd)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('twin: a queue that reverses equals is caught', () => {
    const { failed } = fc.check(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        (steps) => compare(steps, lastComeFirstServed) === undefined,
      ),
      { numRuns: 300, seed: 1 },
    );
    expect(failed).toBe(true);
  });

  test.each([
    // case                 added in this order  first of all when added
    ['ascending', [1, 2, 3], [true, false, false]],
    ['descending', [3, 2, 1], [true, true, true]],
    ['equal', [5, 5, 5], [true, false, false]],
    ['negative', [0, -1, 2], [true, true, false]],
  ])('add says whether the node is now the first: %s', (_case, expiries, answers) => {
    const { memory, head, nodes } = emptyQueue();
    const said = expiries.map((expires, i) => timerqueueAdd(memory, head, nodes[i]!, expires));
    expect(said).toEqual(answers);
  });

  test('the sequence number wraps and equals still come in order', () => {
    const { memory, head, nodes } = emptyQueue();
    memory.write(head + TimerqueueHead.sequence, 0xffff_fffe);
    for (const node of nodes) timerqueueAdd(memory, head, node, 7);
    for (const node of nodes) {
      expect(timerqueueFirst(memory, head)).toBe(node);
      timerqueueDel(memory, head, node);
    }
  });

  test('10,000 in ascending order, then all out: no deep recursion, no slow tail', () => {
    const memory = createMemory({ bytes: 1 << 20, backend: 'atomics' });
    const head = memblockAlloc(memory, TimerqueueHead.size);
    const many = 10_000;
    const block = memblockAlloc(memory, many * TimerqueueNode.size);
    for (let i = 0; i < many; i++) timerqueueAdd(memory, head, block + i * TimerqueueNode.size, i);
    for (let i = 0; i < many; i++) {
      expect(timerqueueFirst(memory, head)).toBe(block + i * TimerqueueNode.size);
      timerqueueDel(memory, head, block + i * TimerqueueNode.size);
    }
  });
});
