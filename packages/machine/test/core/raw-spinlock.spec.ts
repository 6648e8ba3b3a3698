/** The spin lock of the machine's own structures. On threads: queueStorm in timer-threads.spec.ts. */
import { memblockAlloc } from '@percpu/memory';
import { expect, test } from 'vitest';
import {
  rawSpinLock,
  rawSpinLockIrqsave,
  rawSpinTrylock,
  rawSpinUnlock,
  rawSpinUnlockIrqrestore,
} from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { clockedCpus } from '../support/clocked-cpus.ts';

function two(): { first: Cpu; second: Cpu; lock: number } {
  const { cpus, memory } = clockedCpus({ cpus: 2 });
  return { first: cpus[0]!, second: cpus[1]!, lock: memblockAlloc(memory, 4) };
}

test('the word says who holds it; preemption is off meanwhile', () => {
  const { second, lock } = two();
  rawSpinLock(second, lock);
  expect([second.memory.load(lock), second.preemptCount()]).toEqual([2, 1]);
  rawSpinUnlock(second, lock);
  expect([second.memory.load(lock), second.preemptCount()]).toEqual([0, 0]);
});

test('irqsave and irqrestore nest', () => {
  const { first, lock } = two();
  const other = memblockAlloc(first.memory, 4);
  const outer = rawSpinLockIrqsave(first, lock);
  const inner = rawSpinLockIrqsave(first, other);
  expect([outer, inner, first.irqsDisabled()]).toEqual([0, 1, true]);
  rawSpinUnlockIrqrestore(first, other, inner);
  expect(first.irqsDisabled()).toBe(true);
  rawSpinUnlockIrqrestore(first, lock, outer);
  expect([first.irqsDisabled(), first.preemptCount()]).toEqual([false, 0]);
});

test('trylock takes a free one only, and leaves the context alone when it fails', () => {
  const { first, second, lock } = two();
  expect([rawSpinTrylock(first, lock), rawSpinTrylock(second, lock)]).toEqual([true, false]);
  expect([first.preemptCount(), second.preemptCount()]).toEqual([1, 0]);
});

test.each<[string, (first: Cpu, second: Cpu, lock: number) => void, RegExp]>([
  [
    'taken twice',
    (a, _b, l) => [l, l].forEach((one) => rawSpinLock(a, one)),
    /spinlock recursion on CPU#0/,
  ],
  ['released when free', (a, _b, l) => rawSpinUnlock(a, l), /released by CPU#0, held by nobody/],
  ['released by another', otherReleases, /released by CPU#1, held by CPU#0/],
])('a BUG: %s', (_case, does, message) => {
  const { first, second, lock } = two();
  expect(() => does(first, second, lock)).toThrow(message);
});

function otherReleases(first: Cpu, second: Cpu, lock: number): void {
  rawSpinLock(first, lock);
  rawSpinUnlock(second, lock);
}
