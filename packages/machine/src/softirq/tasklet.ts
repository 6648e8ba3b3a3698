/**
 * Tasklets: functions that run once, in softirq context, on the CPU that scheduled them, and never on
 * two CPUs at once. A tasklet is a struct in shared memory:
 *
 *   state  bit 0 SCHED  on the list of some CPU, not yet run      schedule: 0 → 1, else nothing to do
 *          bit 1 RUN    its function runs on some CPU             taken around the call, like a lock
 *   count  how often it is disabled; it runs at 0
 *
 *   schedule ─▶ SCHED, list ─▶ (RUN taken, count 0) ─▶ SCHED cleared ─▶ function ─▶ RUN cleared
 *
 * SCHED is cleared before the function is called, so a schedule from within it, or from another CPU
 * meanwhile, runs it once more. A tasklet that cannot run (disabled, or running elsewhere) goes back to
 * the list and its soft irq is raised again: as in Linux, a CPU does not sleep while one it scheduled
 * is disabled.
 */
import { layout, percpuAlloc, perCpuPtr, hex } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { bug, warn } from '../fault.ts';
import type { Sleeps } from '../sleeps.ts';
import type { Subsystem } from '../subsystem.ts';
import { openSoftirq, raiseSoftirqIrqoff } from './softirq.ts';
import { HI_SOFTIRQ, TASKLET_SOFTIRQ } from './softirq-numbers.ts';

const taskletFields = {
  /** Under SCHED: of the CPU on whose list it is. */
  next: 'ptr',
  /** Atomic: SCHED and RUN. */
  state: 'u32',
  /** Atomic. */
  count: 'u32',
  /** Kernel text, called with (cpu, data). */
  func: 'ptr',
  data: 'u32',
} as const;

/** Linux: struct tasklet_struct. */
export const Tasklet: Layout<typeof taskletFields> = layout(taskletFields, { name: 'Tasklet' });

/** Linux: TASKLET_STATE_SCHED and TASKLET_STATE_RUN, as masks. */
export const TASKLET_SCHED = 1;
export const TASKLET_RUN = 2;

const listFields = { head: 'ptr', tail: 'ptr' } as const;
/** Linux: struct tasklet_head. Its CPU's, with interrupts off. */
const TaskletList: Layout<typeof listFields> = layout(listFields, { name: 'TaskletList' });

const listsFields = { normal: TaskletList, hi: TaskletList } as const;
/** Per CPU. Linux: tasklet_vec and tasklet_hi_vec. */
const TaskletLists: Layout<typeof listsFields> = layout(listsFields, { name: 'TaskletLists' });

/** One CPU's tasklets. */
export class Tasklets {
  readonly offset: number;
  /** What runs on this CPU now. */
  private running: Ptr = 0;
  private readonly cpu: Cpu;

  constructor(cpu: Cpu, offset: number) {
    this.cpu = cpu;
    this.offset = offset;
  }

  listsOf(id: number): Ptr {
    return perCpuPtr(this.cpu.machine.percpu, this.offset, id);
  }

  runsHere(tasklet: Ptr): boolean {
    return this.running === tasklet;
  }

  /** Appends `tasklet`, whose SCHED we have set. Interrupts off. */
  append(list: Ptr, tasklet: Ptr): void {
    const { memory } = this.cpu;
    memory.write(tasklet + Tasklet.next, 0);
    const tail = memory.read(list + TaskletList.tail);
    memory.write(tail === 0 ? list + TaskletList.head : tail + Tasklet.next, tasklet);
    memory.write(list + TaskletList.tail, tasklet);
  }

  /** Takes all there is. Interrupts off. */
  takeAll(list: Ptr): Ptr {
    const { memory } = this.cpu;
    const first = memory.read(list + TaskletList.head);
    memory.write(list + TaskletList.head, 0);
    memory.write(list + TaskletList.tail, 0);
    return first;
  }

  /** Linux: tasklet_action_common(), the soft irq `nr`. */
  action(list: Ptr, nr: number): void {
    const { cpu } = this;
    cpu.localIrqDisable();
    let tasklet = this.takeAll(list);
    cpu.localIrqEnable();
    while (tasklet !== 0) {
      const next = cpu.memory.read(tasklet + Tasklet.next);
      if (!this.tryRun(tasklet)) {
        cpu.localIrqDisable();
        this.append(list, tasklet);
        raiseSoftirqIrqoff(cpu, nr);
        cpu.localIrqEnable();
      }
      tasklet = next;
    }
  }

  private tryRun(tasklet: Ptr): boolean {
    const { cpu } = this;
    const { memory } = cpu;
    const state = tasklet + Tasklet.state;
    // Pairs with the fetchAnd in unlock: the run before this one is over, and visible.
    if ((memory.fetchOr(state, TASKLET_RUN) & TASKLET_RUN) !== 0) return false;
    // Pairs with the fetchAdd in taskletDisableNosync: either we see the count, or unlockWait sees RUN.
    const enabled = memory.load(tasklet + Tasklet.count) === 0;
    if (enabled) this.call(tasklet);
    unlock(cpu, tasklet);
    return enabled;
  }

  private call(tasklet: Ptr): void {
    const { cpu } = this;
    const { memory } = cpu;
    const { taskletEntry, taskletExit } = cpu.trace;
    const before = memory.fetchAnd(tasklet + Tasklet.state, ~TASKLET_SCHED >>> 0);
    if ((before & TASKLET_SCHED) === 0) bug(cpu, `tasklet ${hex(tasklet)} runs unscheduled`);
    const func = memory.read(tasklet + Tasklet.func);
    this.running = tasklet;
    if (taskletEntry.enabled) taskletEntry.fire(tasklet, func);
    cpu.text.call(func, memory.read(tasklet + Tasklet.data));
    if (taskletExit.enabled) taskletExit.fire(tasklet, func);
    this.running = 0;
  }
}

/** Linux: tasklet_init(). `func` is kernel text, called with (cpu, data). The struct is not in use. */
export function taskletInit(cpu: Cpu, tasklet: Ptr, func: Ptr, data = 0): void {
  const { memory } = cpu;
  memory.describe(tasklet, Tasklet);
  memory.write(tasklet + Tasklet.next, 0);
  memory.write(tasklet + Tasklet.func, func);
  memory.write(tasklet + Tasklet.data, data);
  memory.store(tasklet + Tasklet.count, 0);
  memory.store(tasklet + Tasklet.state, 0);
}

/** Linux: tasklet_schedule(). Runs once after this on this CPU; nothing happens if it is scheduled already. Any context. */
export function taskletSchedule(cpu: Cpu, tasklet: Ptr): void {
  schedule(cpu, tasklet, TaskletLists.normal, TASKLET_SOFTIRQ);
}

/** Linux: tasklet_hi_schedule(). As `taskletSchedule`, before all other soft irqs. */
export function taskletHiSchedule(cpu: Cpu, tasklet: Ptr): void {
  schedule(cpu, tasklet, TaskletLists.hi, HI_SOFTIRQ);
}

function schedule(cpu: Cpu, tasklet: Ptr, list: number, nr: number): void {
  const { memory } = cpu;
  // Pairs with the fetchAnd in Tasklets.call: a run that begins after this sees what came before.
  if ((memory.fetchOr(tasklet + Tasklet.state, TASKLET_SCHED) & TASKLET_SCHED) !== 0) return;
  const own = cpu.use(tasklets);
  const flags = cpu.localIrqSave();
  own.append(own.listsOf(cpu.id) + list, tasklet);
  raiseSoftirqIrqoff(cpu, nr);
  cpu.localIrqRestore(flags);
}

/** Linux: tasklet_disable_nosync(). It does not start from now on; it may be running. Nests. Any context. */
export function taskletDisableNosync(cpu: Cpu, tasklet: Ptr): void {
  cpu.memory.fetchAdd(tasklet + Tasklet.count, 1);
}

/** Linux: tasklet_disable(). As above, and does not return while it runs. From within itself: a warning, and no waiting. */
export function taskletDisable(cpu: Cpu, tasklet: Ptr): void {
  taskletDisableNosync(cpu, tasklet);
  unlockWait(cpu, tasklet, 'taskletDisable');
}

/** Linux: tasklet_enable(). Undoes one disable. More enables than disables are a BUG. Any context. */
export function taskletEnable(cpu: Cpu, tasklet: Ptr): void {
  if (cpu.memory.fetchAdd(tasklet + Tasklet.count, -1) === 0) {
    bug(cpu, `tasklet ${hex(tasklet)} enabled more often than disabled`);
  }
}

/**
 * Linux: tasklet_kill(). Returns when it is neither scheduled nor running. Whoever schedules it again
 * must have been stopped before; a disabled one that is scheduled never ends, so enable it first. Sleeps.
 */
export function* taskletKill(cpu: Cpu, tasklet: Ptr): Sleeps<void> {
  const { memory } = cpu;
  const state = tasklet + Tasklet.state;
  // We take SCHED ourselves: nobody can schedule it while we wait for the end of its run.
  while ((memory.fetchOr(state, TASKLET_SCHED) & TASKLET_SCHED) !== 0) {
    while ((memory.load(state) & TASKLET_SCHED) !== 0) {
      cpu.relax();
      yield;
    }
  }
  unlockWait(cpu, tasklet, 'taskletKill');
  memory.fetchAnd(state, ~TASKLET_SCHED >>> 0);
}

/** Linux: takeover_tasklets(). Schedules here what CPU `from`, which is offline, had on its lists. Task context. */
export function takeoverTasklets(cpu: Cpu, from: number): void {
  const own = cpu.use(tasklets);
  for (const [list, nr] of [
    [TaskletLists.hi, HI_SOFTIRQ],
    [TaskletLists.normal, TASKLET_SOFTIRQ],
  ] as const) {
    const flags = cpu.localIrqSave();
    let tasklet = own.takeAll(own.listsOf(from) + list);
    if (tasklet !== 0) raiseSoftirqIrqoff(cpu, nr);
    while (tasklet !== 0) {
      const next = cpu.memory.read(tasklet + Tasklet.next);
      own.append(own.listsOf(cpu.id) + list, tasklet);
      tasklet = next;
    }
    cpu.localIrqRestore(flags);
  }
}

function unlock(cpu: Cpu, tasklet: Ptr): void {
  const state = tasklet + Tasklet.state;
  // Publishes the run; pairs with the fetchOr in tryRun and the loads in unlockWait.
  cpu.memory.fetchAnd(state, ~TASKLET_RUN >>> 0);
  cpu.unpark(state);
}

/** Linux: tasklet_unlock_spin_wait(). */
function unlockWait(cpu: Cpu, tasklet: Ptr, what: string): void {
  if (warn(cpu, cpu.use(tasklets).runsHere(tasklet), `${what}: called from the tasklet itself`))
    return;
  const at = tasklet + Tasklet.state;
  let state = cpu.memory.load(at);
  while ((state & TASKLET_RUN) !== 0) state = cpu.waitWhileEquals(at, state);
}

/** Tasklets. Attached when a CPU starts. */
export const tasklets: Subsystem<Tasklets> = Object.freeze({
  name: 'tasklet',
  create(cpu: Cpu): Ptr {
    return percpuAlloc(cpu.memory, cpu.machine.percpu, TaskletLists.size, TaskletLists.align);
  },
  attach(cpu: Cpu, offset: Ptr): Tasklets {
    const view = new Tasklets(cpu, offset);
    const lists = view.listsOf(cpu.id);
    cpu.memory.describe(lists, TaskletLists);
    openSoftirq(cpu, HI_SOFTIRQ, () => view.action(lists + TaskletLists.hi, HI_SOFTIRQ));
    openSoftirq(cpu, TASKLET_SOFTIRQ, () =>
      view.action(lists + TaskletLists.normal, TASKLET_SOFTIRQ),
    );
    return view;
  },
});
