/**
 * May a task spin for a sleeping lock rather than sleep? As long as the task that holds it runs: then it will be done
 * sooner than a sleep and a wake-up would take. Linux: owner_on_cpu(), need_resched().
 *
 * Not without end: the CPU of the owner may have lost its host core, which nobody can see, and with fewer cores than
 * CPUs the spinner would burn the very time slice that the owner waits for. The bound is that of all
 * waiting (boot parameter `spin.budget`, 0: never spins).
 */
import { SPIN_BUDGET, Task } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';

/** For one spin of the running task. */
export function spinGate(cpu: Cpu): SpinGate {
  return new SpinGate(cpu, cpu.parameter(SPIN_BUDGET));
}

export class SpinGate {
  private readonly cpu: Cpu;
  private readonly budget: number;
  private left: number;

  /** Use `spinGate`. */
  constructor(cpu: Cpu, budget: number) {
    this.cpu = cpu;
    this.budget = budget;
    this.left = budget;
  }

  /** Asked at each turn of a wait. Nobody else wants this CPU, and there are turns left. */
  mayGoOn(): boolean {
    return this.left-- > 0 && !this.cpu.scheduler.hasWork();
  }

  /** As `mayGoOn`, and `owner` is on its CPU. A task that has ended meanwhile leaves its slot, which is always a task's. */
  mayWaitFor(owner: Ptr): boolean {
    return this.mayGoOn() && this.cpu.memory.load(owner + Task.onCpu) !== 0;
  }

  /** The lock has changed hands: things move. */
  renew(): void {
    this.left = this.budget;
  }
}
