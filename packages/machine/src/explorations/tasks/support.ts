/** Tasks on bare CPUs: a main loop that ends. */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';

/** The main loop of a CPU, until the word at `until` is not 0. Whoever stores there kicks the CPU. */
export function runTasks(cpu: Cpu, until: Ptr): void {
  const over = (): boolean => cpu.memory.load(until) !== 0;
  while (!over()) {
    cpu.takeInterrupts();
    if (!cpu.scheduler.runNext()) cpu.idle(() => over() || cpu.scheduler.hasWork());
  }
}

/** Ends `runTasks` on CPU `target`. */
export function endTasks(cpu: Cpu, target: number, until: Ptr): void {
  cpu.memory.store(until, 1);
  cpu.kick(target);
}
