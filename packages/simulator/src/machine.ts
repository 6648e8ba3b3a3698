/**
 * A whole machine in one thread: memory brought up and CPUs attached by the plain code of @percpu/machine, then run
 * under control. What happens when is up to the clock; this class knows how: which interrupts are due, how a context
 * is put on a CPU, how a program becomes a task.
 */
import { begin } from '@percpu/coroutine/runtime';
import {
  Cpu,
  attachCpu,
  bringUpMachine,
  cpuMain,
  NMI_BITS,
  PerCpuLayout,
  programTask,
  startCpu,
} from '@percpu/machine';
import type { CpuHost, MachineConfig, MachineInfo, Outcome, Sleeps } from '@percpu/machine';
import { formatHeader } from '@percpu/memory';
import { SimulatedMemory } from './memory.ts';
import type { AccessClock } from './clock.ts';
import type { SimulatedMemoryOptions } from './memory.ts';
import { Processor } from './processor.ts';
import type { SimulatedStore } from './store.ts';

export interface SimulatedMachineOptions extends MachineConfig, SimulatedMemoryOptions {
  /**
   * `bare`: CPUs for code that neither sleeps nor needs interrupts, several times faster to make. `full`: everything
   * a booted CPU has (IPIs, soft irqs, timers, work queues, hotplug), with its main loop.
   */
  readonly equipment?: 'bare' | 'full';
  /** Makes `rewind` possible: costs a copy of the memory. */
  readonly rewindable?: boolean;
}

// eslint-disable-next-line @typescript-eslint/unbound-method -- `interrupt` is given the receiver
const TAKE_INTERRUPTS: () => void = Cpu.prototype.takeInterrupts;

export class SimulatedMachine {
  readonly store: SimulatedStore;
  readonly info: MachineInfo;
  /** Others after each `rewind`. */
  cpus: readonly Cpu[] = [];
  readonly processors: readonly Processor[];
  private hosts: readonly CpuHost[] = [];
  private readonly full: boolean;

  /** Formats `store` (zeroed) and attaches all CPUs. Nothing is under control yet. */
  constructor(store: SimulatedStore, clock: AccessClock, options: SimulatedMachineOptions) {
    this.store = store;
    const memories = Array.from(
      { length: options.cpus },
      (_, id) => new SimulatedMemory(store, id, clock, options),
    );
    const first = memories[0]!;
    formatHeader(first, 0);
    this.info = bringUpMachine(first, options);
    this.processors = memories.map((memory) => new Processor(memory));
    this.full = options.equipment === 'full';
    if (options.rewindable === true) store.checkpoint();
    this.attach();
  }

  /** As after the constructor, whatever has happened since: for the next run of the same machine. `rewindable` only. */
  rewind(): void {
    this.store.rewind();
    this.setImmediate(true);
    for (const processor of this.processors) processor.reset();
    this.attach();
  }

  private attach(): void {
    this.cpus = this.processors.map(({ memory }, id) => attachCpu(memory, id));
    this.hosts = this.cpus.map(() => ({ hostWork: false, exit: false, outstanding: 0 }));
    if (this.full) this.cpus.forEach((cpu, id) => startCpu(cpu, this.hosts[id]!));
  }

  /** From now on every access is under control (or, after a run, no longer). */
  setImmediate(immediate: boolean): void {
    for (const { memory } of this.processors) memory.immediate = immediate;
  }

  /** Makes `main(cpu)` a task of CPU `id`; `done` is told how it ended. Full CPUs, before `enterMainLoop`. */
  startTask(
    id: number,
    name: string,
    main: (cpu: Cpu) => unknown,
    done: (outcome: Outcome) => void,
  ): void {
    // Called through its twin, so that the task is a generator whose body can be stopped.
    const frame = begin(programTask, undefined, [main, this.cpus[id]]);
    const { value } = frame.next();
    this.cpus[id]!.scheduler.start(name, value as Sleeps<unknown>, done);
  }

  /** CPU `id` begins its main loop, under control. */
  enterMainLoop(id: number): void {
    this.processors[id]!.start(cpuMain, undefined, [this.cpus[id], this.hosts[id]]);
  }

  /** Has an interrupt come for CPU `id` that it would take, if it were awake? Touches nothing. */
  interruptPending(id: number): boolean {
    const { area } = this.cpus[id]!;
    const words = this.store.u32;
    const bits = words[(area + PerCpuLayout.pending) >>> 2]!;
    if (bits === 0) return false;
    return words[(area + PerCpuLayout.irqsOff) >>> 2] === 0 || (bits & NMI_BITS) !== 0;
  }

  /** The same, for one that is not about to sleep: would it take it if it looked? */
  interruptDue(id: number): boolean {
    return !this.cpus[id]!.goingToSleep && this.interruptPending(id);
  }

  /** Would CPU `id` take a maskable interrupt now, if there were one? Touches nothing. */
  listens(id: number): boolean {
    const { goingToSleep, area } = this.cpus[id]!;
    return !goingToSleep && this.store.u32[(area + PerCpuLayout.irqsOff) >>> 2] === 0;
  }

  /** CPU `id` takes its interrupts, on top of what it does. It has stopped in front of an access. */
  deliverInterrupts(id: number): void {
    const cpu = this.cpus[id]!;
    this.processors[id]!.interrupt(TAKE_INTERRUPTS, cpu, []);
  }
}
