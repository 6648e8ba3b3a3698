/** Whether the debug mode is on for a CPU, and its beginning there. */
import { LOCKS_DEBUG } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { makeHeldTable } from './held-table.ts';
import { LockDebug } from './lock-debug.ts';

/** The debug mode of this CPU; null: it is off. Boot parameter `locks.debug`; by default it is on where memory is checked. */
export function lockDebugOf(cpu: Cpu): LockDebug | null {
  if (cpu.lockDebug === undefined) cpu.lockDebug = attach(cpu);
  return cpu.lockDebug as LockDebug | null;
}

function attach(cpu: Cpu): LockDebug | null {
  const asked = cpu.parameter(LOCKS_DEBUG);
  if (asked === 'off' || (asked === 'auto' && !cpu.memory.checked)) return null;
  const debug = new LockDebug(cpu, makeHeldTable(cpu));
  const { hooks } = cpu.scheduler;
  hooks.onTaskEnd.push((_cpu, task) => debug.checkTaskEnd(task));
  hooks.onTaskExit.push((_cpu, task) => debug.taskEnded(task));
  hooks.onCpuDown.push(() => debug.warnCpuDown());
  return debug;
}
