/** Tasks that free memory, and may use the reserve for it. Linux: PF_MEMALLOC, a flag of the task. */
import { bug, currentTask } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { mmView } from './mm-view.ts';

/**
 * Linux: memalloc_noreclaim_save(). From now on allocations of the running task neither reclaim nor stop at
 * a watermark. Returns what `memallocNoreclaimRestore` wants. Task context.
 */
export function memallocNoreclaimSave(cpu: Cpu): boolean {
  if (cpu.inInterrupt())
    bug(cpu, 'memallocNoreclaimSave in an interrupt: PF_MEMALLOC is a flag of a task');
  const { memalloc } = mmView(cpu);
  const task = currentTask(cpu);
  const was = memalloc.has(task);
  memalloc.add(task);
  return was;
}

/** Linux: memalloc_noreclaim_restore(). By the same task. */
export function memallocNoreclaimRestore(cpu: Cpu, was: boolean): void {
  if (!was) mmView(cpu).memalloc.delete(currentTask(cpu));
}
