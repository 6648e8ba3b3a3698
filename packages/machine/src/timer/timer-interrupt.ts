/** The timer interrupt of a CPU: hrtimers, then the tick, then a look whether timers are due. */
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { warnOnce } from '../fault.ts';
import { PerCpuLayout } from '../machine-layout.ts';
import { printk } from '../printk.ts';
import { rawSpinLock, rawSpinUnlock } from '../raw-spinlock.ts';
import { raiseSoftirqIrqoff } from '../softirq/softirq.ts';
import { TIMER_SOFTIRQ } from '../softirq/softirq-numbers.ts';
import { timers } from './cpu-timers.ts';
import type { CpuTimers } from './cpu-timers.ts';
import { HRTIMER_NORESTART, HRTIMER_RESTART, ktimeGet } from './hrtimer.ts';
import { dequeue, doneRunning, enqueue, expired, Timed, TimerBase } from './timer-bases.ts';
import { timerqueueCount, timerqueueExpires } from './timerqueue.ts';

/** Calls one interrupt makes, on top of four for each hrtimer queued at its start, before it counts as hanging. */
const CALLS_PER_INTERRUPT = 64;

/** Linux: the limit in hrtimer_interrupt(). After a hang no hrtimer runs for so long at most. In ns. */
const MAX_HANG_PAUSE = 100_000_000;
/** And so long at least: a pause of nothing would not end a hang. In ns. */
const MIN_HANG_PAUSE = 1_000_000;

/** Linux: hrtimer_interrupt() and tick_nohz_handler(). Handler of TIMER_INTERRUPT. */
export function timerInterrupt(cpu: Cpu): void {
  const own = cpu.use(timers);
  if (own.offline) return;
  const now = ktimeGet(cpu);
  runHrtimers(cpu, own, now);
  own.tick(now);
  // Linux: run_local_timers(). Pairs with the store in enqueue.
  if (cpu.memory.load64(own.timers + TimerBase.first) <= own.jiffyAt(now)) {
    raiseSoftirqIrqoff(cpu, TIMER_SOFTIRQ);
  }
  own.reprogram();
}

/**
 * Linux: __hrtimer_run_queues(). Calls what expired at `now` or before. A callback that restarts its timer
 * in the past runs again at once; if that has no end, hrtimers pause, so that the CPU gets on.
 */
function runHrtimers(cpu: Cpu, own: CpuTimers, now: number): void {
  const { memory } = cpu;
  const base = own.hrtimers;
  rawSpinLock(cpu, base + TimerBase.lock);
  let calls = CALLS_PER_INTERRUPT + 4 * timerqueueCount(memory, base + TimerBase.queue);
  own.hungUntil = 0;
  let timer = expired(memory, base, now);
  while (timer !== 0 && calls > 0) {
    expire(cpu, base, timer, now);
    calls--;
    timer = expired(memory, base, now);
  }
  rawSpinUnlock(cpu, base + TimerBase.lock);
  if (timer !== 0) pause(cpu, own, now);
}

function pause(cpu: Cpu, own: CpuTimers, start: number): void {
  const end = ktimeGet(cpu);
  const length = Math.min(Math.max(end - start, MIN_HANG_PAUSE), MAX_HANG_PAUSE);
  own.hungUntil = end + length;
  printk(cpu, 'warning', `hrtimer: interrupt took ${end - start} ns`);
}

/** Called and left with the lock held and interrupts off. */
function expire(cpu: Cpu, base: Ptr, timer: Ptr, now: number): void {
  const { memory } = cpu;
  const fn = memory.read(timer + Timed.function);
  // First running, then no longer queued: it is active all the time.
  memory.store(base + TimerBase.running, timer);
  dequeue(memory, base, timer);
  rawSpinUnlock(cpu, base + TimerBase.lock);
  const restart = callFunction(cpu, timer, fn, now);
  rawSpinLock(cpu, base + TimerBase.lock);
  // After NORESTART the struct may be gone. Queued again: somebody started it while it ran.
  if (restart && memory.load(timer + Timed.queued) === 0) {
    enqueue(memory, base, timer, timerqueueExpires(memory, timer));
  }
  doneRunning(cpu, base);
}

function callFunction(cpu: Cpu, timer: Ptr, fn: Ptr, now: number): boolean {
  const { hrtimerExpireEntry, hrtimerExpireExit } = cpu.trace;
  const before = cpu.preemptCount();
  cpu.count('timers');
  if (hrtimerExpireEntry.enabled) hrtimerExpireEntry.fire(timer, fn, now);
  const answer = cpu.text.call(fn, timer);
  if (hrtimerExpireExit.enabled) hrtimerExpireExit.fire(timer);
  if (answer !== HRTIMER_RESTART && answer !== HRTIMER_NORESTART) {
    const name = cpu.text.symbolOf(fn);
    const accepted = 'accepted are HRTIMER_RESTART and HRTIMER_NORESTART';
    warnOnce(cpu, true, `hrtimer: ${name} returned ${String(answer)}; ${accepted}`);
  }
  const after = cpu.preemptCount();
  if (after !== before) {
    const leak = `${hex(before)} -> ${hex(after)}`;
    warnOnce(cpu, true, `hrtimer: ${cpu.text.symbolOf(fn)} preempt leak: ${leak}`);
    cpu.memory.writeOwn(cpu.area + PerCpuLayout.preemptCount, before);
  }
  return answer === HRTIMER_RESTART;
}
