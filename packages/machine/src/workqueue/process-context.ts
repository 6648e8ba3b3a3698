import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { isSleeps } from '../sleeps.ts';
import { WorkStruct } from './layouts.ts';
import { initWork, scheduleWork } from './queue-work.ts';

const fields = { work: WorkStruct } as const;

/** Linux: struct execute_work. */
export const ExecuteWork: Layout<Record<'work', unknown>> = layout(fields, { name: 'ExecuteWork' });

/**
 * Linux: execute_in_process_context(). Calls `func(cpu, work)` at once when in process context, and returns 0;
 * from an interrupt or soft irq leaves it to the system work queue, and returns 1. `func` is kernel text; if it
 * is a generator function, it is run to its end by `cpu.block`. `execute` (an ExecuteWork) is the caller's
 * until `func` has run.
 */
export function executeInProcessContext(cpu: Cpu, func: Ptr, execute: Ptr): number {
  const work = execute + ExecuteWork.work;
  if (!cpu.inInterrupt()) {
    const result = cpu.text.call(func, work);
    if (isSleeps(result)) cpu.block(result);
    return 0;
  }
  initWork(cpu, work, func);
  scheduleWork(cpu, work);
  return 1;
}
