/**
 * Interrupts on their way. An interrupt that one CPU raises on another takes a while, and until then the target sees
 * nothing: the bits that the sender has set in the target's pending word are taken out again and put back when they arrive.
 *
 * The mailbox of a CPU (pending, kick, sleeping) stands for its interrupt controller. It is no cache line in the machine
 * that is modelled, and costs what sending and looking costs there.
 */
import { areaOf, PerCpuLayout } from '@percpu/machine';
import { Op } from '@percpu/simulator';
import type { SimulatedMachine, SimulatedMemory } from '@percpu/simulator';
import type { LineTable } from '../coherence/line-table.ts';
import type { Line } from '../coherence/line.ts';

interface Raised {
  readonly bits: number;
  readonly arrives: number;
}

const { pending, kick, waitsFor } = PerCpuLayout;

export class InterruptLines {
  private readonly machine: SimulatedMachine;
  private readonly mailboxes: Map<Line, number> = new Map<Line, number>();
  private readonly underWay: Raised[][];

  constructor(machine: SimulatedMachine, lines: LineTable) {
    this.machine = machine;
    this.underWay = machine.cpus.map(() => []);
    for (const { id, area } of machine.cpus) {
      const line = lines.at(area + kick);
      line.isMailbox = true;
      this.mailboxes.set(line, id);
    }
  }

  /** Whose mailbox that is. */
  ownerOf(line: Line): number {
    return this.mailboxes.get(line)!;
  }

  private kickWord(cpu: number): number {
    return areaOf(this.machine.info, cpu) + kick;
  }

  /** Does this access raise an interrupt on another CPU? */
  isRaise({ op, at, cpu }: SimulatedMemory, owner: number): boolean {
    return op === Op.fetchOr && owner !== cpu && at === areaOf(this.machine.info, owner) + pending;
  }

  /** It has just been carried out and found `before`: the new bits arrive at `arrives`. False: none is new. */
  raise({ at }: SimulatedMemory, target: number, before: number, arrives: number): boolean {
    const words = this.machine.store.u32;
    const bits = (words[at >>> 2]! & ~before) >>> 0;
    if (bits === 0) return false;
    words[at >>> 2] = before;
    this.underWay[target]!.push({ bits, arrives });
    return true;
  }

  /** When the next interrupt reaches `cpu`. */
  next(cpu: number): number {
    return this.underWay[cpu]![0]?.arrives ?? Infinity;
  }

  /** What has reached `cpu` by `now` becomes visible to it. */
  arrive(cpu: number, now: number): void {
    const queue = this.underWay[cpu]!;
    while (queue.length > 0 && queue[0]!.arrives <= now) {
      const at = (areaOf(this.machine.info, cpu) + pending) >>> 2;
      this.machine.store.u32[at]! |= queue.shift()!.bits;
    }
  }

  /** When the timer of `cpu` fires, for a CPU that takes timer interrupts now. */
  timer(cpu: number): number {
    return this.machine.cpus[cpu]!.nextEvent;
  }

  /** Would `cpu` take an interrupt now? */
  isDue(cpu: number, now: number): boolean {
    const { machine } = this;
    if (machine.interruptDue(cpu)) return true;
    return now >= machine.cpus[cpu]!.nextEvent && machine.listens(cpu);
  }

  /** What `cpu` waits for when it sleeps on the word at `at`: itself, or a task of it that sleeps; 0 when it has nothing to do. */
  reasonOfSleep(cpu: number, at: number): number {
    if (at !== this.kickWord(cpu)) return at;
    const { info, store, cpus } = this.machine;
    return store.u32[(areaOf(info, cpu) + waitsFor) >>> 2]! || cpus[cpu]!.scheduler.blocker();
  }

  /** Does what has arrived end a sleep of `cpu` on the word at `at`? */
  wakes(cpu: number, at: number): boolean {
    return at === this.kickWord(cpu) && this.machine.interruptPending(cpu);
  }

  deliver(cpu: number): void {
    this.machine.deliverInterrupts(cpu);
  }
}
