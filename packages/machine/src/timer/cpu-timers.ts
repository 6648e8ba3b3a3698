/**
 * One CPU's clock: when it has to look at its timers next, and its tick.
 *
 * A CPU has one programmable event (`Cpu.setNextEvent`). It is looked at where the CPU looks for
 * interrupts; a tight `relax` loop reads the clock every 32 turns only, because that costs as much as
 * the turn. Programmed is the earliest of
 *
 *   first hrtimer   first timer   next tick       while the CPU runs
 *   first hrtimer   first timer                   while it sleeps (NOHZ: an idle CPU has no tick)
 *
 * The tick is aligned to jiffies and exists only while somebody asked for it (`onTick`). A tick missed is
 * not made up for; after a sleep one comes at once.
 */
import { CACHE_LINE, layout, percpuAlloc, perCpuPtr } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { TIMER_INTERRUPT } from '../interrupt-bits.ts';
import { PerCpuLayout } from '../machine-layout.ts';
import { TIMER_SOFTIRQ } from '../softirq/softirq-numbers.ts';
import type { Subsystem } from '../subsystem.ts';
import { tickNsec } from './jiffies.ts';
import { KTIME_MAX, TimerBase } from './timer-bases.ts';
import type { BaseKind } from './timer-bases.ts';

/** Called at each tick of this CPU, in hardirq context. */
export type TickHandler = (cpu: Cpu) => void;

const basesFields = { timers: TimerBase, hrtimers: TimerBase } as const;
/** Per CPU. */
const Bases: Layout<typeof basesFields> = layout(basesFields, { name: 'TimerBases' });

export class CpuTimers {
  /** This CPU's bases. */
  readonly timers: Ptr;
  readonly hrtimers: Ptr;
  /** The CPU is down: its timers belong to whoever takes them over. */
  offline: boolean = false;
  /** No hrtimer interrupt before this: the last one did not come to an end. In ns; 0 = none. */
  hungUntil: number = 0;
  private readonly cpu: Cpu;
  private readonly offset: number;
  private readonly tickNs: number;
  private nextTick = Infinity;
  private handlers: readonly TickHandler[] = [];

  /** `at`: this CPU's bases, at `offset` in its area. */
  constructor(cpu: Cpu, offset: number, at: Ptr, tickNs: number) {
    this.cpu = cpu;
    this.offset = offset;
    this.tickNs = tickNs;
    this.timers = at + Bases.timers;
    this.hrtimers = at + Bases.hrtimers;
  }

  /** The base of CPU `id`. */
  baseOf(kind: BaseKind, id: number): Ptr {
    return perCpuPtr(this.cpu.machine.percpu, this.offset, id) + Bases[kind];
  }

  /** The jiffy that began at `ns` or last before. */
  jiffyAt(ns: number): number {
    return Math.floor((ns - this.cpu.machine.bootTime) / this.tickNs);
  }

  /** When `jiffy` begins. */
  startOf(jiffy: number): number {
    return this.cpu.machine.bootTime + jiffy * this.tickNs;
  }

  /** Linux: tick_program_event(). Programs the earliest of what is to come. Interrupts are off. */
  reprogram(): void {
    const { memory, area } = this.cpu;
    if (this.offline) {
      this.cpu.setNextEvent(Infinity);
      return;
    }
    // Pair with the stores in enqueue and dequeue. A CPU that puts an earlier one on our base raises
    // TIMER_INTERRUPT here afterwards, so what these loads miss brings us here again.
    const hrtimer = memory.load64(this.hrtimers + TimerBase.first);
    const jiffy = memory.load64(this.timers + TimerBase.first);
    let wake = hrtimer === KTIME_MAX ? Infinity : Math.max(hrtimer, this.hungUntil);
    // With the soft irq raised, the timers are on their way; it programs again when it is done.
    const underWay =
      (memory.readOwn(area + PerCpuLayout.softirqPending) & (1 << TIMER_SOFTIRQ)) !== 0;
    if (jiffy !== KTIME_MAX && !underWay) wake = Math.min(wake, this.startOf(jiffy));
    this.cpu.setNextEvent(Math.min(wake, this.nextTick), wake);
  }

  /** A timer on the base of CPU `id` became the first of its queue. Interrupts are off. */
  programmedEarlier(id: number): void {
    if (id === this.cpu.id) this.reprogram();
    else this.cpu.raise(id, TIMER_INTERRUPT);
  }

  /** Runs the tick handlers if a tick is due. Hardirq context. */
  tick(now: number): void {
    if (now < this.nextTick) return;
    this.nextTick = this.startOf(this.jiffyAt(now) + 1);
    this.cpu.count('ticks');
    for (const handler of this.handlers) handler(this.cpu);
  }

  setTickHandlers(handlers: readonly TickHandler[]): void {
    this.handlers = handlers;
    if (handlers.length === 0) this.nextTick = Infinity;
    else if (this.nextTick === Infinity)
      this.nextTick = this.startOf(this.jiffyAt(this.cpu.now()) + 1);
    const flags = this.cpu.localIrqSave();
    this.reprogram();
    this.cpu.localIrqRestore(flags);
  }

  tickHandlers(): readonly TickHandler[] {
    return this.handlers;
  }
}

/** Timers, hrtimers and the tick. Attached when a CPU starts. */
export const timers: Subsystem<CpuTimers> = Object.freeze({
  name: 'timer',
  create(cpu: Cpu): Ptr {
    const { memory, machine } = cpu;
    const offset = percpuAlloc(memory, machine.percpu, Bases.size, CACHE_LINE);
    for (let id = 0; id < machine.nrCpus; id++) {
      const at = perCpuPtr(machine.percpu, offset, id);
      memory.describe(at, Bases, `timers of cpu ${id}`);
      memory.store64(at + Bases.timers + TimerBase.first, KTIME_MAX);
      memory.store64(at + Bases.hrtimers + TimerBase.first, KTIME_MAX);
    }
    return offset;
  },
  attach(cpu: Cpu, offset: Ptr): CpuTimers {
    const at = perCpuPtr(cpu.machine.percpu, offset, cpu.id);
    return new CpuTimers(cpu, offset, at, tickNsec(cpu));
  },
});

/** Linux: what scheduler_tick() is to the scheduler. From now on `handler` is called at each tick of this CPU. Any context but NMI. */
export function onTick(cpu: Cpu, handler: TickHandler): void {
  const own = cpu.use(timers);
  own.setTickHandlers([...own.tickHandlers(), handler]);
}

/** Takes back what `onTick` gave. Without handlers the CPU has no tick. */
export function offTick(cpu: Cpu, handler: TickHandler): void {
  const own = cpu.use(timers);
  own.setTickHandlers(own.tickHandlers().filter((one) => one !== handler));
}
