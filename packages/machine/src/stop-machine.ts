/**
 * Stopping CPUs: a function runs while other CPUs do nothing else, with interrupts off everywhere.
 *
 * Every CPU has a stopper, a kthread of the best class ("migration/N"), which preempts any task wherever
 * preemption is on. To stop the machine, all stoppers walk through the same states; whoever is last to
 * acknowledge one moves on:
 *
 *   prepare ─▶ disableIrq ─▶ run ─▶ exit
 *   all here   irqs off      fn on   irqs on again
 *              everywhere    the chosen CPUs
 *
 * One stop at a time (`lock`), so two of them cannot each hold half of the CPUs.
 */
import { layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { Cpu } from './cpu.ts';
import { Errno } from './errno.ts';
import { bugOn } from './fault.ts';
import { isSleeps } from './sleeps.ts';
import type { Sleeps } from './sleeps.ts';
import type { Subsystem } from './subsystem.ts';
import { cpuOnline, onlineCpus } from './online.ts';
import { cpusReadLock, cpusReadUnlock } from './hotplug/hotplug-state.ts';
import { waitForEvent } from './task/event.ts';
import { kthreadCreateOnCpu } from './task/kthread.ts';
import { schedule, setCurrentState } from './task/schedule.ts';
import { SleepLock, sleepLockWrite, sleepUnlockWrite } from './task/sleep-lock.ts';
import { TaskClass, TaskState } from './task/task-layout.ts';
import { signalEvent } from './task/waiters.ts';
import { wakeUpProcess } from './task/wake-up.ts';

/** `Stop.state`. */
const StopState = { none: 0, prepare: 1, disableIrq: 2, run: 3, exit: 4 } as const;

const stopFields = {
  /** SleepLock: one stop at a time. Guards what follows up to the CPUs' acknowledgements. */
  lock: SleepLock,
  func: 'ptr',
  data: 'u32',
  /** CPUs that take part. */
  participants: 'u32',
  /** 0: `func` runs alone on one CPU, no states. */
  multi: 'u32',
  /** First failure of `func`, as i32. Atomic. */
  result: 'i32',
  /** Address of the CPUs' stoppers; one bit a CPU: where `func` runs. */
  stoppers: 'ptr',
  active: 'ptr',
  /** StopState. Atomic; all spin on it. */
  state: { kind: 'cache-aligned', field: 'u32' },
  /** CPUs that have yet to acknowledge the state. Atomic. */
  acks: { kind: 'cache-aligned', field: 'u32' },
  /** CPUs that have yet to finish. Atomic. */
  todo: 'u32',
  /** Event: all have finished. */
  done: 'u32',
} as const;

const Stop: Layout<typeof stopFields> = layout(stopFields, { name: 'StopMachine' });

const stopperFields = {
  /** The kthread. Constant. */
  task: 'ptr',
  /** 1: there is work. Atomic. */
  pending: 'u32',
} as const;

const Stopper: Layout<typeof stopperFields> = layout(stopperFields, {
  name: 'Stopper',
  cacheAligned: true,
});

const STOPPER_THREAD = 'stopperThread';

/** `cpu.use(stopMachineState)`: the address of the shared state. */
const stopMachineState: Subsystem<Ptr> = {
  name: 'stop_machine',
  create: createStopMachine,
  attach: (_cpu, at) => at,
};

/** Gives the stopper its address in kernel text. Once per CPU, before any other CPU may stop it. */
export function defineStopperText(cpu: Cpu): void {
  cpu.text.define(STOPPER_THREAD, stopperThread);
}

function createStopMachine(cpu: Cpu): Ptr {
  const { memory, nrCpus } = cpu;
  const at = memblockAlloc(memory, Stop.size, Stop.align);
  const stoppers = memblockAlloc(memory, nrCpus * Stopper.size, Stopper.align);
  memory.describe(at, Stop, 'stop_machine');
  memory.write(at + Stop.stoppers, stoppers);
  memory.write(at + Stop.active, memblockAlloc(memory, Math.ceil(nrCpus / 32) * 4));
  const func = cpu.text.lookup(STOPPER_THREAD);
  for (let id = 0; id < nrCpus; id++) {
    const stopper = stoppers + id * Stopper.size;
    memory.describe(stopper, Stopper, `stopper of cpu ${id}`);
    // Fresh until its first work wakes it.
    const task = kthreadCreateOnCpu(cpu, id, func, stopper, `migration/${id}`, {
      class: TaskClass.stop,
    });
    bugOn(
      cpu,
      task < 0,
      `no task slot for migration/${id}; boot parameter tasks.max sets how many there are`,
    );
    memory.write(stopper + Stopper.task, task);
  }
  return at;
}

/**
 * Linux: stop_machine(). Runs `func(cpu, data)`, a plain function at a text address, on the CPUs `on` (default:
 * the first online one) while all other online CPUs wait with interrupts off. Returns 0, or what a `func`
 * returned that was not 0 (of several one). CPUs stay online meanwhile. May sleep; not from a stopper or a
 * `func`. Errors: -EINVAL when one of `on` is not online, with nothing run.
 *
 * A CPU stops where it looks for interrupts with preemption on. One that never does keeps the machine from
 * stopping, until the watchdog reports it.
 */
export function* stopMachine(
  cpu: Cpu,
  func: Ptr,
  data: number,
  on?: readonly number[],
): Sleeps<number> {
  yield* cpusReadLock(cpu);
  const result = yield* stopMachineCpuslocked(cpu, func, data, on);
  cpusReadUnlock(cpu);
  return result;
}

/** Linux: stop_machine_cpuslocked(). As `stopMachine`, for callers that hold the CPU hotplug lock. */
export function* stopMachineCpuslocked(
  cpu: Cpu,
  func: Ptr,
  data: number,
  on?: readonly number[],
): Sleeps<number> {
  const { memory, machine } = cpu;
  const at = cpu.use(stopMachineState);
  const online = onlineCpus(memory, machine);
  const active = on ?? online.slice(0, 1);
  for (const id of active) if (!online.includes(id)) return Errno.EINVAL;
  yield* sleepLockWrite(cpu, at + Stop.lock);
  prepare(cpu, at, func, data, online.length);
  memory.write(at + Stop.multi, 1);
  const mask = memory.read(at + Stop.active);
  memory.fill(mask, 0, Math.ceil(cpu.nrCpus / 32) * 4);
  for (const id of active) {
    const word = mask + (id >>> 5) * 4;
    memory.write(word, (memory.read(word) | (1 << (id & 31))) >>> 0);
  }
  memory.store(at + Stop.acks, online.length);
  memory.store(at + Stop.state, StopState.prepare);
  // Our own stopper must not preempt us before all have been asked: it would wait for them for ever.
  cpu.preemptDisable();
  for (const id of online) queueStop(cpu, at, id);
  cpu.preemptEnable();
  return yield* finish(cpu, at);
}

/**
 * Linux: stop_one_cpu(). Runs `func(cpu, data)` on CPU `target` before any of its tasks, preemption off, and
 * returns its result. May sleep. -ENOENT when the CPU is not online.
 */
export function* stopOneCpu(cpu: Cpu, target: number, func: Ptr, data: number): Sleeps<number> {
  const at = cpu.use(stopMachineState);
  yield* cpusReadLock(cpu);
  let result: number = Errno.ENOENT;
  if (cpuOnline(cpu.memory, cpu.machine, target)) {
    yield* sleepLockWrite(cpu, at + Stop.lock);
    prepare(cpu, at, func, data, 1);
    cpu.memory.write(at + Stop.multi, 0);
    queueStop(cpu, at, target);
    result = yield* finish(cpu, at);
  }
  cpusReadUnlock(cpu);
  return result;
}

function prepare(cpu: Cpu, at: Ptr, func: Ptr, data: number, participants: number): void {
  const { memory } = cpu;
  memory.write(at + Stop.func, func);
  memory.write(at + Stop.data, data);
  memory.write(at + Stop.participants, participants);
  memory.store(at + Stop.result, 0);
  memory.store(at + Stop.todo, participants);
  memory.store(at + Stop.done, 0);
}

function* finish(cpu: Cpu, at: Ptr): Sleeps<number> {
  yield* waitForEvent(cpu, at + Stop.done);
  const result = cpu.memory.load(at + Stop.result) | 0;
  sleepUnlockWrite(cpu, at + Stop.lock);
  return result;
}

function queueStop(cpu: Cpu, at: Ptr, target: number): void {
  const { memory } = cpu;
  const stopper = memory.read(at + Stop.stoppers) + target * Stopper.size;
  // Publishes the request; pairs with the exchange in stopperThread.
  memory.store(stopper + Stopper.pending, 1);
  wakeUpProcess(cpu, memory.read(stopper + Stopper.task));
}

/** Linux: cpu_stopper_thread(). */
function* stopperThread(cpu: Cpu, stopper: Ptr): Sleeps<void> {
  const { memory } = cpu;
  const at = cpu.use(stopMachineState);
  for (;;) {
    setCurrentState(cpu, TaskState.interruptible);
    if (memory.exchange(stopper + Stopper.pending, 0) === 0) {
      yield* schedule(cpu);
      continue;
    }
    setCurrentState(cpu, TaskState.running);
    cpu.preemptDisable();
    if (memory.read(at + Stop.multi) === 0) callFunc(cpu, at);
    else multiCpuStop(cpu, at);
    cpu.preemptEnable();
    // The last one ends the stop. Nothing of it may be touched after our own decrement.
    if (memory.fetchAdd(at + Stop.todo, -1) === 1) signalEvent(cpu, at + Stop.done);
  }
}

/** Linux: multi_cpu_stop(). One CPU's walk through the states. */
function multiCpuStop(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  const participants = memory.read(at + Stop.participants);
  const word = memory.read(at + Stop.active) + (cpu.id >>> 5) * 4;
  const runsHere = (memory.read(word) & (1 << (cpu.id & 31))) !== 0;
  let state: number = StopState.none;
  while (state !== StopState.exit) {
    // Interrupts are taken while we wait for `disableIrq`, and none afterwards.
    state =
      state === StopState.none ? StopState.prepare : cpu.waitWhileEquals(at + Stop.state, state);
    if (state === StopState.disableIrq) cpu.localIrqDisable();
    if (state === StopState.run && runsHere) callFunc(cpu, at);
    acknowledge(cpu, at, state, participants);
  }
  cpu.localIrqEnable();
}

/** Linux: ack_state(). The last one arms the counter for the next state and announces it. */
function acknowledge(cpu: Cpu, at: Ptr, state: number, participants: number): void {
  const { memory } = cpu;
  if (state === StopState.exit) return;
  if (memory.fetchAdd(at + Stop.acks, -1) !== 1) return;
  memory.store(at + Stop.acks, participants);
  // Publishes what the `func`s did; pairs with the loads in waitWhileEquals.
  memory.store(at + Stop.state, state + 1);
  cpu.unpark(at + Stop.state);
}

function callFunc(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  const func = memory.read(at + Stop.func);
  const result = cpu.text.call(func, memory.read(at + Stop.data));
  bugOn(
    cpu,
    isSleeps(result),
    `stopMachine: ${cpu.text.symbolOf(func)} is a generator function, but must not sleep`,
  );
  const code = typeof result === 'number' ? result | 0 : 0;
  if (code !== 0) memory.compareExchange(at + Stop.result, 0, code >>> 0);
}
