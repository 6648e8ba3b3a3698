/**
 * What an access costs, and who has the line afterwards.
 *
 * Requests for a line are served one by one, in the order in which they are made; each time the line travels the whole way. And
 * yet contended read-modify-writes follow each other faster than lines travel, because whoever has the line goes on using it: for
 * a share of each journey (`grip`), until the request of the next one has reached it. With the journey T and an operation
 * of r on an own line that is 1 + grip × T / r operations for each T + r. So a CPU that comes back at once gets several, one
 * that works in between gets one, and the interval grows with the distance up to r / grip.
 *
 *   A has it      ├──── A's, at the price of hits ────┤ grip × T
 *   B asked   B's turn ├─────────────── T ───────────────┤ B's operation
 *
 * `take` says when the turn comes (`start`), when the access takes effect and when the CPU may go on (`done`).
 */
import type { Costs } from '../profile/costs.ts';
import { Level } from '../profile/topology.ts';
import type { LevelCode, Topology } from '../profile/topology.ts';
import { CpuSet } from './line.ts';
import type { Line } from './line.ts';

/** What an access needs of its line. `update` is atomic and owns it, `write` goes through the store buffer. */
export const Need = { read: 0, write: 1, update: 2 } as const;
export type NeedCode = (typeof Need)[keyof typeof Need];

/** Multiples of it, without their whole parts, are spread evenly from 0 to 1 (Weyl). */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export class Coherence {
  // What the last `take` came to. Fields, not an object: nothing is allocated.
  start = 0;
  effect = 0;
  done = 0;
  /** Where the line came from; `own` for a hit. */
  level: LevelCode = Level.own;
  /** Requests in front, when it had to wait. */
  behind = 0;
  private moment = 0;
  private readonly topology: Topology;
  private readonly costs: Costs;
  /** 1 while a CPU executes instructions, so that the other thread of its core is slower. */
  readonly active: Uint8Array;

  constructor(topology: Topology, costs: Costs) {
    this.topology = topology;
    this.costs = costs;
    this.active = new Uint8Array(topology.cpus).fill(1);
  }

  /** How much longer `cpu` takes for what it does by itself. */
  slowdown(cpu: number): number {
    const sibling = this.topology.sibling[cpu]!;
    return sibling >= 0 && this.active[sibling] === 1 ? this.costs.smtSlowdown : 1;
  }

  /** A request of `cpu` at `now`. */
  take(line: Line, cpu: number, need: NeedCode, now: number): void {
    const own = (need === Need.update ? this.costs.rmw : this.costs.hit) * this.slowdown(cpu);
    this.start = now;
    this.effect = now;
    this.behind = 0;
    if (
      line.owner === cpu ||
      (need === Need.read && line.sharers?.has(cpu) === true) ||
      line.isKept(cpu, now)
    ) {
      this.level = Level.own;
      this.done = now + own;
      return;
    }
    this.level = this.source(line, cpu, need);
    if (line.freeAt > now) this.queue(line);
    this.fetch(line, need, own);
    this.settle(line, cpu, need);
  }

  /** A request that waited takes effect. */
  served(line: Line): void {
    line.waiting--;
  }

  /**
   * All who spin on a copy fetch the line anew, one by one. Returns when the first of them begins; the one at
   * position p has it `refetchDone` later. Whoever writes meanwhile does not wait for those still to come: they
   * find what is written then. (So the chain of validation/markov.ts has it: half of the spinners are in the way of a
   * hand-over, not all.)
   */
  refetch(line: Line, now: number): number {
    const begin = Math.max(now, line.freeAt);
    if (line.owner >= 0 && line.watchers.length > 0)
      this.keep(line, begin, this.topology.level(line.owner, line.watchers[0]!));
    const sharers = this.share(line);
    for (const cpu of line.watchers) sharers.add(cpu);
    return begin;
  }

  /** ns from the begin of a refetch until the CPU at position `p` of those who refetch can go on. */
  refetchDone(cpu: number, writer: number, p: number): number {
    const travel = this.costs.transfer[this.topology.level(writer, cpu)]!;
    return p * this.costs.refetch + travel;
  }

  levelBetween(a: number, b: number): LevelCode {
    return this.topology.level(a, b);
  }

  /** Where the line comes from; for those who write, the furthest place that must answer. */
  private source(line: Line, cpu: number, need: NeedCode): LevelCode {
    if (line.owner >= 0) return this.topology.level(line.owner, cpu);
    const { sharers } = line;
    if (sharers === undefined || sharers.count === 0) return Level.memory;
    if (need === Need.read) return sharers.nearestTo(cpu);
    // It may be the only one with a copy: then nobody has to answer.
    return sharers.farthestFrom(cpu);
  }

  private queue(line: Line): void {
    this.start = line.freeAt;
    this.behind = line.waiting + 1;
    line.waiting++;
  }

  private fetch(line: Line, need: NeedCode, own: number): void {
    const travel = this.costs.transfer[this.level]!;
    this.done = this.start + travel + own;
    if (line.owner >= 0) this.keep(line, this.start, this.level);
    const isCopy = need === Need.read && this.level !== Level.memory;
    // Copies of a line set off one after the other, also while it is on its way to others.
    line.freeAt = isCopy ? this.start + this.costs.refetch : this.done;
    // Who queued does nothing before the line is there; the owner may have done something until then.
    if (this.behind > 0) this.effect = need === Need.read ? this.start : this.start + travel;
  }

  /** The turn of the next one begins at `start`: until its request has come, the owner goes on. */
  private keep(line: Line, start: number, level: LevelCode): void {
    const { grip, transfer, rmw } = this.costs;
    if (grip === 0) return;
    // It comes at any moment of an operation: a part of one counts as often as it is long.
    this.moment = (this.moment + GOLDEN) % 1;
    line.keepFor(line.owner, start + grip * transfer[level]! - this.moment * rmw);
  }

  private settle(line: Line, cpu: number, need: NeedCode): void {
    if (need === Need.read && (line.owner >= 0 || (line.sharers?.count ?? 0) > 0)) {
      this.share(line).add(cpu);
      return;
    }
    line.sharers?.clear();
    line.owner = cpu;
  }

  /** Turns an owner into a sharer. */
  private share(line: Line): CpuSet {
    const sharers = (line.sharers ??= new CpuSet(this.topology));
    if (line.owner >= 0) {
      sharers.add(line.owner);
      line.owner = -1;
    }
    return sharers;
  }
}
