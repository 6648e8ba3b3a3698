/** Reference counts and lockrefs: what each function makes of each count, and real threads that share one. */
import { attachCpu, readDmesg, bringUpMachine } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { Machine } from '@percpu/machine/boot';
import { CACHE_LINE, createMemory, memblockAlloc } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import {
  Lockref,
  lockrefCount,
  lockrefGet,
  lockrefGetNotDead,
  lockrefGetNotZero,
  lockrefInit,
  lockrefIsDead,
  lockrefLock,
  lockrefMarkDead,
  lockrefPutNotZero,
  lockrefPutOrLock,
  lockrefPutReturn,
  lockrefUnlock,
  Mutex,
  mutexIsLocked,
  mutexUnlock,
  NOT_TAKEN,
  Refcount,
  REFCOUNT_MAX,
  REFCOUNT_SATURATED,
  refcountAdd,
  refcountAddNotZero,
  refcountDec,
  refcountDecAndLock,
  refcountDecAndLockIrqsave,
  refcountDecAndMutexLock,
  refcountDecAndTest,
  refcountDecIfOne,
  refcountDecNotOne,
  refcountInc,
  refcountIncNotZero,
  refcountRead,
  refcountSet,
  refcountSubAndTest,
  ticket,
  TicketLock,
} from '../src/index.ts';

function oneCpu(): Cpu {
  const memory = createMemory({ bytes: 16 << 20, backend: 'atomics' });
  bringUpMachine(memory, { cpus: 1, parameters: { panic_on_oops: false } });
  return attachCpu(memory, 0);
}

const warnings = ({ memory, machine }: Cpu): string[] =>
  readDmesg(memory, machine.dmesg)
    .lines.map(({ text }) => text)
    .filter((text) => text.startsWith('refcount_t'));

const STUCK = REFCOUNT_SATURATED | 0;
const SATURATED = 'refcount_t: saturated; leaking memory.';
const ADDED = 'refcount_t: addition on 0; use-after-free.';
const UNDER = 'refcount_t: underflow; use-after-free.';
const LEAKED = 'refcount_t: decrement hit 0; leaking memory.';

describe('refcount', () => {
  // prettier-ignore
  test.each<[string, number, (cpu: Cpu, at: number) => unknown, unknown, number, string[]]>([
    // case                          count         what                                          answers  leaves      warns
    ['inc',                          1,            (cpu, at) => refcountInc(cpu, at),            undefined, 2,            []],
    ['add',                          1,            (cpu, at) => refcountAdd(cpu, at, 5),         undefined, 6,            []],
    ['inc of 0',                     0,            (cpu, at) => refcountInc(cpu, at),            undefined, STUCK,        [ADDED]],
    ['inc up to the middle',         REFCOUNT_MAX - 1, (cpu, at) => refcountInc(cpu, at),        undefined, REFCOUNT_MAX, []],
    ['inc beyond the middle',        REFCOUNT_MAX, (cpu, at) => refcountInc(cpu, at),            undefined, STUCK,        [SATURATED]],
    ['add beyond the middle',        REFCOUNT_MAX - 3, (cpu, at) => refcountAdd(cpu, at, 4),     undefined, STUCK,        [SATURATED]],
    ['inc of a saturated one',       REFCOUNT_SATURATED, (cpu, at) => refcountInc(cpu, at),      undefined, STUCK,        [SATURATED]],
    ['incNotZero',                   1,            (cpu, at) => refcountIncNotZero(cpu, at),     true,      2,            []],
    ['incNotZero of 0',              0,            (cpu, at) => refcountIncNotZero(cpu, at),     false,     0,            []],
    ['incNotZero beyond the middle', REFCOUNT_MAX, (cpu, at) => refcountIncNotZero(cpu, at),     true,      STUCK,        [SATURATED]],
    ['addNotZero',                   2,            (cpu, at) => refcountAddNotZero(cpu, at, 3),  true,      5,            []],
    ['decAndTest',                   2,            (cpu, at) => refcountDecAndTest(cpu, at),     false,     1,            []],
    ['decAndTest of the last',       1,            (cpu, at) => refcountDecAndTest(cpu, at),     true,      0,            []],
    ['decAndTest of 0',              0,            (cpu, at) => refcountDecAndTest(cpu, at),     false,     STUCK,        [UNDER]],
    ['decAndTest of a saturated one', REFCOUNT_SATURATED, (cpu, at) => refcountDecAndTest(cpu, at), false,  STUCK,        [UNDER]],
    ['subAndTest of all',            3,            (cpu, at) => refcountSubAndTest(cpu, at, 3),  true,      0,            []],
    ['subAndTest of more',           3,            (cpu, at) => refcountSubAndTest(cpu, at, 4),  false,     STUCK,        [UNDER]],
    ['dec',                          3,            (cpu, at) => refcountDec(cpu, at),            undefined, 2,            []],
    ['dec of the last',              1,            (cpu, at) => refcountDec(cpu, at),            undefined, STUCK,        [LEAKED]],
    ['dec of 0',                     0,            (cpu, at) => refcountDec(cpu, at),            undefined, STUCK,        [LEAKED]],
    ['decIfOne',                     1,            (cpu, at) => refcountDecIfOne(cpu, at),       true,      0,            []],
    ['decIfOne of 2',                2,            (cpu, at) => refcountDecIfOne(cpu, at),       false,     2,            []],
    ['decNotOne',                    2,            (cpu, at) => refcountDecNotOne(cpu, at),      true,      1,            []],
    ['decNotOne of the last',        1,            (cpu, at) => refcountDecNotOne(cpu, at),      false,     1,            []],
    ['decNotOne of 0',               0,            (cpu, at) => refcountDecNotOne(cpu, at),      true,      0,            [UNDER]],
    ['decNotOne of a saturated one', REFCOUNT_SATURATED, (cpu, at) => refcountDecNotOne(cpu, at), true,     STUCK,        []],
  ])('%s', (_case, count, operation, answer, left, warned) => {
    const cpu = oneCpu();
    const at = memblockAlloc(cpu.memory, Refcount.size);
    refcountSet(cpu, at, count);
    expect(operation(cpu, at)).toBe(answer);
    expect(refcountRead(cpu, at)).toBe(left);
    expect(warnings(cpu)).toEqual(warned);
  });

  test('each warning comes once on a machine', () => {
    const cpu = oneCpu();
    const at = memblockAlloc(cpu.memory, Refcount.size);
    for (let i = 0; i < 3; i++) refcountDecAndTest(cpu, at);
    expect(warnings(cpu)).toEqual([UNDER]);
  });

  test('the last reference comes with the lock, others do not', () => {
    const cpu = oneCpu();
    const at = memblockAlloc(cpu.memory, Refcount.size);
    const lock = memblockAlloc(cpu.memory, TicketLock.size);
    const mutex = memblockAlloc(cpu.memory, Mutex.size);

    refcountSet(cpu, at, 2);
    expect([refcountDecAndLock(cpu, at, ticket, lock), ticket.isLocked(cpu, lock)]).toEqual([
      false,
      false,
    ]);
    expect([refcountDecAndLock(cpu, at, ticket, lock), ticket.isLocked(cpu, lock)]).toEqual([
      true,
      true,
    ]);
    ticket.unlock(cpu, lock);

    refcountSet(cpu, at, 2);
    expect(refcountDecAndLockIrqsave(cpu, at, ticket, lock)).toBe(NOT_TAKEN);
    const flags = refcountDecAndLockIrqsave(cpu, at, ticket, lock);
    expect([flags, cpu.irqsDisabled()]).toEqual([0, true]);
    ticket.unlockIrqrestore(cpu, lock, flags);

    refcountSet(cpu, at, 2);
    expect(cpu.block(refcountDecAndMutexLock(cpu, at, mutex))).toBe(false);
    expect(cpu.block(refcountDecAndMutexLock(cpu, at, mutex))).toBe(true);
    expect(mutexIsLocked(cpu, mutex)).toBe(true);
    mutexUnlock(cpu, mutex);
  });
});

describe('lockref', () => {
  // prettier-ignore
  test.each<[string, number, (cpu: Cpu, at: number) => unknown, unknown, number]>([
    // case                     count  what                                       answers    leaves
    ['get',                     1,     (cpu, at) => lockrefGet(cpu, at),          undefined, 2],
    ['getNotZero',              1,     (cpu, at) => lockrefGetNotZero(cpu, at),   true,      2],
    ['getNotZero of 0',         0,     (cpu, at) => lockrefGetNotZero(cpu, at),   false,     0],
    ['getNotZero of a dead one', -128, (cpu, at) => lockrefGetNotZero(cpu, at),   false,     -128],
    ['getNotDead of 0',         0,     (cpu, at) => lockrefGetNotDead(cpu, at),   true,      1],
    ['getNotDead of a dead one', -128, (cpu, at) => lockrefGetNotDead(cpu, at),   false,     -128],
    ['putNotZero',              2,     (cpu, at) => lockrefPutNotZero(cpu, at),   true,      1],
    ['putNotZero of the last',  1,     (cpu, at) => lockrefPutNotZero(cpu, at),   false,     1],
    ['putReturn',               2,     (cpu, at) => lockrefPutReturn(cpu, at),    1,         1],
    ['putReturn of the last',   1,     (cpu, at) => lockrefPutReturn(cpu, at),    0,         0],
    ['putReturn of 0',          0,     (cpu, at) => lockrefPutReturn(cpu, at),    -1,        0],
    ['putReturn of a dead one', -128,  (cpu, at) => lockrefPutReturn(cpu, at),    -1,        -128],
    ['putOrLock',               2,     (cpu, at) => lockrefPutOrLock(cpu, at),    true,      1],
  ])('%s', (_case, count, operation, answer, left) => {
    const cpu = oneCpu();
    const at = memblockAlloc(cpu.memory, Lockref.size, Lockref.align);
    lockrefInit(cpu, at, 0);
    cpu.memory.store(at + Lockref.count, count >>> 0);
    expect(operation(cpu, at)).toBe(answer);
    expect(lockrefCount(cpu, at)).toBe(left);
    expect(cpu.preemptCount()).toBe(0);
  });

  test('the last one locks, and the dead stay dead', () => {
    const cpu = oneCpu();
    const at = memblockAlloc(cpu.memory, Lockref.size, Lockref.align);
    lockrefInit(cpu, at);
    expect(lockrefPutOrLock(cpu, at)).toBe(false);
    expect([lockrefPutReturn(cpu, at), lockrefCount(cpu, at), cpu.preemptCount()]).toEqual([
      -1, 1, 1,
    ]);
    lockrefMarkDead(cpu, at);
    lockrefUnlock(cpu, at);
    expect([lockrefIsDead(cpu, at), lockrefGetNotDead(cpu, at)]).toEqual([true, false]);
  });

  test('marking it dead without the lock is a BUG', () => {
    const cpu = oneCpu();
    const at = memblockAlloc(cpu.memory, Lockref.size, Lockref.align);
    lockrefInit(cpu, at);
    expect(() => lockrefMarkDead(cpu, at)).toThrow(/nobody holds the lock of the lockref 0x/);
    lockrefLock(cpu, at);
    lockrefMarkDead(cpu, at);
    lockrefUnlock(cpu, at);
  });
});

describe.each([true, false])('4 CPUs, checked %s', (checked) => {
  const module = new URL('./programs/counting.ts', import.meta.url);

  test('objects that all use are freed once each, and not while they are used', async () => {
    const machine = await Machine.boot({ cpus: 4, checked });
    const rounds = 200;
    const args = {
      refs: memblockAlloc(machine.memory, rounds * 4, CACHE_LINE),
      lockrefs: memblockAlloc(machine.memory, rounds * Lockref.size, CACHE_LINE),
      objects: memblockAlloc(machine.memory, rounds * 8, CACHE_LINE),
      start: memblockAlloc(machine.memory, 4, CACHE_LINE),
      rounds,
    };
    const freed = await machine.run<number[]>({ module, export: 'shareObjects', args });
    const sum = (index: number): number => freed.reduce((all, one) => all + one[index]!, 0);
    expect([sum(0), sum(1)]).toEqual([rounds, rounds]);
    await machine.shutdown();
  });
});
