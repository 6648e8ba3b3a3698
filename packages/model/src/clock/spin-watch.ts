/**
 * CPUs that spin on a word. Turns in which nothing changes are not simulated: the CPU is parked with its copy of the line and goes
 * on when somebody writes there. All who spin on the line then fetch it anew, one by one in random order, and those whose
 * wait is over go on when their turn has come: with k of them the right one waits for half of the others on average,
 * which is what makes a ticket lock collapse.
 */
import type { Coherence } from '../coherence/coherence.ts';
import type { Line } from '../coherence/line.ts';
import type { LineTable } from '../coherence/line-table.ts';
import type { Random } from '@percpu/experiment';
import type { SimulatedStore } from '@percpu/simulator';
import { Spend } from './ledger.ts';
import type { Ledger } from './ledger.ts';

export class SpinWatch {
  /** At CPUs that spin, whether their wait is over. */
  looks = 0;
  /** Told when a CPU goes on: at which time. */
  private readonly wake: (cpu: number, at: number) => void;
  private readonly store: SimulatedStore;
  private readonly lines: LineTable;
  private readonly coherence: Coherence;
  private readonly ledger: Ledger;
  private readonly random: Random;
  /** What each CPU spins for: the u32 at `at` is (`until`) or is no longer `value`. */
  private readonly at: Uint32Array;
  private readonly value: Uint32Array;
  private readonly until: Uint8Array;
  private readonly since: Float64Array;

  constructor(
    parts: {
      store: SimulatedStore;
      lines: LineTable;
      coherence: Coherence;
      ledger: Ledger;
      random: Random;
      cpus: number;
    },
    wake: (cpu: number, at: number) => void,
  ) {
    this.store = parts.store;
    this.lines = parts.lines;
    this.coherence = parts.coherence;
    this.ledger = parts.ledger;
    this.random = parts.random;
    this.wake = wake;
    this.at = new Uint32Array(parts.cpus);
    this.value = new Uint32Array(parts.cpus);
    this.until = new Uint8Array(parts.cpus);
    this.since = new Float64Array(parts.cpus);
  }

  /** Parks `cpu` for as long as its wait lasts; false: it is over already. */
  park(cpu: number, at: number, value: number, until: boolean, now: number): boolean {
    this.at[cpu] = at;
    this.value[cpu] = value;
    this.until[cpu] = until ? 1 : 0;
    this.since[cpu] = now;
    if (this.isOver(cpu)) return false;
    this.coherence.active[cpu] = 0;
    this.lines.at(at).watchers.push(cpu);
    return true;
  }

  /** Turns of `turnNs` that `cpu` has made since it was asked to park. */
  turns(cpu: number, now: number, turnNs: number): number {
    return turnNs === 0 ? 1 : Math.max(1, Math.floor((now - this.since[cpu]!) / turnNs));
  }

  /** What `cpu` spins on. */
  wordOf(cpu: number): number {
    return this.at[cpu]!;
  }

  /** `cpu` does something else from `now` on: an interrupt. */
  leave(cpu: number, now: number): void {
    const { watchers } = this.lines.at(this.at[cpu]!);
    watchers.splice(watchers.indexOf(cpu), 1);
    this.settle(cpu, now);
  }

  /** `writer` has written to the line, and is done with it at `now`. */
  written(line: Line, writer: number, now: number): void {
    const { watchers } = line;
    const all = watchers.length;
    this.looks += all;
    const begin = this.coherence.refetch(line, now);
    if (this.ledger.open) {
      const bill = this.ledger.billOf(line);
      bill.refetches += all;
      bill.busyNs += Math.max(0, Math.min(bill.refetchedUntil, now) - bill.refetchedSince);
      bill.refetchedSince = begin;
      bill.refetchedUntil = begin + this.coherence.refetchDone(writer, writer, all);
    }
    let left = 0;
    const over: number[] = [];
    for (const cpu of watchers) {
      if (this.isOver(cpu)) over.push(cpu);
      else watchers[left++] = cpu;
    }
    watchers.length = left;
    if (over.length === 0) return;
    for (const [index, place] of this.places(over.length, all).entries())
      this.letGo(line, over[index]!, writer, begin, place);
  }

  private settle(cpu: number, now: number): void {
    this.coherence.active[cpu] = 1;
    this.charge(cpu, now);
  }

  /** `cpu` has waited until `now`, which goes on or not. */
  charge(cpu: number, now: number): void {
    this.paused(cpu, this.at[cpu]!, Math.max(this.since[cpu]!, this.ledger.opened), now);
  }

  /** `cpu` did nothing but wait for the word at `at`; 0: it has looked at none. */
  paused(cpu: number, at: number, from: number, to: number): void {
    const { ledger } = this;
    ledger.spend(cpu, Spend.lockWait, from, to);
    if (ledger.open && to > from && at !== 0)
      ledger.billOf(this.lines.at(at)).lockWait(ledger.word(at), to - from);
  }

  private isOver(cpu: number): boolean {
    const same = this.store.u32[this.at[cpu]! >>> 2] === this.value[cpu];
    return same === (this.until[cpu] === 1);
  }

  private letGo(line: Line, cpu: number, writer: number, begin: number, place: number): void {
    const { ledger, coherence } = this;
    this.settle(cpu, begin);
    const turn = begin + coherence.refetchDone(cpu, cpu, place);
    const goesOn = begin + coherence.refetchDone(cpu, writer, place);
    ledger.spend(cpu, Spend.transfer, begin, goesOn);
    if (ledger.open) {
      const bill = ledger.billOf(line);
      const word = ledger.word(this.at[cpu]!);
      bill.wait(word, turn - begin, place);
      bill.transfer(word, coherence.levelBetween(writer, cpu), goesOn - turn);
    }
    this.wake(cpu, goesOn);
  }

  /** `some` different places among `all`, at random. */
  private places(some: number, all: number): number[] {
    if (some === 1) return [this.random.below(all)];
    const places = Array.from({ length: all }, (_, place) => place);
    for (let i = 0; i < some; i++) {
      const other = i + this.random.below(all - i);
      const taken = places[other]!;
      places[other] = places[i]!;
      places[i] = taken;
    }
    return places.slice(0, some);
  }
}
