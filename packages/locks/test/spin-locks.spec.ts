/** What is the same for every spin lock. One thread: nobody contends. */
import type { Cpu, LockHooks } from '@percpu/machine';
import { CACHE_LINE, memblockAlloc } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import { LockFlag, mcs, NOT_TAKEN } from '../src/index.ts';
import { LOCKS_PER_CONTEXT, NODES } from '../src/lock-view.ts';
import { good } from './support/busted.ts';
import { cpusInOneThread } from './support/one-thread.ts';

const context = (cpu: Cpu): string =>
  [
    `preempt ${cpu.preemptCount() & 0xff}`,
    cpu.irqsDisabled() ? 'irqs off' : 'irqs on',
    cpu.inSoftirq() ? 'bh off' : 'bh on',
  ].join(', ');

describe.each(good.map((type) => [type.name, type] as const))('%s', (_, type) => {
  const memories = [
    ['checked', { checked: true, backend: 'atomics' }],
    ['fast', { checked: false, backend: 'wasm' }],
  ] as const;

  test.each(memories)('the forms, what they do to the context: %s memory', (_name, options) => {
    const [cpu] = cpusInOneThread(1, options) as [Cpu];
    const at = memblockAlloc(cpu.memory, CACHE_LINE);
    type.init(cpu, at);
    const seen: string[] = [];
    const held = (form: string): void => {
      seen.push(`${form}: ${context(cpu)}`);
      expect(type.isLocked(cpu, at)).toBe(true);
    };
    type.lock(cpu, at);
    held('lock');
    type.unlock(cpu, at);
    type.lockIrq(cpu, at);
    held('lockIrq');
    type.unlockIrq(cpu, at);
    type.lockBh(cpu, at);
    held('lockBh');
    type.unlockBh(cpu, at);
    cpu.localIrqDisable();
    const flags = type.lockIrqsave(cpu, at);
    held('lockIrqsave');
    type.unlockIrqrestore(cpu, at, flags);
    seen.push(`and after: ${context(cpu)}`);
    cpu.localIrqEnable();
    expect(type.isLocked(cpu, at)).toBe(false);
    expect(seen).toEqual([
      'lock: preempt 1, irqs on, bh on',
      'lockIrq: preempt 1, irqs off, bh on',
      'lockBh: preempt 1, irqs on, bh off',
      'lockIrqsave: preempt 1, irqs off, bh on',
      'and after: preempt 0, irqs off, bh on',
    ]);
    expect(context(cpu)).toBe('preempt 0, irqs on, bh on');
  });

  test('trylock of a lock that another CPU holds leaves everything as it was', () => {
    const [cpu, other] = cpusInOneThread(2) as [Cpu, Cpu];
    const at = memblockAlloc(cpu.memory, CACHE_LINE);
    type.lock(other, at);
    expect([
      type.trylock(cpu, at),
      type.trylockIrq(cpu, at),
      type.trylockBh(cpu, at),
      type.trylockIrqsave(cpu, at),
    ]).toEqual([false, false, false, NOT_TAKEN]);
    expect(context(cpu)).toBe('preempt 0, irqs on, bh on');
    type.unlock(other, at);
    expect(type.trylock(cpu, at)).toBe(true);
    type.unlock(cpu, at);
  });

  // prettier-ignore
  test.each<[string, (cpu: Cpu, other: Cpu, at: number) => void, RegExp]>([
    // mistake                    what                                                        message
    ['taken twice',               (cpu, _o, at) => { type.lock(cpu, at); type.lock(cpu, at); },  /BUG: \w+ recursion on CPU#0, swapper.0\/0, lock: [\w-]+ 0x/],
    ['unlocked when free',        (cpu, _o, at) => type.unlock(cpu, at),                      /already unlocked on CPU#0/],
    ['unlocked by a stranger',    (cpu, other, at) => { type.lock(other, at); type.unlock(cpu, at); }, /BUG: \w+ wrong CPU on CPU#0.*\.owner_cpu: 1/],
    ['an odd address',            (cpu, _o, at) => type.lock(cpu, at + 2),                    /align|multiple of 4/],
    ['NULL',                      (cpu) => type.lock(cpu, 0),                                 /0x0000000/],
  ])('%s is a report, not a hang', (_case, mistake, message) => {
    const [cpu, other] = cpusInOneThread(2) as [Cpu, Cpu];
    expect(() => mistake(cpu, other, memblockAlloc(cpu.memory, CACHE_LINE))).toThrow(message);
  });

  test('hooks see every acquisition, with its flags and its caller', () => {
    const [cpu, other] = cpusInOneThread(2, { checked: false }) as [Cpu, Cpu];
    const at = memblockAlloc(cpu.memory, CACHE_LINE);
    const calls = listen(cpu);
    const SITE = 0xabc;
    type.lock(cpu, at, SITE);
    type.unlock(cpu, at);
    type.trylock(cpu, at, SITE);
    type.unlock(cpu, at);
    type.lock(other, at);
    type.trylock(cpu, at, SITE);
    type.unlock(other, at);
    cpu.lockHooks = null;
    type.lock(cpu, at);
    type.unlock(cpu, at);
    const lock = `${type.name}@${at}`;
    expect(calls).toEqual([
      `acquire ${lock} flags 0 site ${SITE}`,
      `acquired ${lock} site ${SITE}`,
      `release ${lock} site 0`,
      `acquire ${lock} flags ${LockFlag.trylock} site ${SITE}`,
      `acquired ${lock} site ${SITE}`,
      `release ${lock} site 0`,
    ]);
  });
});

test('an mcs lock more than a CPU has nodes for', () => {
  const [cpu] = cpusInOneThread(1) as [Cpu];
  const locks = Array.from({ length: NODES + 1 }, () => memblockAlloc(cpu.memory, CACHE_LINE));
  for (const at of locks.slice(0, NODES)) mcs.lock(cpu, at);
  expect(() => mcs.lock(cpu, locks[NODES]!)).toThrow(
    new RegExp(`${NODES + 1}th mcs lock.*${LOCKS_PER_CONTEXT} held at a time in each context`),
  );
});

test('mcs locks may be released in any order', () => {
  const [cpu] = cpusInOneThread(1) as [Cpu];
  const locks = Array.from({ length: 4 }, () => memblockAlloc(cpu.memory, CACHE_LINE));
  for (let turn = 0; turn < 8; turn++) {
    for (const at of locks) mcs.lock(cpu, at);
    for (const index of [1, 3, 0, 2]) mcs.unlock(cpu, locks[(index + turn) % 4]!);
  }
  expect(locks.map((at) => mcs.isLocked(cpu, at))).toEqual([false, false, false, false]);
});

function listen(cpu: Cpu): string[] {
  const calls: string[] = [];
  const hooks: LockHooks = {
    acquire: (lock, kind, flags, site) =>
      calls.push(`acquire ${kind.name}@${lock} flags ${flags} site ${site}`),
    contended: (lock, kind, site) => calls.push(`contended ${kind.name}@${lock} site ${site}`),
    acquired: (lock, kind, site) => calls.push(`acquired ${kind.name}@${lock} site ${site}`),
    release: (lock, kind, site) => calls.push(`release ${kind.name}@${lock} site ${site}`),
  };
  cpu.lockHooks = hooks;
  return calls;
}
