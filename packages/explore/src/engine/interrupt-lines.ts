/**
 * Which CPU could take an interrupt now. On hardware taking one and turning them off is one step; here handling begins
 * with a look at the pending word, so a CPU that has begun and not yet taken anything is not interrupted again.
 */
import { PerCpuLayout } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { SimulatedMachine } from '@percpu/simulator';

export class InterruptLines {
  private readonly machine: SimulatedMachine | undefined;
  private readonly first: Ptr;
  private readonly stride: number;
  private readonly entering: boolean[];

  /** Without a machine there are no interrupts. */
  constructor(machine: SimulatedMachine | undefined) {
    this.machine = machine;
    this.first = machine === undefined ? 0 : machine.info.areas + PerCpuLayout.pending;
    this.stride = machine === undefined ? 1 : machine.info.areaSize;
    this.entering = machine === undefined ? [] : machine.cpus.map(() => false);
  }

  /** No interrupts on this ground. */
  get none(): boolean {
    return this.machine === undefined;
  }

  clear(): void {
    this.entering.fill(false);
  }

  /** The CPU whose pending word is at `at`; −1 if there is none. */
  ownerOf(at: Ptr): number {
    if (this.machine === undefined) return -1;
    const cpu = (at - this.first) / this.stride;
    return Number.isInteger(cpu) && cpu >= 0 && cpu < this.entering.length ? cpu : -1;
  }

  /** An interrupt is pending that CPU `cpu` would take. */
  due(cpu: number): boolean {
    return !this.entering[cpu]! && this.machine!.interruptDue(cpu);
  }

  /** Its timer has been set for this time, and it would take the interrupt. Infinity: not. */
  timerOf(cpu: number): number {
    const machine = this.machine!;
    const at = machine.cpus[cpu]!.nextEvent;
    if (at === Infinity || this.entering[cpu]! || !machine.listens(cpu)) return Infinity;
    return at;
  }

  deliver(cpu: number): void {
    this.entering[cpu] = true;
    this.machine!.deliverInterrupts(cpu);
  }

  /** It has taken its interrupts from the pending word, or the context has ended. */
  entered(cpu: number): void {
    this.entering[cpu] = false;
  }
}
