import { describe, expect, test } from 'vitest';
import { createMemory, memblockAlloc } from '@percpu/memory';
import type { Memory } from '@percpu/memory';
import { attachCpu, bringUpMachine, PerCpuLayout } from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';

/** An interrupt bit of the test's own. */
const BIT = 9;

/**
 * One CPU goes to sleep for `word`, and at its `arrival`-th access an interrupt arrives whose handler sleeps for
 * another word. As a controlled clock would deliver it: between any two accesses. Returns what a releaser of `word`
 * would find at the moment when the CPU is asleep, or undefined when no access was the `arrival`-th.
 */
function sleepInterruptedAt(arrival: number, guarded: boolean): string | undefined {
  const native = createMemory({ bytes: 8 << 20 });
  const watched: { cpu?: Cpu } = {};
  let accesses = 0;
  let found: string | undefined;
  let inside = false;
  const memory = new Proxy(native, {
    get(target, name: keyof Memory) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      return (...args: number[]): unknown => {
        if (name === 'wait') return fallAsleep();
        const result = (member as (...all: number[]) => unknown).apply(target, args);
        if (watched.cpu !== undefined && !inside && ++accesses === arrival) {
          native.fetchOr(watched.cpu.area + PerCpuLayout.pending, 1 << BIT);
          watched.cpu.takeInterrupts();
        }
        return result;
      };
    },
  });
  bringUpMachine(memory, { cpus: 1, parameters: { 'spin.budget': 0 } });
  const cpu = attachCpu(memory, 0);
  if (!guarded)
    Object.defineProperty(cpu, 'goingToSleep', { get: () => false, set: () => undefined });
  const word = memblockAlloc(memory, 4);
  const other = memblockAlloc(memory, 4);
  function fallAsleep(): string {
    if (inside) native.store(other, 1);
    else {
      const asleep = native.load(cpu.area + PerCpuLayout.sleeping) === 1;
      const at = native.load(cpu.area + PerCpuLayout.parkedAt);
      found = asleep && at === word ? 'found' : 'lost';
      native.store(word, 1);
    }
    return 'ok';
  }
  cpu.setVector(BIT, () => {
    inside = true;
    cpu.waitWhileEquals(other, 0);
    inside = false;
  });
  watched.cpu = cpu;
  cpu.waitWhileEquals(word, 0);
  return accesses >= arrival ? found : undefined;
}

function outcomes(guarded: boolean): string[] {
  const seen: string[] = [];
  for (let arrival = 1; ; arrival++) {
    const outcome = sleepInterruptedAt(arrival, guarded);
    if (outcome === undefined) return seen;
    seen.push(outcome);
  }
}

describe('an interrupt whose handler sleeps, at every access of a sleep', () => {
  test('leaves the CPU where a releaser finds it', () => {
    const seen = outcomes(true);
    expect(seen.length).toBeGreaterThan(15);
    expect(new Set(seen)).toEqual(new Set(['found']));
  });

  test('twin: taken in the middle it makes the CPU vanish', () => {
    expect(outcomes(false)).toContain('lost');
  });
});
