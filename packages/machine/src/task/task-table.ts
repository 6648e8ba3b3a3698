/**
 * The machine's tasks: a table of slots of fixed size, handed out and taken back without a lock. A slot is
 * a task struct for ever (as with Linux's SLAB_TYPESAFE_BY_RCU), so a waker that comes late touches
 * some task's state word and never foreign memory; the worst it does is a spurious wake-up.
 */
import { layout, memblockAlloc, percpuAlloc } from '@percpu/memory';
import type { Layout, LayoutInfo, Memory, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { bug } from '../fault.ts';
import { writeName } from '../inline-name.ts';
import { areaOf } from '../machine-info.ts';
import type { MachineInfo } from '../machine-info.ts';
import { parameterValue } from '../parameters.ts';
import type { Subsystem } from '../subsystem.ts';
import { DEFAULT_PRIO } from './prio.ts';
import { PiWaiters, Task, TaskState } from './task-layout.ts';
import { TASKS_MAX } from './task-parameters.ts';

const tableFields = {
  /** Slots. Constant. */
  slots: 'u32',
  first: 'ptr',
  /** Offset of each CPU's wake list within its per-CPU area's unit. Constant. */
  wakeList: 'u32',
  /** Where the next search for a slot begins: round and round, so that a slot rests before its next use. */
  cursor: { kind: 'cache-aligned', field: 'u32' },
  lastPid: 'u32',
} as const;

const TaskTable: Layout<typeof tableFields> = layout(tableFields, { name: 'TaskTable' });

/** A CPU's wake list: the newest task to be put on its run queue. Written by all CPUs, so on a line of its own. */
const WakeList: LayoutInfo & { readonly head: number } = layout(
  { head: 'ptr' },
  { name: 'WakeList', cacheAligned: true },
);

/** Where the table is; the same on all CPUs. */
export interface TaskTableInfo {
  readonly at: Ptr;
  readonly first: Ptr;
  readonly slots: number;
  /** Address of CPU 0's wake list; the others follow at `machine.areaSize`. */
  readonly wakeLists: Ptr;
}

/** The name of the subsystem, for those who look for it without being a CPU. */
export const TASK_TABLE = 'tasks';

/** `cpu.use(taskTable)`: where the machine's tasks are. */
export const taskTable: Subsystem<TaskTableInfo> = {
  name: TASK_TABLE,
  create: createTaskTable,
  attach: (cpu, at) => attachTaskTable(cpu.memory, cpu.machine, at),
};

function createTaskTable(cpu: Cpu): Ptr {
  const { memory, machine } = cpu;
  const asked = parameterValue(machine.parameters, TASKS_MAX);
  const slots = asked === 0 ? 512 + 16 * machine.nrCpus : Math.max(asked, machine.nrCpus);
  const at = memblockAlloc(memory, TaskTable.size, TaskTable.align);
  const first = memblockAlloc(memory, slots * Task.size, Task.align);
  const wakeList = percpuAlloc(memory, machine.percpu, WakeList.size, WakeList.align);
  memory.describe(at, TaskTable, 'tasks');
  for (let slot = 0; slot < slots; slot++) {
    memory.describe(first + slot * Task.size, Task, `task slot ${slot}`);
    memory.store(first + slot * Task.size + Task.state, TaskState.free);
  }
  for (let id = 0; id < machine.nrCpus; id++) {
    const list = machine.percpu.base + id * machine.percpu.stride + wakeList;
    memory.describe(list, WakeList, `wake list of cpu ${id}`);
  }
  memory.write(at + TaskTable.slots, slots);
  memory.write(at + TaskTable.first, first);
  memory.write(at + TaskTable.wakeList, wakeList);
  return at;
}

/** The same for a thread that is no CPU: `at` is what `cpu.use(taskTable).at` is on the CPUs. */
export function attachTaskTable(memory: Memory, machine: MachineInfo, at: Ptr): TaskTableInfo {
  return Object.freeze({
    at,
    first: memory.read(at + TaskTable.first),
    slots: memory.read(at + TaskTable.slots),
    wakeLists: machine.percpu.base + memory.read(at + TaskTable.wakeList),
  });
}

/** Address of the wake list of CPU `id`. */
export function wakeListOf(table: TaskTableInfo, machine: MachineInfo, id: number): Ptr {
  return table.wakeLists + (areaOf(machine, id) - machine.areas);
}

/** What a new task is. */
export interface NewTask {
  readonly name: string;
  readonly cpu: number;
  /** See prio.ts. */
  readonly prio: number;
  readonly func: Ptr;
  readonly data: number;
}

/** Linux: copy_process(). A fresh task with one reference, its own; 0 when all slots are taken. Any context. */
export function allocTask(cpu: Cpu, table: TaskTableInfo, task: NewTask): Ptr {
  const { memory } = cpu;
  const cursor = table.at + TaskTable.cursor;
  for (let tried = 0; tried < table.slots; tried++) {
    const slot = memory.fetchAdd(cursor, 1) % table.slots;
    const at = table.first + slot * Task.size;
    if (memory.load(at + Task.state) !== TaskState.free) continue;
    // Pairs with the store of `free` in putTaskStruct: the last tenant is through with the slot.
    if (memory.compareExchange(at + Task.state, TaskState.free, TaskState.setup) !== TaskState.free)
      continue;
    fillTask(memory, at, task, nextPid(cpu, table));
    memory.store(at + Task.state, TaskState.fresh);
    return at;
  }
  return 0;
}

function nextPid(cpu: Cpu, table: TaskTableInfo): number {
  const pid = (cpu.memory.fetchAdd(table.at + TaskTable.lastPid, 1) + 1) >>> 0;
  return pid === 0 ? nextPid(cpu, table) : pid;
}

/** Leaves wakeQueued and wakeNext alone: a late wake-up of the last tenant may still hold them. */
function fillTask(memory: Memory, at: Ptr, task: NewTask, pid: number): void {
  memory.write(at + Task.pid, pid);
  memory.store(at + Task.cpu, task.cpu);
  memory.store(at + Task.prio, task.prio);
  memory.write(at + Task.normalPrio, task.prio);
  memory.write(at + Task.inheritedPrio, DEFAULT_PRIO);
  memory.write(at + Task.piWaiters + PiWaiters.first, 0);
  memory.write(at + Task.piWaiters + PiWaiters.last, 0);
  memory.write(at + Task.piBlockedOn, 0);
  memory.write(at + Task.func, task.func);
  memory.write(at + Task.data, task.data);
  writeName(memory, at + Task.name, task.name);
  memory.store(at + Task.flags, 0);
  memory.store(at + Task.signals, 0);
  // Linux: ignore_signals() for kthreads.
  memory.store(at + Task.allowedSignals, task.func === 0 ? 0xffff_ffff : 0);
  memory.store(at + Task.onCpu, 0);
  memory.store(at + Task.waiting, 0);
  memory.store(at + Task.exited, 0);
  memory.store(at + Task.parked, 0);
  memory.write(at + Task.exitCode, 0);
  memory.writeOwn(at + Task.runnable, 0);
  memory.writeOwn(at + Task.switches, 0);
  memory.store(at + Task.usage, 1);
}

/**
 * Linux: get_task_struct(). Another reference to a task that the caller knows to be there: one that it
 * holds already, or that cannot have ended yet. Any context. BUG when nobody held one.
 */
export function getTaskStruct(cpu: Cpu, task: Ptr): void {
  if (!tryGetTaskStruct(cpu, task))
    bug(cpu, `getTaskStruct: the task at 0x${task.toString(16)} is gone`);
}

/** Linux: get_task_struct() through refcount_inc_not_zero(). False when the task is gone. Any context. */
export function tryGetTaskStruct(cpu: Cpu, task: Ptr): boolean {
  const { memory } = cpu;
  let usage = memory.load(task + Task.usage);
  while (usage !== 0) {
    const seen = memory.compareExchange(task + Task.usage, usage, usage + 1);
    if (seen === usage) return true;
    usage = seen;
  }
  return false;
}

/** Linux: put_task_struct(). The last one frees the slot. Any context. */
export function putTaskStruct(cpu: Cpu, task: Ptr): void {
  const { memory } = cpu;
  const usage = memory.fetchAdd(task + Task.usage, -1);
  if (usage === 0) bug(cpu, `putTaskStruct: the task at 0x${task.toString(16)} has no references`);
  // Pairs with the compare-exchange in allocTask: all that the last user did comes before the next tenant.
  if (usage === 1) memory.store(task + Task.state, TaskState.free);
}
