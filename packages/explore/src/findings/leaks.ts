/** What a program must not leave behind on its CPU: interrupts, preemption or bottom halves off, locks held. */
import {
  HeldLock,
  PerCpuLayout,
  PREEMPT_MASK,
  SOFTIRQ_DISABLE_OFFSET,
  SOFTIRQ_MASK,
  SOFTIRQ_OFFSET,
} from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { RunObserver, RunView } from '../engine/observer.ts';
import type { Finding, RunOutcome } from '../engine/outcome.ts';

/** The state of one CPU, as its own words tell it. */
interface CpuWords {
  readonly preempt: number;
  readonly bottomHalves: number;
  readonly irqsOff: number;
  readonly locks: number;
}

const MAX_SHOWN_LOCKS = 8;

export class LeakObserver implements RunObserver {
  private run: RunView | undefined;
  private before: readonly CpuWords[] = [];

  started(run: RunView): void {
    this.run = run;
    this.before = run.cpus.map(({ area }) => wordsOf(run.store.u32, area));
  }

  finished({ end }: RunOutcome): Finding | undefined {
    if (end !== 'completed') return undefined;
    const run = this.run!;
    const leaks = run.cpus.flatMap(({ id, area }) => leaksOf(run, id, area, this.before[id]!));
    if (leaks.length === 0) return undefined;
    return { kind: 'leak', message: `leak: ${leaks.join('; ')}` };
  }
}

function wordsOf(u32: Uint32Array, area: Ptr): CpuWords {
  const word = (offset: number): number => u32[(area + offset) >>> 2]!;
  const count = word(PerCpuLayout.preemptCount);
  return {
    preempt: count & PREEMPT_MASK,
    bottomHalves: (count & SOFTIRQ_MASK & ~SOFTIRQ_OFFSET) / SOFTIRQ_DISABLE_OFFSET,
    irqsOff: word(PerCpuLayout.irqsOff),
    locks: word(PerCpuLayout.heldLocks),
  };
}

function leaksOf(run: RunView, cpu: number, area: Ptr, before: CpuWords): string[] {
  const { u32 } = run.store;
  const after = wordsOf(u32, area);
  const leaks: string[] = [];
  const ended = `the program on CPU ${cpu} ended with`;
  if (after.irqsOff !== before.irqsOff) leaks.push(`${ended} interrupts off`);
  if (after.preempt !== before.preempt)
    leaks.push(`${ended} preemption off (${levels(after.preempt - before.preempt)})`);
  if (after.bottomHalves !== before.bottomHalves)
    leaks.push(`${ended} bottom halves off (${levels(after.bottomHalves - before.bottomHalves)})`);
  if (after.locks > before.locks) {
    const table = u32[(area + PerCpuLayout.heldTable) >>> 2]!;
    const taken = after.locks - before.locks;
    const names = Array.from({ length: Math.min(taken, MAX_SHOWN_LOCKS) }, (_, i) => {
      const entry = table + (before.locks + i) * HeldLock.size;
      return run.names.nameOf(u32[(entry + HeldLock.lock) >>> 2]!);
    });
    const how = taken === 1 ? 'a lock held' : `${taken} locks held`;
    leaks.push(`${ended} ${how}: ${names.join(', ')}${taken > MAX_SHOWN_LOCKS ? ', …' : ''}`);
  }
  return leaks;
}

function levels(n: number): string {
  return n === 1 ? 'one level' : `${n} levels`;
}
