/**
 * Tasks that sleep for something that does not come. Linux: kernel/hung_task.c, and its way to tell: the
 * task was blocked at two looks, and was not given the CPU in between.
 */
import type { Memory, Ptr } from '@percpu/memory';
import { describeBlocker } from '../held-locks.ts';
import type { MachineInfo } from '../machine-info.ts';
import { cpuOnline } from '../online.ts';
import { parameterValue } from '../parameters.ts';
import { isBlocked, readTasks } from './read-tasks.ts';
import type { TaskInfo } from './read-tasks.ts';
import { HUNG_TASK_TIMEOUT } from './task-parameters.ts';

interface Seen {
  readonly pid: number;
  readonly switches: number;
  readonly sinceMs: number;
}

/** Looks now and then, from a thread that is no CPU. */
export class HungTasks {
  private readonly memory: Memory;
  private readonly machine: MachineInfo;
  private readonly timeoutMs: number;
  private seen: ReadonlyMap<Ptr, Seen> = new Map<Ptr, Seen>();

  constructor(memory: Memory, machine: MachineInfo) {
    this.memory = memory;
    this.machine = machine;
    this.timeoutMs = parameterValue(machine.parameters, HUNG_TASK_TIMEOUT);
  }

  /** The report of the first hung task, if there is one. `nowMs` on a clock of the caller's choice. */
  look(nowMs: number): string | undefined {
    if (this.timeoutMs === 0) return undefined;
    const seen = new Map<Ptr, Seen>();
    let report: string | undefined;
    for (const task of readTasks(this.memory, this.machine)) {
      // On a CPU that is down nothing runs: no sign of trouble.
      if (!isBlocked(task) || !cpuOnline(this.memory, this.machine, task.cpu)) continue;
      const since = this.sinceMs(task, nowMs);
      seen.set(task.at, { pid: task.pid, switches: task.switches, sinceMs: since });
      if (nowMs - since > this.timeoutMs) report ??= this.hungLine(task, nowMs - since);
    }
    this.seen = seen;
    return report;
  }

  private sinceMs(task: TaskInfo, nowMs: number): number {
    const before = this.seen.get(task.at);
    const same = before?.pid === task.pid && before.switches === task.switches;
    return same ? before.sinceMs : nowMs;
  }

  /** In the words of Linux. */
  private hungLine(task: TaskInfo, forMs: number): string {
    const blocker = describeBlocker(this.memory, this.machine, task.cpu, task.at);
    const which = blocker === undefined ? '' : ` on ${blocker}`;
    return `INFO: task ${task.name}:${task.pid} on CPU#${task.cpu} blocked${which} for more than ${Math.floor(forMs)} ms`;
  }
}
