import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import type { Sleeps } from '../sleeps.ts';
import {
  CLOCK_MONOTONIC,
  HRTIMER_MODE_REL,
  HRTIMER_NORESTART,
  hrtimerCancel,
  hrtimerSetup,
  hrtimerStart,
} from '../timer/hrtimer.ts';
import { grabPending } from './cancel-work.ts';
import { flushWork } from './flush-work.ts';
import { DelayedWork, WORK_PENDING, WorkStruct } from './layouts.ts';
import { checkTarget, initWork, queuePending } from './queue-work.ts';

export const DELAYED_WORK_TIMER = 'delayedWorkTimer';

/** Linux: INIT_DELAYED_WORK(). `func` is kernel text, called with (cpu, dwork). It is not queued. Any context. */
export function initDelayedWork(cpu: Cpu, dwork: Ptr, func: Ptr): void {
  initWork(cpu, dwork, func);
  cpu.memory.describe(dwork, DelayedWork);
  const timer = dwork + DelayedWork.timer;
  hrtimerSetup(cpu, timer, cpu.text.lookup(DELAYED_WORK_TIMER), CLOCK_MONOTONIC, HRTIMER_MODE_REL);
}

/**
 * Linux: queue_delayed_work(), in nanoseconds. Queues the work on this CPU when `ns` have passed; at once for 0. False
 * when it is pending already, timer included. Any context but NMI.
 */
export function queueDelayedWork(cpu: Cpu, workqueue: Ptr, dwork: Ptr, ns: number): boolean {
  return queueDelayedWorkOn(cpu, cpu.id, workqueue, dwork, ns);
}

/** Linux: queue_delayed_work_on(). The timer runs on this CPU, the work on CPU `target`. */
export function queueDelayedWorkOn(
  cpu: Cpu,
  target: number,
  workqueue: Ptr,
  dwork: Ptr,
  ns: number,
): boolean {
  checkDelay('queueDelayedWork', ns);
  checkTarget(cpu, 'queueDelayedWorkOn', target);
  const flags = cpu.localIrqSave();
  const pending = (cpu.memory.fetchOr(dwork + WorkStruct.bits, WORK_PENDING) & WORK_PENDING) !== 0;
  if (!pending) arm(cpu, target, workqueue, dwork, ns);
  cpu.localIrqRestore(flags);
  return !pending;
}

/**
 * Linux: mod_delayed_work(). As `queueDelayedWork`, but a work that is pending is taken back and gets the new
 * delay; one that is being cancelled is left alone. Returns whether it was pending. Any context but NMI.
 */
export function modDelayedWork(cpu: Cpu, workqueue: Ptr, dwork: Ptr, ns: number): boolean {
  checkDelay('modDelayedWork', ns);
  const flags = cpu.localIrqSave();
  const grabbed = grabPending(cpu, dwork, true);
  if (grabbed !== 'cancelling') arm(cpu, cpu.id, workqueue, dwork, ns);
  cpu.localIrqRestore(flags);
  return grabbed === 'queued' || grabbed === 'timer';
}

/** WORK_PENDING is ours. Interrupts are off. */
function arm(cpu: Cpu, target: number, workqueue: Ptr, dwork: Ptr, ns: number): void {
  if (ns === 0) {
    queuePending(cpu, target, workqueue, dwork);
    return;
  }
  cpu.memory.write(dwork + DelayedWork.workqueue, workqueue);
  cpu.memory.write(dwork + DelayedWork.cpu, target);
  hrtimerStart(cpu, dwork + DelayedWork.timer, ns, HRTIMER_MODE_REL);
}

/** Linux: delayed_work_timer_fn(). In a hard interrupt. */
export function delayedWorkTimer(cpu: Cpu, timer: Ptr): number {
  const dwork = timer - DelayedWork.timer;
  const { memory } = cpu;
  const target = memory.read(dwork + DelayedWork.cpu);
  queuePending(cpu, target, memory.read(dwork + DelayedWork.workqueue), dwork);
  return HRTIMER_NORESTART;
}

/** Linux: flush_delayed_work(). A timer that runs is cut short; then as `flushWork`. May sleep. */
export function* flushDelayedWork(cpu: Cpu, dwork: Ptr): Sleeps<boolean> {
  const flags = cpu.localIrqSave();
  // Not a mere try: while the timer's function runs elsewhere, the work may not be queued yet, or be armed anew.
  if (hrtimerCancel(cpu, dwork + DelayedWork.timer) === 1) {
    delayedWorkTimer(cpu, dwork + DelayedWork.timer);
  }
  cpu.localIrqRestore(flags);
  return yield* flushWork(cpu, dwork);
}

function checkDelay(who: string, ns: number): void {
  if (!(ns >= 0 && ns <= Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`${who}: a delay of ${ns} ns; accepted are numbers from 0`);
  }
}
