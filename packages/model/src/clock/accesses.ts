/**
 * What each kind of access does to the time of the CPU that makes it: a line to fetch, a pause, a delay, a wait. An access that
 * takes place later gets an event (timeline.ts).
 */
import { Need } from '../coherence/coherence.ts';
import type { Coherence } from '../coherence/coherence.ts';
import type { LineTable } from '../coherence/line-table.ts';
import type { Line } from '../coherence/line.ts';
import type { Costs } from '../profile/costs.ts';
import { Level } from '../profile/topology.ts';
import { Op } from '@percpu/simulator';
import type { SimulatedMemory } from '@percpu/simulator';
import { Kind, KINDS, NEEDS } from './kinds.ts';
import { Spend } from './ledger.ts';
import type { Ledger } from './ledger.ts';
import { Phase } from './phase.ts';
import type { SpinWatch } from './spin-watch.ts';
import type { Timeline } from './timeline.ts';

/** So many turns are meant to be without end: the most that the boot parameter spin.budget takes. */
export const ENDLESS = 1_000_000;

export interface AccessParts {
  readonly timeline: Timeline;
  readonly lines: LineTable;
  readonly coherence: Coherence;
  readonly ledger: Ledger;
  readonly spins: SpinWatch;
  readonly costs: Costs;
}

export class Accesses {
  /** Begun so far, pauses and delays among them: what simulating costs. */
  count = 0;
  /** Looks at the clock since something took time. */
  looks = 0;
  /** The line that the present access of each CPU is about. */
  readonly lineOf: (Line | undefined)[];
  private readonly timeline: Timeline;
  private readonly lines: LineTable;
  private readonly coherence: Coherence;
  private readonly ledger: Ledger;
  private readonly spins: SpinWatch;
  private readonly costs: Costs;
  private readonly turnNs: number;
  /** What each CPU has looked at first since it paused: in a spin loop, what it waits for. 0: nothing. */
  private readonly lookedAt: Uint32Array;
  /** 1: the present access queued for its line. */
  private readonly waited: Uint8Array;

  constructor(parts: AccessParts) {
    const { cpus } = parts.timeline;
    this.timeline = parts.timeline;
    this.lines = parts.lines;
    this.coherence = parts.coherence;
    this.ledger = parts.ledger;
    this.spins = parts.spins;
    this.costs = parts.costs;
    // A pause, a look at the own mailbox, a look at the word.
    this.turnNs = parts.costs.pause + 2 * parts.costs.hit;
    this.lineOf = new Array<Line | undefined>(cpus).fill(undefined);
    this.lookedAt = new Uint32Array(cpus);
    this.waited = new Uint8Array(cpus);
  }

  /** The access in front of which `cpu` stands begins. True: it takes place now; else an event has been set. */
  issue(cpu: number, memory: SimulatedMemory, now: number): boolean {
    this.count++;
    switch (KINDS[memory.op]) {
      case Kind.access:
        return this.access(cpu, memory, now);
      case Kind.range:
        return this.range(cpu, memory, now);
      case Kind.pause:
        return this.pause(cpu, memory, now);
      case Kind.delay:
        this.timeline.phase[cpu] = Phase.delay;
        this.timeline.goesOn[cpu] =
          now + Math.max(0, memory.a as number) * this.coherence.slowdown(cpu);
        this.looks = 0;
        this.timeline.restUntil(cpu, this.timeline.goesOn[cpu]);
        return false;
      case Kind.wait:
        // An event of its own, even when it takes place now: only a CPU that has stopped can fall asleep.
        if (this.access(cpu, memory, now))
          this.timeline.serveAt(cpu, now, this.timeline.time[cpu]!);
        return false;
      default:
        this.lineOf[cpu] = undefined;
        return true;
    }
  }

  private access(cpu: number, { op, at }: SimulatedMemory, now: number): boolean {
    const line = this.lines.at(at);
    const { coherence } = this;
    this.lineOf[cpu] = line;
    this.looks = 0;
    if (line.isMailbox) {
      this.timeline.time[cpu] = now + this.costs.hit;
      return true;
    }
    if (this.lookedAt[cpu] === 0 && NEEDS[op] === Need.read) this.lookedAt[cpu] = at;
    const busyUntil = Math.max(now, line.freeAt);
    coherence.take(line, cpu, NEEDS[op]!, now);
    if (this.ledger.open) this.bill(line, cpu, op, at, now, busyUntil);
    if (coherence.behind === 0) {
      this.timeline.time[cpu] = coherence.done;
      return true;
    }
    this.waited[cpu] = 1;
    this.timeline.serveAt(cpu, coherence.effect, coherence.done);
    return false;
  }

  private bill(
    line: Line,
    cpu: number,
    op: number,
    at: number,
    now: number,
    busyUntil: number,
  ): void {
    const { coherence, ledger } = this;
    const { start, done, level } = coherence;
    const bill = ledger.billOf(line);
    const word = ledger.word(at);
    ledger.accesses++;
    bill.access(word, cpu, NEEDS[op] !== Need.read);
    if (level === Level.own && start === now) return;
    bill.transfer(word, level, done - start);
    bill.busyNs += line.freeAt - busyUntil;
    if (start > now) bill.wait(word, start - now, coherence.behind);
    ledger.spend(cpu, Spend.transfer, now, done);
  }

  /** `copy` and `fill`: line after line. Only set-up does this, so that nobody waits for them is no loss. */
  private range(cpu: number, { op, at, a, b }: SimulatedMemory, now: number): boolean {
    const { coherence, lines } = this;
    const bytes = b as number;
    const lineBytes = 1 << lines.shift;
    let time = now;
    const walk = (from: number, need: 0 | 1): void => {
      for (let here = from; here < from + bytes; here += lineBytes) {
        coherence.take(lines.at(here), cpu, need, time);
        if (coherence.behind > 0) coherence.served(lines.at(here));
        time = coherence.done;
      }
    };
    if (op === Op.copy) walk(a as number, Need.read);
    walk(at, Need.write);
    this.lineOf[cpu] = undefined;
    this.timeline.time[cpu] = time;
    return true;
  }

  /** A pause that says what its loop waits for parks the CPU until that has come. */
  private pause(cpu: number, { at, a, b }: SimulatedMemory, now: number): boolean {
    this.lineOf[cpu] = undefined;
    this.looks = 0;
    const turns = b as number;
    const isParked = at !== 0 && this.spins.park(cpu, at, a as number, turns < 0, now);
    const slowdown = this.coherence.slowdown(cpu);
    if (!isParked) {
      const goesOn = now + this.costs.pause * slowdown;
      this.timeline.time[cpu] = goesOn;
      this.spins.paused(cpu, this.lookedAt[cpu]!, now, goesOn);
      this.lookedAt[cpu] = 0;
      return true;
    }
    this.timeline.phase[cpu] = Phase.spin;
    // On a machine where a turn takes no time there is no end to them.
    const patience =
      Math.abs(turns) >= ENDLESS ? Infinity : Math.abs(turns) * this.turnNs * slowdown;
    this.timeline.goesOn[cpu] = now + (patience || Infinity);
    this.timeline.restUntil(cpu, this.timeline.goesOn[cpu]);
    return false;
  }

  /** The access of `cpu` that had an event takes effect. */
  serve(cpu: number): void {
    if (this.waited[cpu] === 1) this.coherence.served(this.lineOf[cpu]!);
    this.waited[cpu] = 0;
    this.timeline.time[cpu] = this.timeline.goesOn[cpu]!;
  }

  /** Turns of its spin loop for which `cpu` was parked. */
  turns(cpu: number, most: number): number {
    if (most >= ENDLESS) return 1;
    const turnNs = this.turnNs * this.coherence.slowdown(cpu);
    return Math.min(most, this.spins.turns(cpu, this.timeline.time[cpu]!, turnNs));
  }
}
