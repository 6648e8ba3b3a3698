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
import { Coherence } from '../coherence/coherence.ts';
import { LineTable } from '../coherence/line-table.ts';
import type { Line } from '../coherence/line.ts';
import { seededRandom } from '@percpu/experiment';
import type { Costs } from '../profile/costs.ts';
import { Level } from '../profile/topology.ts';
import type { Topology } from '../profile/topology.ts';
import { BLOCKED, Op } from '@percpu/simulator';
import type { AccessClock, Processor, SimulatedMemory, SimulatedStore } from '@percpu/simulator';
import { EventQueue } from './event-queue.ts';
import type { InterruptLines } from './interrupt-lines.ts';
import { Kind, KINDS, NEEDS } from './kinds.ts';
import { Need } from '../coherence/coherence.ts';
import { Ledger, Spend } from './ledger.ts';
import { Phase } from './phase.ts';
import { Sleepers } from './sleepers.ts';
import { SpinWatch } from './spin-watch.ts';
import { whatBlocks } from './stuck.ts';

export interface VirtualClockOptions {
  readonly topology: Topology;
  readonly costs: Costs;
  readonly lineBytes: number;
  readonly seed: number;
  /** Accesses after which a run that has not ended is given up. */
  readonly mostAccesses?: number;
}

/** What an interrupt has covered. */
interface Covered {
  readonly phase: number;
  /** ns of a delay that are left. */
  readonly left: number;
  readonly since: number;
}

const MOST_ACCESSES = 400_000_000;
const MOST_IN_A_ROW = 1024;
/** Looks at the clock, one after the other, that take no time: more of them is a loop that never ends. */
const MOST_LOOKS = 5_000_000;

export class VirtualClock implements AccessClock {
  readonly setUpTime = 0;
  readonly lines: LineTable;
  readonly coherence: Coherence;
  readonly ledger: Ledger;
  /** Accesses carried out. */
  accesses = 0;
  readonly store: SimulatedStore;
  readonly phase: Uint8Array;
  readonly spins: SpinWatch;
  readonly sleepers: Sleepers;
  private processors: readonly Processor[] = [];
  private interrupts: InterruptLines | undefined = undefined;
  private readonly costs: Costs;
  private readonly turnNs: number;
  private readonly mostAccesses: number;
  private readonly queue: EventQueue;
  private readonly time: Float64Array;
  private readonly goesOn: Float64Array;
  /** When something has to be looked at before `cpu` goes on. */
  private readonly attention: Float64Array;
  private readonly lineOf: (Line | undefined)[];
  private readonly waited: Uint8Array;
  private readonly covered: Covered[][];
  private looks = 0;
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
    // A pause, a look at the own mailbox, a look at the word.
    this.turnNs = costs.pause + 2 * costs.hit;
    this.mostAccesses = mostAccesses ?? MOST_ACCESSES;
    this.lines = new LineTable(lineBytes);
    this.coherence = new Coherence(topology, costs);
    this.ledger = new Ledger(cpus, lineBytes);
    this.queue = new EventQueue(cpus);
    this.phase = new Uint8Array(cpus);
    this.time = new Float64Array(cpus);
    this.goesOn = new Float64Array(cpus);
    this.attention = new Float64Array(cpus).fill(Infinity);
    this.lineOf = new Array<Line | undefined>(cpus).fill(undefined);
    this.waited = new Uint8Array(cpus);
    this.covered = Array.from({ length: cpus }, () => []);
    const { lines, coherence, ledger } = this;
    const random = seededRandom(seed, ARBITER);
    this.spins = new SpinWatch({ store, lines, coherence, ledger, random, cpus }, (cpu, at) =>
      this.serveAt(cpu, at, at),
    );
    this.sleepers = new Sleepers(cpus, coherence, ledger, lines);
  }

  /** Before the first access. Without `interrupts` nothing is ever raised: code that runs on bare memories. */
  attach(processors: readonly Processor[], interrupts?: InterruptLines): void {
    this.processors = processors;
    this.interrupts = interrupts;
  }

  now(cpu: number): number {
    return this.time[cpu]!;
  }

  /** Lets all CPUs run until `isOver`. @throws what the code of a CPU threw; when no CPU can go on. */
  run(isOver: () => boolean): void {
    const { queue } = this;
    this.isRunning = true;
    while (!isOver()) {
      const { cpu, time } = queue;
      if (cpu < 0) throw whatBlocks(this, this.processors.length);
      if (this.accesses > this.mostAccesses) {
        throw new RangeError(
          `this takes more than ${this.mostAccesses} accesses to model; fewer CPUs or a shorter window would do`,
        );
      }
      queue.remove(cpu);
      this.inARow = 0;
      this.time[cpu] = time;
      this.resume(cpu, time);
    }
  }

  /** `cpu` has begun to run code, outside of `run`. */
  started(cpu: number): void {
    this.after(cpu);
  }

  /** The window ends: whoever waits has waited until now. */
  close(now: number): void {
    for (let cpu = 0; cpu < this.phase.length; cpu++) {
      if (this.phase[cpu] === Phase.spin) this.spins.charge(cpu, now);
      else if (this.phase[cpu] === Phase.asleep) this.sleepers.charge(cpu, now);
    }
    this.ledger.end(now);
  }

  // ── the seam's questions ──────────────────────────────────────────────────────────────────

  admit(memory: SimulatedMemory): boolean {
    const { cpu, op } = memory;
    if (KINDS[op] === Kind.free) return true;
    const now = this.time[cpu]!;
    // Now and then `run` has a look, also when nobody else wants to do anything.
    const goesOn = ++this.inARow < MOST_IN_A_ROW;
    if (this.isRunning && goesOn && this.queue.isFirst(cpu, now) && !this.wantsAttention(cpu, now))
      return this.issue(cpu, memory, now);
    this.phase[cpu] = Phase.issue;
    this.queue.set(cpu, now);
    return false;
  }

  carryOut(memory: SimulatedMemory): number | string | undefined {
    const { cpu, op, at } = memory;
    if (op === Op.wait) return this.sleep(memory) as string;
    if (op === Op.notify) return this.wakeSleepers(memory);
    if (op === Op.choose) return 0;
    if (op === Op.pause && at !== 0)
      return this.spins.turns(cpu, this.time[cpu]!, this.turnNs * this.coherence.slowdown(cpu));
    if (op !== Op.now) return undefined;
    if (++this.looks > MOST_LOOKS)
      throw new RangeError(
        `CPU ${cpu} looks at the clock over and over, and does nothing that takes time`,
      );
    return this.time[cpu]!;
  }

  performed(memory: SimulatedMemory, result: unknown): void {
    const line = this.lineOf[memory.cpu];
    if (line === undefined) return;
    if (line.isMailbox) this.raised(line, memory, result as number);
    else if (line.watchers.length > 0 && NEEDS[memory.op] !== Need.read)
      this.spins.written(line, memory.cpu, this.time[memory.cpu]!);
  }

  // ── one event ─────────────────────────────────────────────────────────────────────────────

  private resume(cpu: number, now: number): void {
    if (this.wantsAttention(cpu, now) && this.attend(cpu, now)) return;
    switch (this.phase[cpu]) {
      case Phase.issue:
        if (this.issue(cpu, this.processors[cpu]!.memory, now)) this.step(cpu);
        break;
      case Phase.serve:
        if (this.waited[cpu] === 1) this.coherence.served(this.lineOf[cpu]!, cpu);
        this.waited[cpu] = 0;
        this.time[cpu] = this.goesOn[cpu]!;
        this.step(cpu);
        break;
      case Phase.delay:
        if (now < this.goesOn[cpu]!) this.restUntil(cpu, this.goesOn[cpu]!);
        else this.step(cpu);
        break;
      case Phase.spin:
        if (now < this.goesOn[cpu]!) return this.restUntil(cpu, this.goesOn[cpu]!);
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
    const covered = this.covered[cpu]!;
    if (covered.length > 0 && processor.state === 'ready' && processor.depth <= covered.length)
      this.uncover(cpu, covered.pop()!);
  }

  // ── accesses ──────────────────────────────────────────────────────────────────────────────

  /** The access in front of which `cpu` stands begins. True: it takes place now; else an event has been set. */
  private issue(cpu: number, memory: SimulatedMemory, now: number): boolean {
    switch (KINDS[memory.op]) {
      case Kind.access:
        return this.access(cpu, memory, now);
      case Kind.range:
        return this.range(cpu, memory, now);
      case Kind.pause:
        return this.pause(cpu, memory, now);
      case Kind.delay:
        this.phase[cpu] = Phase.delay;
        this.goesOn[cpu] = now + Math.max(0, memory.a as number) * this.coherence.slowdown(cpu);
        this.looks = 0;
        this.restUntil(cpu, this.goesOn[cpu]);
        return false;
      case Kind.wait:
        // An event of its own, even when it takes place now: only a CPU that has stopped can fall asleep.
        if (this.access(cpu, memory, now)) this.serveAt(cpu, now, this.time[cpu]!);
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
    this.accesses++;
    this.looks = 0;
    if (line.isMailbox) {
      this.time[cpu] = now + this.costs.hit;
      return true;
    }
    const busyUntil = Math.max(now, line.freeAt);
    coherence.take(line, cpu, NEEDS[op]!, now);
    if (this.ledger.open) this.bill(line, cpu, op, at, now, busyUntil);
    if (coherence.start === now) {
      this.time[cpu] = coherence.done;
      return true;
    }
    this.waited[cpu] = 1;
    this.serveAt(cpu, coherence.start, coherence.done);
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
        if (coherence.start > time) coherence.served(lines.at(here), cpu);
        time = coherence.done;
      }
    };
    if (op === Op.copy) walk(a as number, Need.read);
    walk(at, Need.write);
    this.accesses++;
    this.lineOf[cpu] = undefined;
    this.time[cpu] = time;
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
      this.time[cpu] = now + this.costs.pause * slowdown;
      return true;
    }
    this.phase[cpu] = Phase.spin;
    // On a machine where a turn takes no time there is no end to them.
    this.goesOn[cpu] = now + (Math.abs(turns) * this.turnNs * slowdown || Infinity);
    this.restUntil(cpu, this.goesOn[cpu]);
    return false;
  }

  private serveAt(cpu: number, start: number, goesOn: number): void {
    this.phase[cpu] = Phase.serve;
    this.goesOn[cpu] = goesOn;
    this.queue.set(cpu, start);
  }

  /** Nothing to do for `cpu` before `time`, unless an interrupt comes. */
  private restUntil(cpu: number, time: number): void {
    const timer = this.interrupts?.timer(cpu) ?? Infinity;
    const fires = timer > this.time[cpu]! ? timer : Infinity;
    this.queue.set(cpu, Math.min(time, this.attention[cpu]!, fires));
  }

  // ── sleeping ──────────────────────────────────────────────────────────────────────────────

  private sleep({ cpu, at, a, b }: SimulatedMemory): string | typeof BLOCKED {
    const now = this.time[cpu]!;
    const until = now + Math.max(0, b as number);
    if (this.store.u32[at >>> 2] !== (a as number) >>> 0) return 'not-equal';
    if (until === now) return 'timed-out';
    this.sleepers.add(cpu, at, now, until, this.processors[cpu]!);
    this.phase[cpu] = Phase.asleep;
    this.queue.set(cpu, Math.min(until, this.attention[cpu]!));
    return BLOCKED;
  }

  private wakeSleepers({ cpu, at, a }: SimulatedMemory): number {
    const { costs, interrupts } = this;
    const targets = this.sleepers.take(at, a as number);
    const isKick = interrupts !== undefined && this.lines.at(at).isMailbox;
    let now = this.time[cpu]!;
    if (targets.length === 0 && !isKick) now += costs.notifyNobody;
    for (const target of targets) {
      // A kick that follows an interrupt is the interrupt.
      const arrives = isKick ? interrupts.next(target) : Infinity;
      if (arrives === Infinity) now += isKick ? costs.ipiSend : costs.notify;
      const news =
        arrives < Infinity ? arrives : now + (isKick ? costs.ipiDeliver : costs.wakeLatency);
      this.wakeAt(target, news + (isKick ? costs.idleExit : 0));
    }
    this.ledger.spend(cpu, Spend.ipi, this.time[cpu]!, now);
    this.time[cpu] = now;
    return targets.length;
  }

  private wakeAt(cpu: number, time: number): void {
    this.sleepers.charge(cpu, time);
    this.phase[cpu] = Phase.waking;
    this.queue.set(cpu, time);
  }

  // ── interrupts ────────────────────────────────────────────────────────────────────────────

  private wantsAttention(cpu: number, now: number): boolean {
    return (
      now >= this.attention[cpu]! ||
      (this.interrupts !== undefined && now >= this.interrupts.timer(cpu))
    );
  }

  /** An access to a mailbox has been carried out: was it an interrupt that is sent? */
  private raised(line: Line, memory: SimulatedMemory, before: number): void {
    const interrupts = this.interrupts!;
    const target = interrupts.ownerOf(line);
    const { cpu } = memory;
    if (!interrupts.isRaise(memory, target)) return;
    const now = this.time[cpu]!;
    const sent = now + this.costs.ipiSend;
    this.time[cpu] = sent;
    this.ledger.spend(cpu, Spend.ipi, now, sent);
    const arrives = sent + this.costs.ipiDeliver;
    if (!interrupts.raise(memory, target, before, arrives)) return;
    this.attention[target] = Math.min(this.attention[target]!, arrives);
    const phase = this.phase[target]!;
    if (phase === Phase.delay || phase === Phase.spin || phase === Phase.asleep)
      this.queue.advance(target, arrives);
  }

  /** Something has come for `cpu`. True: it does that, and not what it was about to do. */
  private attend(cpu: number, now: number): boolean {
    const interrupts = this.interrupts!;
    interrupts.arrive(cpu, now);
    this.attention[cpu] = interrupts.next(cpu);
    switch (this.phase[cpu]) {
      case Phase.serve:
      case Phase.waking:
        // In the middle of an access: in front of the next one.
        this.attention[cpu] = now;
        return false;
      case Phase.asleep:
        return this.attendAsleep(cpu, now);
      default:
        if (!interrupts.isDue(cpu, now)) return false;
        this.interrupt(cpu, now);
        return true;
    }
  }

  private attendAsleep(cpu: number, now: number): boolean {
    const until = this.sleepers.until(cpu);
    if (now >= until) return false;
    if (this.interrupts!.wakes(cpu, this.sleepers.wordOf(cpu))) {
      this.sleepers.leave(cpu, this.processors[cpu]!);
      this.wakeAt(cpu, now + this.costs.idleExit);
    } else this.queue.set(cpu, Math.min(until, this.attention[cpu]!));
    return true;
  }

  private interrupt(cpu: number, now: number): void {
    const phase = this.phase[cpu]!;
    if (phase === Phase.spin) this.spins.leave(cpu, now);
    const isDelay = phase === Phase.delay;
    this.covered[cpu]!.push({
      phase: isDelay ? Phase.delay : Phase.issue,
      left: isDelay ? this.goesOn[cpu]! - now : 0,
      since: now,
    });
    this.ledger.interrupts[cpu]! += 1;
    this.time[cpu] = now + this.costs.interrupt * this.coherence.slowdown(cpu);
    this.interrupts!.deliver(cpu);
    this.after(cpu);
  }

  /** An interrupt is over. */
  private uncover(cpu: number, { phase, left, since }: Covered): void {
    const now = this.time[cpu]!;
    this.ledger.interrupts[cpu]! -= 1;
    if (this.ledger.interrupts[cpu] === 0) this.ledger.spend(cpu, Spend.ipi, since, now);
    this.phase[cpu] = phase;
    this.goesOn[cpu] = now + left;
    if (phase === Phase.delay) this.restUntil(cpu, now + left);
    else this.queue.set(cpu, now);
  }
}

const ARBITER = 0x6c69_6e65;
