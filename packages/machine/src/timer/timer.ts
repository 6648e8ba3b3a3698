/**
 * Timers: a function that runs once, in softirq context, when a jiffy has come. A timer is a struct in
 * shared memory and lives on the base of one CPU: where it was armed last, or where its function runs.
 *
 *   set up ─▶ idle ──mod, add──▶ pending ──jiffy──▶ running ─▶ idle      (mod in its own function:
 *               ▲                   │                            pending again)
 *               └───────del─────────┘
 *
 * A timer never runs early. It runs in the first TIMER soft irq of its CPU at or after the beginning of
 * jiffy `expires`; one armed for a jiffy that has been handled runs in the next.
 */
import { layout, hex } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { warn } from '../fault.ts';
import { cpuOnline } from '../online.ts';
import { rawSpinUnlock } from '../raw-spinlock.ts';
import { timers } from './cpu-timers.ts';
import { dequeueIfQueued, enqueue, lockBase, moveToBase, Timed, TimerBase } from './timer-bases.ts';

const timerFields = {
  timed: Timed,
  flags: 'u32',
  /** Jiffies. What was asked for; the queue may hold a later one. */
  expires: 'i64',
} as const;

/** Linux: struct timer_list. */
export const TimerList: Layout<Record<'timed' | 'flags' | 'expires', unknown>> = layout(
  timerFields,
  { name: 'TimerList' },
);

/** Linux: TIMER_IRQSAFE. The function runs with interrupts off, and `delTimerSync` may be called from interrupts. */
export const TIMER_IRQSAFE = 0x0020_0000;
/** Linux: TIMER_PINNED. Accepted and without effect: a timer always goes to the CPU that arms it. */
export const TIMER_PINNED = 0x0010_0000;

const FLAGS = TIMER_IRQSAFE | TIMER_PINNED;

/** Linux: timer_setup(). `fn` is kernel text, called with (cpu, timer). `timer` is not in use. Any context. */
export function timerSetup(cpu: Cpu, timer: Ptr, fn: Ptr, flags = 0): void {
  if ((flags & ~FLAGS) !== 0) {
    throw new RangeError(
      `timerSetup: flags ${hex(flags)}; accepted are TIMER_IRQSAFE and TIMER_PINNED`,
    );
  }
  if (fn === 0)
    throw new TypeError('timerSetup: no function; accepted is an address in kernel text');
  const { memory, trace } = cpu;
  memory.describe(timer, TimerList);
  memory.write64(timer + TimerList.expires, 0);
  memory.write(timer + TimerList.flags, flags);
  memory.write(timer + Timed.function, fn);
  memory.store(timer + Timed.queued, 0);
  memory.store(timer + Timed.base, cpu.id);
  if (trace.timerInit.enabled) trace.timerInit.fire(timer);
}

/** Linux: timer_pending(). Armed, and not yet taken out to run. Any context. */
export function timerPending(cpu: Cpu, timer: Ptr): boolean {
  return cpu.memory.load(timer + Timed.queued) !== 0;
}

/** Linux: timer->expires, for a timer of which the caller knows that nobody arms it. In jiffies. */
export function timerExpires(cpu: Cpu, timer: Ptr): number {
  return cpu.memory.read64(timer + TimerList.expires);
}

/** Linux: `timer->expires = …`, before `addTimer` or `addTimerOn`. The timer is not pending. In jiffies. */
export function setTimerExpires(cpu: Cpu, timer: Ptr, expires: number): void {
  checkExpires(expires);
  cpu.memory.write64(timer + TimerList.expires, expires);
}

/**
 * Linux: mod_timer(). Arms `timer` for jiffy `expires` on this CPU, pending or not; from its own function
 * too. Returns 1 when it was pending, else 0. Any context.
 */
export function modTimer(cpu: Cpu, timer: Ptr, expires: number): number {
  checkExpires(expires);
  return arm(cpu, timer, cpu.id, expires);
}

/** Linux: add_timer(). Arms it for the jiffy in its struct. Pending already: a warning, and nothing else. Any context. */
export function addTimer(cpu: Cpu, timer: Ptr): void {
  addTimerOn(cpu, timer, cpu.id);
}

/** Linux: add_timer_on(). As `addTimer`, but it will run on CPU `target`; on this one, with a warning, if that is offline. */
export function addTimerOn(cpu: Cpu, timer: Ptr, target: number): void {
  const { memory, machine } = cpu;
  if (!Number.isInteger(target) || target < 0 || target >= machine.nrCpus) {
    throw new RangeError(`addTimerOn: CPU ${target}; this machine has 0 to ${machine.nrCpus - 1}`);
  }
  if (warn(cpu, timerPending(cpu, timer), `add_timer: timer ${hex(timer)} is pending`)) return;
  const online = target === cpu.id || cpuOnline(memory, machine, target);
  warn(cpu, !online, `add_timer_on: CPU ${target} is offline`);
  arm(cpu, timer, online ? target : cpu.id, timerExpires(cpu, timer));
}

/** Linux: del_timer(), timer_delete(). 1: it was pending; 0: it was not, and may be running. Any context. */
export function delTimer(cpu: Cpu, timer: Ptr): number {
  return del(cpu, timer, false);
}

/** Linux: try_to_del_timer_sync(). As `delTimer`, but −1, and nothing done, while its function runs. Any context. */
export function tryToDelTimerSync(cpu: Cpu, timer: Ptr): number {
  return del(cpu, timer, true);
}

/**
 * Linux: del_timer_sync(), timer_delete_sync(). As `delTimer`, and on return its function runs nowhere.
 * The caller sees to it that nobody arms it again, and holds nothing that the function needs.
 *
 * From the function itself, or from an interrupt on top of it, it would wait for ever: a warning, and
 * −1 at once. From other interrupts a warning too, unless the timer is TIMER_IRQSAFE.
 */
export function delTimerSync(cpu: Cpu, timer: Ptr): number {
  const { memory } = cpu;
  const irqsafe = (memory.read(timer + TimerList.flags) & TIMER_IRQSAFE) !== 0;
  const name = `timer ${hex(timer)}`;
  warn(cpu, cpu.inHardirq() && !irqsafe, `del_timer_sync: ${name} waited for in an interrupt`);
  const all = cpu.use(timers);
  for (;;) {
    const result = tryToDelTimerSync(cpu, timer);
    if (result >= 0) return result;
    const here = memory.load(all.timers + TimerBase.running) === timer;
    if (warn(cpu, here, `del_timer_sync: ${name} waited for in its own function`)) return result;
    const id = memory.load(timer + Timed.base);
    // While it runs it stays on its base; when it is over, `running` is another one, or none.
    if (id < cpu.nrCpus) cpu.waitWhileEquals(all.baseOf('timers', id) + TimerBase.running, timer);
  }
}

function arm(cpu: Cpu, timer: Ptr, target: number, expires: number): number {
  const { memory, trace } = cpu;
  const fn = memory.read(timer + Timed.function);
  if (fn === 0) throw new TypeError(`timer ${hex(timer)} was never set up; timerSetup does that`);
  const all = cpu.use(timers);
  const flags = cpu.localIrqSave();
  let base = lockBase(cpu, all, timer, 'timers');
  const pending = dequeueIfQueued(memory, base.at, timer);
  base = moveToBase(cpu, all, timer, 'timers', base, target);
  memory.write64(timer + TimerList.expires, expires);
  // A jiffy that has been handled does not come again; and a function that arms its timer for now
  // must not keep the soft irq busy for ever.
  const first = enqueue(
    memory,
    base.at,
    timer,
    Math.max(expires, memory.read64(base.at + TimerBase.clk)),
  );
  rawSpinUnlock(cpu, base.at + TimerBase.lock);
  if (trace.timerStart.enabled) trace.timerStart.fire(timer, fn, expires, base.cpu);
  if (first) all.programmedEarlier(base.cpu);
  cpu.localIrqRestore(flags);
  return pending ? 1 : 0;
}

function del(cpu: Cpu, timer: Ptr, unlessRunning: boolean): number {
  const { memory, trace } = cpu;
  const all = cpu.use(timers);
  const flags = cpu.localIrqSave();
  const base = lockBase(cpu, all, timer, 'timers');
  const running = unlessRunning && memory.load(base.at + TimerBase.running) === timer;
  const pending = !running && dequeueIfQueued(memory, base.at, timer);
  rawSpinUnlock(cpu, base.at + TimerBase.lock);
  cpu.localIrqRestore(flags);
  if (running) return -1;
  if (pending && trace.timerCancel.enabled) trace.timerCancel.fire(timer);
  return pending ? 1 : 0;
}

function checkExpires(expires: number): void {
  if (!Number.isSafeInteger(expires)) {
    throw new RangeError(`timer: expires ${expires}; accepted are whole numbers of jiffies`);
  }
}
