/**
 * What an access costs, and who has the line afterwards.
 *
 * Requests for a line are served one by one, in the order in which they are made (nearer ones first would change who
 * waits, not how long all wait together; it enters the interval instead, see `contended`). A request that finds the line
 * idle takes as long as the line travels. One that finds it busy waits for its turn, and the turns follow each other
 * faster than a line travels: requests are already under way, the owner of a line completes what it has buffered
 * before it lets go, and near requesters are served first.
 *
 * `take` says when service begins (`start`: then the access takes effect) and when the CPU may go on (`done`).
 */
import type { Costs } from '../profile/costs.ts';
import { Level } from '../profile/topology.ts';
import type { LevelCode, Topology } from '../profile/topology.ts';
import { CpuSet, QueueByPlace } from './line.ts';
import type { Line } from './line.ts';

/** What an access needs of its line. `update` is atomic and owns it, `write` goes through the store buffer. */
export const Need = { read: 0, write: 1, update: 2 } as const;
export type NeedCode = (typeof Need)[keyof typeof Need];

/** With fewer requesters than this near each other, more turns go to far ones. An assumption. */
const NEAR_BATCH = 8;

export class Coherence {
  // What the last `take` came to. Fields, not an object: nothing is allocated.
  start = 0;
  done = 0;
  /** Where the line came from; `own` for a hit. */
  level: LevelCode = Level.own;
  /** Requests in front, when it had to wait. */
  behind = 0;
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
    this.behind = 0;
    if (line.owner === cpu || (need === Need.read && line.sharers?.has(cpu) === true)) {
      this.level = Level.own;
      this.done = now + own;
      return;
    }
    this.level = this.source(line, cpu, need);
    if (line.freeAt > now) this.wait(line, cpu, need, own);
    else this.fetch(line, need, now, own);
    this.settle(line, cpu, need);
  }

  /** The service of a request that waited begins. */
  served(line: Line, cpu: number): void {
    line.waiting--;
    line.queue!.change(cpu, -1);
  }

  /**
   * All who spin on a copy fetch the line anew, one by one. Returns when the first of them begins; the one at
   * position p has it `refetchDone` later. Whoever writes meanwhile does not wait for those still to come: they
   * find what is written then. (So the chain of validation/markov.ts has it: half of the spinners are in the way of a
   * hand-over, not all.)
   */
  refetch(line: Line, now: number): number {
    const sharers = this.share(line);
    for (const cpu of line.watchers) sharers.add(cpu);
    return Math.max(now, line.freeAt);
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

  private fetch(line: Line, need: NeedCode, now: number, own: number): void {
    const travel = this.costs.transfer[this.level]!;
    this.done = now + travel + own;
    // A copy of a shared line is made by a cache that can make the next one while this one travels.
    const shared = need === Need.read && line.owner < 0 && this.level !== Level.memory;
    line.freeAt = shared ? now + this.costs.refetch : this.done;
  }

  private wait(line: Line, cpu: number, need: NeedCode, own: number): void {
    const queue = (line.queue ??= new QueueByPlace(this.topology));
    this.start = line.freeAt;
    this.behind = line.waiting + 1;
    line.waiting++;
    queue.change(cpu, 1);
    if (need === Need.read) {
      // As after a write that many spin for: the copies set off one after the other, and each one travels.
      line.freeAt = this.start + this.costs.refetch;
      this.done = this.start + this.costs.transfer[this.level]! + own;
    } else {
      line.freeAt = this.start + this.contended(line, cpu);
      this.done = line.freeAt;
    }
  }

  /**
   * ns from one contended read-modify-write to the next: `pair` with two CPUs, near `many` with many. Of those between caches
   * a share (`crossing`) pays the distance between any two that queue, because a batch of near ones has come to an end.
   */
  private contended(line: Line, cpu: number): number {
    const { pair, many, crossing, transfer } = this.costs;
    const contenders = line.waiting + 1;
    const interval = many + ((pair - many) * 2) / Math.max(2, contenders);
    const queue = line.queue!;
    const share = Math.min(1, crossing * Math.max(1, NEAR_BATCH / queue.near(cpu)));
    const extra = queue.meanDistance(cpu, transfer) - transfer[Level.llc]!;
    return interval * this.slowdown(cpu) + share * extra;
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
