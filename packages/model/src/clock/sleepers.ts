/** CPUs in `wait`: who sleeps on which word, who wakes them and when, and whom the time is charged to. */
import type { Coherence } from '../coherence/coherence.ts';
import type { LineTable } from '../coherence/line-table.ts';
import type { Costs } from '../profile/costs.ts';
import { BLOCKED, WaitTable } from '@percpu/simulator';
import type { Processor, SimulatedMemory, SimulatedStore } from '@percpu/simulator';
import type { InterruptLines } from './interrupt-lines.ts';
import { Spend } from './ledger.ts';
import type { Ledger } from './ledger.ts';
import { Phase } from './phase.ts';
import type { Timeline } from './timeline.ts';

export interface SleeperParts {
  readonly timeline: Timeline;
  readonly store: SimulatedStore;
  readonly lines: LineTable;
  readonly costs: Costs;
  readonly coherence: Coherence;
  readonly ledger: Ledger;
}

export class Sleepers {
  /** Of a machine: a CPU that sleeps in its own place is woken by an interrupt. */
  interrupts: InterruptLines | undefined = undefined;
  private readonly parts: SleeperParts;
  private readonly table: WaitTable = new WaitTable();
  private readonly at: Uint32Array;
  private readonly since: Float64Array;
  private readonly ends: Float64Array;

  constructor(parts: SleeperParts) {
    const { cpus } = parts.timeline;
    this.parts = parts;
    this.at = new Uint32Array(cpus);
    this.since = new Float64Array(cpus);
    this.ends = new Float64Array(cpus);
  }

  wordOf(cpu: number): number {
    return this.at[cpu]!;
  }

  until(cpu: number): number {
    return this.ends[cpu]!;
  }

  /** Carries out a `wait`: the CPU falls asleep, or what it answers at once. */
  sleep({ cpu, at, a, b }: SimulatedMemory, processor: Processor): string | typeof BLOCKED {
    const { timeline, store, coherence } = this.parts;
    const now = timeline.time[cpu]!;
    const until = now + Math.max(0, b as number);
    if (store.u32[at >>> 2] !== (a as number) >>> 0) return 'not-equal';
    if (until === now) return 'timed-out';
    this.at[cpu] = at;
    this.since[cpu] = now;
    this.ends[cpu] = until;
    coherence.active[cpu] = 0;
    this.table.add(at, processor);
    timeline.phase[cpu] = Phase.asleep;
    timeline.queue.set(cpu, Math.min(until, timeline.attention[cpu]!));
    return BLOCKED;
  }

  /** Carries out a `notify`: returns how many it wakes. */
  notify({ cpu, at, a }: SimulatedMemory): number {
    const { timeline, costs, lines, ledger } = this.parts;
    const { interrupts } = this;
    const targets = this.table.take(at, a as number).map(({ memory }) => memory.cpu);
    const isKick = interrupts !== undefined && lines.at(at).isMailbox;
    let now = timeline.time[cpu]!;
    if (targets.length === 0 && !isKick) now += costs.notifyNobody;
    for (const target of targets) {
      // A kick that follows an interrupt is the interrupt.
      const arrives = isKick ? interrupts.next(target) : Infinity;
      if (arrives === Infinity) now += isKick ? costs.ipiSend : costs.notify;
      const latency = isKick ? costs.ipiDeliver : costs.wakeLatency;
      this.wakeAt(target, Math.min(arrives, now + latency) + (isKick ? costs.idleExit : 0));
    }
    ledger.spend(cpu, Spend.ipi, timeline.time[cpu]!, now);
    timeline.time[cpu] = now;
    return targets.length;
  }

  /** It sleeps no more, and runs at `time`. */
  wakeAt(cpu: number, time: number): void {
    const { timeline } = this.parts;
    this.charge(cpu, time);
    timeline.phase[cpu] = Phase.waking;
    timeline.queue.set(cpu, time);
  }

  /** It wakes by itself. */
  leave(cpu: number, processor: Processor): void {
    this.table.remove(this.at[cpu]!, processor);
  }

  /** It has slept until `now`: in a wait for a word, or because there was nothing to do. */
  charge(cpu: number, now: number): void {
    const { ledger, lines } = this.parts;
    if (!ledger.open) return;
    const since = Math.max(this.since[cpu]!, ledger.opened);
    const at = this.at[cpu]!;
    const waitsFor = this.interrupts?.reasonOfSleep(cpu, at) ?? at;
    ledger.spend(cpu, waitsFor === 0 ? Spend.idle : Spend.lockWait, since, now);
    if (waitsFor !== 0 && now > since)
      ledger.billOf(lines.at(waitsFor)).lockWait(ledger.word(waitsFor), now - since);
    this.since[cpu] = now;
  }
}
