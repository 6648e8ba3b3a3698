/** The debug mode: what each mistake is called, for every type of lock. One thread. */
import { HARDIRQ_OFFSET, readDmesg, schedule } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { CACHE_LINE, memblockAlloc } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import {
  debugCheckNoLocksFreed,
  Mutex,
  mutexDestroy,
  mutexInit,
  mutexLock,
  mutexLockNested,
  mutexLockNestLock,
  mutexTrylock,
  mutexUnlock,
  tas,
  ticket,
  TicketLock,
} from '../src/index.ts';
import { LockFlag, SUBCLASS_SHIFT } from '../src/lock-flags.ts';
import { LOCK_KINDS } from './support/lock-kinds.ts';
import type { LockEntry } from './support/lock-kinds.ts';
import { cpusInOneThread, start } from './support/one-thread.ts';

type Both = readonly [cpu: Cpu, other: Cpu];

const two = (): Both => cpusInOneThread(2) as unknown as Both;
const allocOn = (cpu: Cpu): number => memblockAlloc(cpu.memory, 4 * CACHE_LINE, CACHE_LINE);

/** Takes it from a plain caller, which must not have to sleep. */
function take(entry: LockEntry, cpu: Cpu, at: number): void {
  const taking = entry.lock(cpu, at);
  if (taking !== undefined) cpu.block(taking);
}

const reading = (name: string): boolean => name.includes('reading');

describe.each(LOCK_KINDS)('$name', (entry) => {
  const { name, family, sleeps } = entry;
  const [kind] = name.split(',', 1);
  const allocLock = (cpu: Cpu): number => {
    const at = allocOn(cpu);
    entry.init?.(cpu, at);
    return at;
  };

  test.runIf(!reading(name))('taken again by its holder', () => {
    const [cpu] = two();
    const at = allocLock(cpu);
    take(entry, cpu, at);
    expect(() => take(entry, cpu, at)).toThrow(
      new RegExp(
        `^BUG: ${family} recursion on CPU#0, swapper/0/0, lock: ${kind!} 0x\\w+, \\.magic: \\w{8}, \\.owner: swapper/0/0, \\.owner_cpu: 0$`,
      ),
    );
  });

  test('released when free', () => {
    const [cpu] = two();
    expect(() => entry.unlock(cpu, allocLock(cpu))).toThrow(
      new RegExp(
        `^BUG: ${family} already unlocked on CPU#0.*\\.owner: <none>/-1, \\.owner_cpu: -1`,
      ),
    );
  });

  test('released by a stranger', () => {
    const [cpu, other] = two();
    const at = allocLock(cpu);
    take(entry, other, at);
    const what = sleeps ? 'wrong owner' : 'wrong CPU';
    expect(() => entry.unlock(cpu, at)).toThrow(
      new RegExp(`^BUG: ${family} ${what} on CPU#0.*\\.owner: swapper/1/0, \\.owner_cpu: 1`),
    );
  });

  test('released in an interrupt that came while it was held', () => {
    const [cpu] = two();
    const at = allocLock(cpu);
    take(entry, cpu, at);
    cpu.preemptCountAdd(HARDIRQ_OFFSET);
    // An oops in an interrupt is a panic.
    expect(() => entry.unlock(cpu, at)).toThrow(/Fatal exception in interrupt/);
    expect(lines(cpu)).toMatch(new RegExp(`BUG: ${family} wrong context on CPU#0`));
  });

  test('freed while held', () => {
    const [cpu, other] = two();
    const at = allocLock(cpu);
    take(entry, other, at);
    expect(() => debugCheckNoLocksFreed(cpu, at - 64, 128)).toThrow(
      /^BUG: held lock freed! swapper\/0\/0 is freeing memory 0x\w+-0x\w+, with a lock still held there: [\w-]+ 0x\w+, held by swapper\/1\/0 on CPU#1$/,
    );
    entry.unlock(other, at);
    debugCheckNoLocksFreed(cpu, at - 64, 128);
  });

  test('held at the end of its task', () => {
    const [cpu] = two();
    const at = allocLock(cpu);
    const outcomes: unknown[] = [];
    cpu.scheduler.start('forgetful', forget(entry, cpu, at), (outcome) => outcomes.push(outcome));
    cpu.scheduler.runNext();
    const [ended] = outcomes as { ok: boolean; error: Error }[];
    expect(ended!.error.message).toMatch(/^BUG: forgetful\/3 still has locks held! 1: /);
    expect([cpu.preemptCount(), cpu.irqsDisabled()]).toEqual([0, false]);
  });

  test.runIf(sleeps)('waited for in atomic context', () => {
    const [cpu] = two();
    const at = allocLock(cpu);
    const spin = allocOn(cpu);
    ticket.lock(cpu, spin);
    expect(() => take(entry, cpu, at)).toThrow(
      /^BUG: sleeping function called from invalid context: in_atomic\(\): 1, irqs_disabled\(\): 0, swapper\/0\/0, holds ticket 0x/,
    );
  });

  test.runIf(!sleeps)('held in a task that sleeps', () => {
    const [cpu] = two();
    const at = allocLock(cpu);
    take(entry, cpu, at);
    expect(() => cpu.block(schedule(cpu))).toThrow(
      new RegExp(`^BUG: scheduling while atomic: swapper/0/0/0x00000001, holds ${kind!} 0x`),
    );
  });
});

function* forget({ lock }: LockEntry, cpu: Cpu, at: number): Sleeps<void> {
  const taking = lock(cpu, at);
  if (taking !== undefined) yield* taking;
}

function lines({ memory, machine }: Cpu): string {
  return readDmesg(memory, machine.dmesg)
    .lines.map(({ text }) => text)
    .join('\n');
}

describe('the word magic', () => {
  test('of another type, of a destroyed lock, and 0, which is a lock that was never initialised', () => {
    const [cpu] = two();
    const at = allocOn(cpu);
    tas.lock(cpu, at);
    tas.unlock(cpu, at);
    ticket.init(cpu, at);
    cpu.memory.writeOwn(at + TicketLock.magic, 0xdead_beef);
    expect(() => ticket.lock(cpu, at)).toThrow(
      /^BUG: spinlock bad magic on CPU#0.*\.magic: deadbeef/,
    );
    ticket.init(cpu, at);
    ticket.lock(cpu, at);
    ticket.unlock(cpu, at);
  });

  test('a mutex after its end', () => {
    const [cpu] = two();
    const at = allocOn(cpu);
    mutexInit(cpu, at);
    mutexDestroy(cpu, at);
    expect(() => cpu.block(mutexLock(cpu, at))).toThrow(/^BUG: mutex bad magic on CPU#0/);
    mutexInit(cpu, at);
    cpu.block(mutexLock(cpu, at));
    mutexUnlock(cpu, at);
  });
});

describe('the life of a lock', () => {
  test.each<[string, (cpu: Cpu, at: number) => void, RegExp]>([
    ['destroyed while held', mutexDestroy, /^BUG: mutex destroyed while held on CPU#0/],
    [
      'initialised while held',
      mutexInit,
      /^BUG: held lock freed! swapper\/0\/0 initialises memory .* with a lock still held there: mutex 0x/,
    ],
  ])('%s', (_case, mistake, message) => {
    const [cpu, other] = two();
    const at = allocOn(cpu);
    mutexInit(cpu, at);
    other.block(mutexLock(other, at));
    expect(() => mistake(cpu, at)).toThrow(message);
  });

  test('freed while awaited', () => {
    const [cpu, other] = two();
    const at = allocOn(cpu);
    cpu.block(mutexLock(cpu, at));
    start(other, 'waiter', mutexLock(other, at));
    other.scheduler.runNext();
    mutexUnlock(cpu, at);
    expect(() => debugCheckNoLocksFreed(cpu, at, Mutex.size)).toThrow(
      /with a lock still awaited there: mutex 0x\w+, held by nobody that is known$/,
    );
  });
});

describe('who may take what', () => {
  test('a trylock of a lock that is one’s own fails, and is no BUG', () => {
    const [cpu] = two();
    const at = allocOn(cpu);
    cpu.block(mutexLock(cpu, at));
    expect(mutexTrylock(cpu, at)).toBe(false);
    mutexUnlock(cpu, at);
    const spin = allocOn(cpu);
    ticket.lock(cpu, spin);
    expect(ticket.trylock(cpu, spin)).toBe(false);
    ticket.unlock(cpu, spin);
  });

  test('a CPU that goes down says what its tasks hold', () => {
    const [cpu] = two();
    const at = allocOn(cpu);
    cpu.block(mutexLock(cpu, at));
    cpu.scheduler.freeze(memblockAlloc(cpu.memory, 4), () => {});
    expect(lines(cpu)).toMatch(/CPU#0 goes down with locks held: mutex 0x/);
  });

  test('more locks than the table begins with', () => {
    const [cpu] = two();
    const locks = Array.from({ length: 100 }, () => memblockAlloc(cpu.memory, Mutex.size));
    for (const at of locks) cpu.block(mutexLock(cpu, at));
    expect(() => cpu.block(mutexLock(cpu, locks[0]!))).toThrow(/mutex recursion/);
    for (const at of locks) mutexUnlock(cpu, at);
    debugCheckNoLocksFreed(cpu, locks[0]!, 100 * Mutex.size);
  });
});

describe('nested forms', () => {
  test('tell hooks of the level and of the lock that orders', () => {
    const [cpu] = two();
    const [outer, inner, nest] = [allocOn(cpu), allocOn(cpu), allocOn(cpu)];
    const told: [string, number, number, number][] = [];
    const nothing = (): void => {};
    cpu.lockHooks = {
      acquire: (lock, { name }, flags, _site, by) => told.push([name, lock, flags, by]),
      ...{ contended: nothing, acquired: nothing, release: nothing },
    };
    tas.lock(cpu, outer);
    tas.lockNested(cpu, inner, 1);
    tas.unlock(cpu, inner);
    tas.unlock(cpu, outer);
    const flags = tas.lockIrqsaveNested(cpu, inner, 7);
    tas.unlockIrqrestore(cpu, inner, flags);
    cpu.block(mutexLock(cpu, nest));
    tas.lockNestLock(cpu, inner, nest);
    tas.unlock(cpu, inner);
    mutexUnlock(cpu, nest);
    cpu.block(mutexLockNested(cpu, nest, 2));
    cpu.block(mutexLockNestLock(cpu, outer, nest));
    mutexUnlock(cpu, outer);
    mutexUnlock(cpu, nest);
    expect(told.filter(([, lock]) => [outer, inner, nest].includes(lock))).toEqual([
      ['tas', outer, 0, 0],
      ['tas', inner, 1 << SUBCLASS_SHIFT, 0],
      ['tas', inner, 7 << SUBCLASS_SHIFT, 0],
      ['mutex', nest, 0, 0],
      ['tas', inner, 0, nest],
      ['mutex', nest, 2 << SUBCLASS_SHIFT, 0],
      ['mutex', outer, 0, nest],
    ]);
  });

  test.each([-1, 8, 1.5])('level %d', (level) => {
    const [cpu] = two();
    expect(() => tas.lockNested(cpu, allocOn(cpu), level)).toThrow(
      /looking up invalid subclass: .*; accepted are 0 to 7/,
    );
  });
});

test('hooks hear of interrupts and bottom halves going off and coming on, once each', () => {
  const [cpu] = two();
  const told: string[] = [];
  const nothing = (): void => {};
  cpu.lockHooks = {
    ...{ acquire: nothing, contended: nothing, acquired: nothing, release: nothing },
    hardirqs: (on) => told.push(`irqs ${on ? 'on' : 'off'}`),
    softirqs: (on) => told.push(`bh ${on ? 'on' : 'off'}`),
  };
  const at = allocOn(cpu);
  const outer = cpu.localIrqSave();
  const flags = ticket.lockIrqsave(cpu, at);
  ticket.unlockIrqrestore(cpu, at, flags);
  cpu.localIrqRestore(outer);
  cpu.localBhDisable();
  ticket.lockBh(cpu, at);
  ticket.unlockBh(cpu, at);
  cpu.localBhEnable();
  expect(told).toEqual(['irqs off', 'irqs on', 'bh off', 'bh on']);
});

test('hooks hear of initialised and freed locks', () => {
  const [cpu] = two();
  const told: unknown[] = [];
  const nothing = (): void => {};
  cpu.lockHooks = {
    ...{ acquire: nothing, contended: nothing, acquired: nothing, release: nothing },
    initialised: (lock, { name }) => told.push(['initialised', lock, name]),
    freed: (from, bytes) => told.push(['freed', from, bytes]),
  };
  const at = allocOn(cpu);
  mutexInit(cpu, at);
  mutexDestroy(cpu, at);
  expect(told.filter((one) => (one as number[])[1] === at)).toEqual([
    ['initialised', at, 'mutex'],
    ['freed', at, Mutex.size],
  ]);
});

test('flags do not overlap', () => {
  const bits = Object.values(LockFlag);
  expect(bits.reduce((all: number, bit) => all ^ bit, 0)).toBe((1 << bits.length) - 1);
  expect(1 << SUBCLASS_SHIFT).toBeGreaterThan(Math.max(...bits));
});
