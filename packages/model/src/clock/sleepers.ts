/** CPUs in `wait`: on which word, since when, until when, and whom the time is charged to. */
import type { Coherence } from '../coherence/coherence.ts';
import type { LineTable } from '../coherence/line-table.ts';
import { WaitTable } from '@percpu/simulator';
import type { Processor } from '@percpu/simulator';
import { Spend } from './ledger.ts';
import type { Ledger } from './ledger.ts';

export class Sleepers {
  /** Asked for a CPU that sleeps in its idle place: the word it waits for, 0 = it has nothing to do. */
  reason: (cpu: number, at: number) => number = (_cpu, at) => at;
  private readonly table: WaitTable = new WaitTable();
  private readonly at: Uint32Array;
  private readonly since: Float64Array;
  private readonly ends: Float64Array;
  private readonly coherence: Coherence;
  private readonly ledger: Ledger;
  private readonly lines: LineTable;

  constructor(cpus: number, coherence: Coherence, ledger: Ledger, lines: LineTable) {
    this.at = new Uint32Array(cpus);
    this.since = new Float64Array(cpus);
    this.ends = new Float64Array(cpus);
    this.coherence = coherence;
    this.ledger = ledger;
    this.lines = lines;
  }

  add(cpu: number, at: number, now: number, until: number, processor: Processor): void {
    this.at[cpu] = at;
    this.since[cpu] = now;
    this.ends[cpu] = until;
    this.coherence.active[cpu] = 0;
    this.table.add(at, processor);
  }

  wordOf(cpu: number): number {
    return this.at[cpu]!;
  }

  until(cpu: number): number {
    return this.ends[cpu]!;
  }

  /** Up to `count` of those who sleep on `at`, longest asleep first; they sleep no more. */
  take(at: number, count: number): number[] {
    return this.table.take(at, count).map(({ memory }) => memory.cpu);
  }

  /** It wakes by itself. */
  leave(cpu: number, processor: Processor): void {
    this.table.remove(this.at[cpu]!, processor);
  }

  /** It has slept until `now`. */
  charge(cpu: number, now: number): void {
    const { ledger } = this;
    if (!ledger.open) return;
    const since = Math.max(this.since[cpu]!, ledger.opened);
    const waitsFor = this.reason(cpu, this.at[cpu]!);
    ledger.spend(cpu, waitsFor === 0 ? Spend.idle : Spend.lockWait, since, now);
    if (waitsFor !== 0 && now > since)
      ledger.billOf(this.lines.at(waitsFor)).lockWait(ledger.word(waitsFor), now - since);
    this.since[cpu] = now;
  }
}
