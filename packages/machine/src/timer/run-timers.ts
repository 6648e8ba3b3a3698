/** The TIMER soft irq: calls the functions of the timers whose jiffy has come. */
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { warnOnce } from '../fault.ts';
import { PerCpuLayout } from '../machine-layout.ts';
import { rawSpinLock, rawSpinUnlock } from '../raw-spinlock.ts';
import { timers } from './cpu-timers.ts';
import { TIMER_IRQSAFE, TimerList } from './timer.ts';
import { dequeue, doneRunning, expired, Timed, TimerBase } from './timer-bases.ts';

/** Linux: run_timer_softirq(). Softirq context. Timers armed meanwhile wait for the next jiffy, so this ends. */
export function runTimers(cpu: Cpu): void {
  const { memory } = cpu;
  const own = cpu.use(timers);
  if (own.offline) return;
  const base = own.timers;
  cpu.localIrqDisable();
  rawSpinLock(cpu, base + TimerBase.lock);
  const now = own.jiffyAt(cpu.now());
  memory.write64(base + TimerBase.clk, now + 1);
  let timer = expired(memory, base, now);
  while (timer !== 0) {
    expire(cpu, base, timer, now);
    timer = expired(memory, base, now);
  }
  rawSpinUnlock(cpu, base + TimerBase.lock);
  own.reprogram();
  cpu.localIrqEnable();
}

/** Called and left with the lock held and interrupts off. */
function expire(cpu: Cpu, base: Ptr, timer: Ptr, now: number): void {
  const { memory } = cpu;
  const fn = memory.read(timer + Timed.function);
  const irqsafe = (memory.read(timer + TimerList.flags) & TIMER_IRQSAFE) !== 0;
  // First running, then no longer queued: a delTimerSync in between sees one of the two.
  memory.store(base + TimerBase.running, timer);
  dequeue(memory, base, timer);
  rawSpinUnlock(cpu, base + TimerBase.lock);
  if (!irqsafe) cpu.localIrqEnable();
  callFunction(cpu, timer, fn, now);
  cpu.localIrqDisable();
  rawSpinLock(cpu, base + TimerBase.lock);
  doneRunning(cpu, base);
}

function callFunction(cpu: Cpu, timer: Ptr, fn: Ptr, now: number): void {
  const { timerExpireEntry, timerExpireExit } = cpu.trace;
  const before = cpu.preemptCount();
  cpu.count('timers');
  if (timerExpireEntry.enabled) timerExpireEntry.fire(timer, fn, now);
  cpu.text.call(fn, timer);
  if (timerExpireExit.enabled) timerExpireExit.fire(timer);
  const after = cpu.preemptCount();
  if (after === before) return;
  const leak = `${hex(before)} -> ${hex(after)}`;
  warnOnce(cpu, true, `timer: ${cpu.text.symbolOf(fn)} preempt leak: ${leak}`);
  cpu.memory.writeOwn(cpu.area + PerCpuLayout.preemptCount, before);
}
