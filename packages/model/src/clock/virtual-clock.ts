/**
 * Virtual time. Every CPU has a time of its own; an access takes place when no other CPU can act before it, so all
 * accesses of all CPUs are in one exact order. A CPU goes on without being stopped for as long as it is the earliest.
 *
 *   issue    stopped in front of an access, to be asked for at the time of the event
 *   serve    asked for; takes effect at the time of the event, goes on at `goesOn`
 *   delay    works by itself until `goesOn`
 *   spin     parked on a copy of a line (spin-watch.ts)
 *   asleep   in `wait`; the event is its timeout
 *   waking   woken; the event is when it runs
 *
 * Interrupts reach a CPU in front of an access, in a delay, in a spin and asleep. What it did is taken up afterwards.
 */
import { Accesses } from './accesses.ts';
import { Coherence } from '../coherence/coherence.ts';
import { LineTable } from '../coherence/line-table.ts';
import { seededRandom } from '@percpu/experiment';
import type { Costs } from '../profile/costs.ts';
import type { Topology } from '../profile/topology.ts';
import { Op } from '@percpu/simulator';
import type { AccessClock, Processor, SimulatedMemory, SimulatedStore } from '@percpu/simulator';
import type { InterruptLines } from './interrupt-lines.ts';
import { Interruptions } from './interruptions.ts';
import { Kind, KINDS, NEEDS } from './kinds.ts';
import { Need } from '../coherence/coherence.ts';
import { Ledger } from './ledger.ts';
import { Phase } from './phase.ts';
import { Sleepers } from './sleepers.ts';
import { SpinWatch } from './spin-watch.ts';
import { whatBlocks } from './stuck.ts';
import { Timeline } from './timeline.ts';

export interface VirtualClockOptions {
  readonly topology: Topology;
  readonly costs: Costs;
  readonly lineBytes: number;
  readonly seed: number;
  /** Accesses after which a run that has not ended is given up. */
  readonly mostAccesses?: number;
}

/** A stream of random numbers: who is first among equals. */
const ARBITER = 0x6c69_6e65;
const MOST_ACCESSES = 400_000_000;
const MOST_IN_A_ROW = 1024;
/** Looks at the clock, one after the other, that take no time: more of them is a loop that never ends. */
const MOST_LOOKS = 5_000_000;

export class VirtualClock implements AccessClock {
  readonly setUpTime = 0;
  readonly lines: LineTable;
  readonly coherence: Coherence;
  readonly ledger: Ledger;
  readonly accesses: Accesses;
  readonly store: SimulatedStore;
  readonly timeline: Timeline;
  readonly spins: SpinWatch;
  readonly sleepers: Sleepers;
  private processors: readonly Processor[] = [];
  private interruptions: Interruptions | undefined = undefined;
  private readonly costs: Costs;
  private readonly mostAccesses: number;
  /** Until then CPUs stop in front of their first access: all are to begin at the same time. */
  private isRunning = false;
  /** Accesses since `run` had a look. */
  private inARow = 0;

  constructor(
    store: SimulatedStore,
    { topology, costs, lineBytes, seed, mostAccesses }: VirtualClockOptions,
  ) {
    const { cpus } = topology;
    this.store = store;
    this.costs = costs;
    this.mostAccesses = mostAccesses ?? MOST_ACCESSES;
    this.lines = new LineTable(lineBytes);
    this.coherence = new Coherence(topology, costs);
    this.ledger = new Ledger(cpus, lineBytes);
    this.timeline = new Timeline(cpus);
    const { lines, coherence, ledger } = this;
    const random = seededRandom(seed, ARBITER);
    this.spins = new SpinWatch({ store, lines, coherence, ledger, random, cpus }, (cpu, at) =>
      this.timeline.serveAt(cpu, at, at),
    );
    const { timeline } = this;
    this.accesses = new Accesses({ timeline, lines, coherence, ledger, spins: this.spins, costs });
    this.sleepers = new Sleepers({ timeline, store, lines, costs, coherence, ledger });
  }

  /** Before the first access. Without `interrupts` nothing is ever raised: code that runs on bare memories. */
  attach(processors: readonly Processor[], interrupts?: InterruptLines): void {
    this.processors = processors;
    if (interrupts === undefined) return;
    const { timeline, coherence, ledger, spins, sleepers } = this;
    const costs = this.costs;
    const parts = {
      lines: interrupts,
      processors,
      timeline,
      costs,
      coherence,
      ledger,
      spins,
      sleepers,
    };
    this.interruptions = new Interruptions(parts);
  }

  now(cpu: number): number {
    return this.timeline.time[cpu]!;
  }

  /** Lets all CPUs run until `isOver`. @throws what the code of a CPU threw; when no CPU can go on. */
  run(isOver: () => boolean): void {
    const { queue } = this.timeline;
    this.isRunning = true;
    while (!isOver()) {
      const { cpu, time } = queue;
      if (cpu < 0) throw whatBlocks(this, this.processors.length);
      if (this.accesses.count > this.mostAccesses) {
        throw new RangeError(
          `this takes more than ${this.mostAccesses} accesses to model; fewer CPUs or a shorter window would do`,
        );
      }
      queue.remove(cpu);
      this.inARow = 0;
      this.timeline.time[cpu] = time;
      this.resume(cpu, time);
    }
  }

  /** How much has been simulated, in accesses: a look at a CPU that spins is a small part of one. */
  effort(): number {
    return this.accesses.count + this.spins.looks / 64;
  }

  /** `cpu` has begun to run code, outside of `run`. */
  started(cpu: number): void {
    this.after(cpu);
  }

  /** The window ends: whoever waits has waited until now. */
  close(now: number): void {
    for (let cpu = 0; cpu < this.timeline.phase.length; cpu++) {
      if (this.timeline.phase[cpu] === Phase.spin) this.spins.charge(cpu, now);
      else if (this.timeline.phase[cpu] === Phase.asleep) this.sleepers.charge(cpu, now);
    }
    this.ledger.end(now);
  }

  // ── the seam's questions ──────────────────────────────────────────────────────────────────

  admit(memory: SimulatedMemory): boolean {
    const { cpu, op } = memory;
    if (KINDS[op] === Kind.free) return true;
    const now = this.timeline.time[cpu]!;
    // Now and then `run` has a look, also when nobody else wants to do anything.
    const goesOn = ++this.inARow < MOST_IN_A_ROW;
    if (
      this.isRunning &&
      goesOn &&
      this.timeline.queue.isFirst(cpu, now) &&
      !this.timeline.wantsAttention(cpu, now)
    )
      return this.accesses.issue(cpu, memory, now);
    this.timeline.phase[cpu] = Phase.issue;
    this.timeline.queue.set(cpu, now);
    return false;
  }

  carryOut(memory: SimulatedMemory): number | string | undefined {
    const { cpu, op, at } = memory;
    if (op === Op.wait) return this.sleepers.sleep(memory, this.processors[cpu]!) as string;
    if (op === Op.notify) return this.sleepers.notify(memory);
    if (op === Op.choose) return 0;
    if (op === Op.pause && at !== 0) return this.accesses.turns(cpu, Math.abs(memory.b as number));
    if (op !== Op.now) return undefined;
    if (++this.accesses.looks > MOST_LOOKS)
      throw new RangeError(
        `CPU ${cpu} looks at the clock over and over, and does nothing that takes time`,
      );
    return this.timeline.time[cpu]!;
  }

  performed(memory: SimulatedMemory, result: unknown): void {
    const line = this.accesses.lineOf[memory.cpu];
    if (line === undefined) return;
    if (line.isMailbox) this.interruptions!.raised(line, memory, result as number);
    else if (line.watchers.length > 0 && NEEDS[memory.op] !== Need.read)
      this.spins.written(line, memory.cpu, this.timeline.time[memory.cpu]!);
  }

  // ── one event ─────────────────────────────────────────────────────────────────────────────

  private resume(cpu: number, now: number): void {
    if (this.timeline.wantsAttention(cpu, now) && this.interruptions!.attend(cpu, now)) {
      this.after(cpu);
      return;
    }
    switch (this.timeline.phase[cpu]) {
      case Phase.issue:
        if (this.accesses.issue(cpu, this.processors[cpu]!.memory, now)) this.step(cpu);
        break;
      case Phase.serve:
        this.accesses.serve(cpu);
        this.step(cpu);
        break;
      case Phase.delay:
        if (now < this.timeline.goesOn[cpu]!)
          this.timeline.restUntil(cpu, this.timeline.goesOn[cpu]!);
        else this.step(cpu);
        break;
      case Phase.spin:
        if (now < this.timeline.goesOn[cpu]!)
          return this.timeline.restUntil(cpu, this.timeline.goesOn[cpu]!);
        this.spins.leave(cpu, now);
        this.step(cpu);
        break;
      case Phase.asleep:
        this.sleepers.leave(cpu, this.processors[cpu]!);
        this.sleepers.charge(cpu, now);
        this.wake(cpu, 'timed-out');
        break;
      default:
        this.wake(cpu, 'ok');
    }
  }

  private step(cpu: number): void {
    this.processors[cpu]!.step();
    this.after(cpu);
  }

  private wake(cpu: number, answer: string): void {
    this.coherence.active[cpu] = 1;
    this.processors[cpu]!.wake(answer);
    this.after(cpu);
  }

  private after(cpu: number): void {
    const processor = this.processors[cpu]!;
    if (processor.state === 'failed') throw processor.error;
    this.interruptions?.uncover(cpu);
  }
}
