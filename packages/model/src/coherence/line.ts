/**
 * One cache line: who has it, who waits for it, what it has cost.
 *
 *   untouched   nobody has it: the next access fetches it from memory
 *   owned       one CPU has it alone (E and M of MESI: writing is silent, so they differ in nothing that costs time)
 *   shared      `sharers` have copies; whoever writes must take them away first
 *
 * State is that *after* all requests taken so far: requests are served in the order of their times, so whoever asks
 * next finds it so. `freeAt` is when the last of them has been served.
 */
import type { LevelCode, Topology } from '../profile/topology.ts';
import { Level } from '../profile/topology.ts';
import type { LineBill } from './line-bill.ts';

export class Line {
  /** Its address divided by the bytes of a line. */
  readonly number: number;
  /** Who has it alone; −1: untouched or shared. */
  owner = -1;
  sharers: CpuSet | undefined = undefined;
  freeAt = 0;
  /** Requests that queued and have not taken effect. */
  waiting = 0;
  /** CPUs that spin on a copy of this line (spin-watch.ts), in order of arrival. */
  readonly watchers: number[] = [];
  /** Part of an interrupt controller, not of memory (interrupt-lines.ts). */
  isMailbox = false;
  /** What it cost in the measured window. */
  bill: LineBill | undefined = undefined;
  /** Owners that lose it: until when each goes on using it (coherence.ts, `grip`). */
  private kept: Map<number, number> | undefined = undefined;

  constructor(number: number) {
    this.number = number;
  }

  keepFor(cpu: number, until: number): void {
    (this.kept ??= new Map<number, number>()).set(cpu, until);
  }

  isKept(cpu: number, now: number): boolean {
    const until = this.kept?.get(cpu);
    if (until === undefined) return false;
    if (now < until) return true;
    this.kept!.delete(cpu);
    return false;
  }
}

/** CPUs with copies, and how far apart they are. */
export class CpuSet {
  count = 0;
  /** One of them, and how far the others are from it at most. */
  first = -1;
  /** The newest. */
  last = -1;
  private spread: LevelCode = Level.own;
  private readonly bits: Uint32Array;
  private readonly topology: Topology;

  constructor(topology: Topology) {
    this.topology = topology;
    this.bits = new Uint32Array((topology.cpus + 31) >>> 5);
  }

  has(cpu: number): boolean {
    return (this.bits[cpu >>> 5]! & (1 << (cpu & 31))) !== 0;
  }

  add(cpu: number): void {
    const word = cpu >>> 5;
    const bit = 1 << (cpu & 31);
    if ((this.bits[word]! & bit) !== 0) return;
    this.bits[word]! |= bit;
    this.last = cpu;
    if (this.count++ === 0) {
      this.first = cpu;
      this.spread = Level.own;
      return;
    }
    const level = this.topology.level(this.first, cpu);
    if (level > this.spread) this.spread = level;
  }

  clear(): void {
    if (this.count === 0) return;
    this.count = 0;
    this.bits.fill(0);
  }

  /** Over this distance a message reaches all of them. */
  farthestFrom(cpu: number): LevelCode {
    const level = this.topology.level(this.first, cpu);
    return level > this.spread ? level : this.spread;
  }

  /** Over this distance there is a copy: exact for the oldest and the newest, the others are not looked at. */
  nearestTo(cpu: number): LevelCode {
    const a = this.topology.level(this.first, cpu);
    const b = this.topology.level(this.last, cpu);
    return a < b ? a : b;
  }
}
