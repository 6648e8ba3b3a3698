/** cpuhp/N: the kthread that runs the callbacks of the section `online` on the CPU they are about. */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { Errno } from '../errno.ts';
import { bugOn } from '../fault.ts';
import { isSleeps } from '../sleeps.ts';
import type { Sleeps } from '../sleeps.ts';
import { waitForEvent } from '../task/event.ts';
import { kthreadCreateOnCpu } from '../task/kthread.ts';
import { schedule, setCurrentState } from '../task/schedule.ts';
import { TaskState } from '../task/task-layout.ts';
import { signalEvent } from '../task/waiters.ts';
import { wakeUpProcess } from '../task/wake-up.ts';
import { HotplugCpu } from './hotplug-layout.ts';
import { hotplugCpu } from './hotplug-state.ts';

const HOTPLUG_THREAD = 'cpuhpThread';

/** Gives cpuhp/N its address in kernel text. Once per CPU. */
export function defineHotplugThread(cpu: Cpu): void {
  cpu.text.define(HOTPLUG_THREAD, cpuhpThread);
}

/** Linux: cpuhp_thread_fun(). */
function* cpuhpThread(cpu: Cpu, at: Ptr): Sleeps<void> {
  const { memory } = cpu;
  for (;;) {
    setCurrentState(cpu, TaskState.interruptible);
    // Pairs with the store in callOn: the request is visible.
    if (memory.exchange(at + HotplugCpu.pending, 0) === 0) {
      yield* schedule(cpu);
      continue;
    }
    setCurrentState(cpu, TaskState.running);
    const irqsOff = memory.read(at + HotplugCpu.irqsOff) === 1;
    const result = yield* runCallback(cpu, memory.read(at + HotplugCpu.func), cpu.id, irqsOff);
    memory.write(at + HotplugCpu.result, result);
    signalEvent(cpu, at + HotplugCpu.done);
  }
}

/** Calls `func(cpu, about)` here and returns 0 or its negative errno. */
export function* runCallback(cpu: Cpu, func: Ptr, about: number, irqsOff: boolean): Sleeps<number> {
  if (func === 0) return 0;
  if (irqsOff) return callWithIrqsOff(cpu, func, about);
  const { cpuhpEnter, cpuhpExit } = cpu.trace;
  if (cpuhpEnter.enabled) cpuhpEnter.fire(about, func);
  const called = cpu.text.call(func, about);
  const result = failure(isSleeps(called) ? yield* called : called);
  if (cpuhpExit.enabled) cpuhpExit.fire(about, func, result);
  return result;
}

/** A callback of the section `starting`: plain, with interrupts off. */
export function callWithIrqsOff(cpu: Cpu, func: Ptr, about: number): number {
  const { cpuhpEnter, cpuhpExit } = cpu.trace;
  const flags = cpu.localIrqSave();
  if (cpuhpEnter.enabled) cpuhpEnter.fire(about, func);
  const result = cpu.text.call(func, about);
  if (cpuhpExit.enabled) cpuhpExit.fire(about, func, failure(result));
  bugOn(
    cpu,
    isSleeps(result),
    `${cpu.text.symbolOf(func)} runs with interrupts off and must not be a generator function`,
  );
  cpu.localIrqRestore(flags);
  return failure(result);
}

function failure(result: unknown): number {
  return typeof result === 'number' && result < 0 ? result : 0;
}

/** Runs a callback on CPU `target`, which is online. Under the hotplug lock. May sleep. */
export function* callOn(cpu: Cpu, target: number, func: Ptr, irqsOff: boolean): Sleeps<number> {
  if (func === 0) return 0;
  const { memory } = cpu;
  const at = hotplugCpu(cpu, target);
  if (memory.read(at + HotplugCpu.task) === 0) {
    const task = kthreadCreateOnCpu(
      cpu,
      target,
      cpu.text.lookup(HOTPLUG_THREAD),
      at,
      `cpuhp/${target}`,
    );
    if (task < 0) return Errno.EAGAIN;
    memory.write(at + HotplugCpu.task, task);
  }
  memory.write(at + HotplugCpu.func, func);
  memory.write(at + HotplugCpu.irqsOff, irqsOff ? 1 : 0);
  memory.store(at + HotplugCpu.done, 0);
  memory.store(at + HotplugCpu.pending, 1);
  wakeUpProcess(cpu, memory.read(at + HotplugCpu.task));
  yield* waitForEvent(cpu, at + HotplugCpu.done);
  return memory.readSigned(at + HotplugCpu.result);
}
