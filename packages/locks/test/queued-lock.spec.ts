/** The word of the queued locks, state by state; bits and local locks, in one thread. */
import type { Cpu } from '@percpu/machine';
import { CACHE_LINE, memblockAlloc, percpuAlloc } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import {
  bitSpinLock,
  bitSpinTrylock,
  bitSpinUnlock,
  clh,
  clhDestroy,
  LocalLock,
  localLock,
  localLockIrqsave,
  localLockIsLocked,
  localTrylock,
  localTrylockIrqsave,
  localUnlock,
  localUnlockIrqrestore,
  NOT_TAKEN,
} from '../src/index.ts';
import { decodeTail, encodeTail, QueuedNode } from '../src/spin/queued-layout.ts';
import { NOT_HELD, queuedSteps, releaseQueued } from '../src/spin/queued-steps.ts';
import { cpusInOneThread } from './support/one-thread.ts';

describe('release of a queued lock', () => {
  const memory = cpusInOneThread(1, { checked: false, backend: 'wasm' })[0]!.memory;
  const forms = [
    ['plain', (at: number) => releaseQueued(memory, at)],
    ['composite', queuedSteps(memory)!],
  ] as const;
  // prettier-ignore
  const table: readonly [string, number, number, number][] = [
    // case                     word         answer           leaves
    ['nobody waits',            0x0000_0001, 0,               0x0000_0000],
    ['one is pending',          0x0000_0101, 0x100,           0x0000_0100],
    ['CPU 1 queues, node 2',    0x000a_0001, 0x000a_0000,     0x000a_0000],
    ['a CPU with a high number', 0xfffc_0101, 0xfffc_0100 | 0, 0xfffc_0100],
    ['not held',                0x0000_0000, NOT_HELD,        0x0000_0000],
    ['not held, but awaited',   0x0004_0100, NOT_HELD,        0x0004_0100],
  ];
  test.each(
    forms.flatMap(([form, release]) => table.map((row) => [form, ...row, release] as const)),
  )('%s: %s', (_form, _case, word, answer, leaves, release) => {
    const at = memblockAlloc(memory, CACHE_LINE);
    memory.store(at, word);
    expect([release(at), memory.load(at)]).toEqual([answer, leaves]);
  });
});

test.each([
  [0, 0],
  [0, 3],
  [1, 0],
  [4095, 2],
])('CPU %d, node %d: a tail that is not 0 and leads back', (cpu, index) => {
  const code = encodeTail(cpu, index);
  expect(code).toBeGreaterThan(0);
  expect(code).toBeLessThan(2 ** 16);
  expect(decodeTail(1000, 4096, code)).toBe(1000 + cpu * 4096 + index * QueuedNode.size);
});

describe('clh', () => {
  test('a lock gives its node back when it is destroyed, and can be taken again', () => {
    const [cpu] = cpusInOneThread(1) as [Cpu];
    const at = memblockAlloc(cpu.memory, CACHE_LINE);
    for (let turn = 0; turn < 3; turn++) {
      clh.lock(cpu, at);
      clh.unlock(cpu, at);
      clhDestroy(cpu, at);
      expect([cpu.memory.load(at), clh.isLocked(cpu, at)]).toEqual([0, false]);
    }
  });

  test('destroying a lock that is held is a BUG', () => {
    const [cpu] = cpusInOneThread(1) as [Cpu];
    const at = memblockAlloc(cpu.memory, CACHE_LINE);
    clh.lock(cpu, at);
    expect(() => clhDestroy(cpu, at)).toThrow(/destruction of a clh lock that is held, lock: 0x/);
  });
});

describe('bit locks', () => {
  test('leave the other bits alone', () => {
    const [cpu] = cpusInOneThread(1) as [Cpu];
    const at = memblockAlloc(cpu.memory, 4);
    cpu.memory.store(at, 0x10);
    bitSpinLock(cpu, 31, at);
    bitSpinLock(cpu, 0, at);
    expect([cpu.memory.load(at), cpu.preemptCount()]).toEqual([0x8000_0011, 2]);
    expect(bitSpinTrylock(cpu, 31, at)).toBe(false);
    bitSpinUnlock(cpu, 31, at);
    bitSpinUnlock(cpu, 0, at);
    expect([cpu.memory.load(at), cpu.preemptCount()]).toEqual([0x10, 0]);
  });

  // prettier-ignore
  test.each<[string, (cpu: Cpu, at: number) => void, RegExp]>([
    ['unlock of a free one', (cpu, at) => bitSpinUnlock(cpu, 4, at),  /unlock of a free bit lock: bit 4 of 0x/],
    ['bit 32',               (cpu, at) => bitSpinLock(cpu, 32, at),   /bit 32 of 0x[0-9a-f]+; accepted are 0 to 31/],
    ['bit -1',               (cpu, at) => bitSpinTrylock(cpu, -1, at), /accepted are 0 to 31/],
  ])('%s is a BUG', (_case, mistake, message) => {
    const [cpu] = cpusInOneThread(1) as [Cpu];
    expect(() => mistake(cpu, memblockAlloc(cpu.memory, 4))).toThrow(message);
  });
});

describe('local locks', () => {
  const make = (): [Cpu, Cpu, number] => {
    const [cpu, other] = cpusInOneThread(2) as [Cpu, Cpu];
    return [cpu, other, percpuAlloc(cpu.memory, cpu.machine.percpu, LocalLock.size, 4)];
  };

  test('each CPU has its own', () => {
    const [cpu, other, lock] = make();
    localLock(cpu, lock);
    const flags = localLockIrqsave(other, lock);
    expect([cpu.preemptCount(), cpu.irqsDisabled(), other.irqsDisabled()]).toEqual([
      1,
      false,
      true,
    ]);
    localUnlock(cpu, lock);
    expect([localLockIsLocked(cpu, lock), localLockIsLocked(other, lock)]).toEqual([false, true]);
    localUnlockIrqrestore(other, lock, flags);
    expect([cpu.preemptCount(), other.irqsDisabled()]).toEqual([0, false]);
  });

  test('trylock of one that is held leaves everything as it was', () => {
    const [cpu, , lock] = make();
    localLock(cpu, lock);
    expect([localTrylock(cpu, lock), localTrylockIrqsave(cpu, lock)]).toEqual([false, NOT_TAKEN]);
    expect([cpu.preemptCount(), cpu.irqsDisabled()]).toEqual([1, false]);
    localUnlock(cpu, lock);
    expect(localTrylock(cpu, lock)).toBe(true);
    localUnlock(cpu, lock);
  });

  // prettier-ignore
  test.each<[string, (cpu: Cpu, lock: number) => void, RegExp]>([
    ['taken twice',        (cpu, lock) => { localLock(cpu, lock); localLock(cpu, lock); }, /recursion on CPU#0/],
    ['unlocked when free', (cpu, lock) => localUnlock(cpu, lock),                         /already unlocked|not held|held by nobody/],
  ])('%s is a BUG', (_case, mistake, message) => {
    const [cpu, , lock] = make();
    expect(() => mistake(cpu, lock)).toThrow(message);
  });
});
