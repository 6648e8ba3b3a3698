/**
 * High-resolution timers: a function called in hardirq context when a time has come, in nanoseconds. A
 * struct in shared memory, on the base of the CPU that started it last (or, while its function runs, of
 * the CPU where it runs).
 *
 *   inactive ──start──▶ enqueued ──time──▶ callback ──NORESTART──▶ inactive
 *       ▲                  │  ▲               │
 *       └──────cancel──────┘  └────RESTART────┘   after hrtimerForward, or it runs again at once
 *
 * Absolute times are on the clock of `cpu.now()`: ns since the memory was made. A timer never runs early;
 * how late depends on when its CPU looks next (an idle one wakes for it).
 */
import { layout, hex } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { warn } from '../fault.ts';
import { rawSpinUnlock } from '../raw-spinlock.ts';
import { timers } from './cpu-timers.ts';
import { forward } from './hrtimer-forward.ts';
import {
  dequeueIfQueued,
  enqueue,
  KTIME_MAX,
  lockBase,
  moveToBase,
  Timed,
  TimerBase,
} from './timer-bases.ts';
import { timerqueueExpires, TimerqueueNode } from './timerqueue.ts';

const hrtimerFields = {
  timed: Timed,
  /** Mode given to hrtimerInit. */
  mode: 'u32',
} as const;

/** Linux: struct hrtimer. */
export const HrTimer: Layout<Record<'timed' | 'mode', unknown>> = layout(hrtimerFields, {
  name: 'HrTimer',
});

/** Linux: CLOCK_MONOTONIC. The machine has this one clock. */
export const CLOCK_MONOTONIC = 1;

/** Linux: HRTIMER_MODE_ABS. The time is absolute. */
export const HRTIMER_MODE_ABS = 0;
/** Linux: HRTIMER_MODE_REL. The time counts from now. */
export const HRTIMER_MODE_REL = 1;

/** What a callback returns. Linux: HRTIMER_NORESTART, HRTIMER_RESTART. */
export const HRTIMER_NORESTART = 0;
export const HRTIMER_RESTART = 1;

/** Linux: hrtimer_setup(). `fn` is kernel text, called with (cpu, timer); returns HRTIMER_RESTART or HRTIMER_NORESTART. Any context. */
export function hrtimerSetup(cpu: Cpu, timer: Ptr, fn: Ptr, clock: number, mode: number): void {
  hrtimerInit(cpu, timer, clock, mode);
  hrtimerSetFunction(cpu, timer, fn);
}

/** Linux: hrtimer_init(). Give it a function with `hrtimerSetFunction`. `timer` is not in use. Any context. */
export function hrtimerInit(cpu: Cpu, timer: Ptr, clock: number, mode: number): void {
  if (clock !== CLOCK_MONOTONIC) {
    throw new RangeError(`hrtimerInit: clock ${clock}; accepted is CLOCK_MONOTONIC (1)`);
  }
  checkMode('hrtimerInit', mode);
  const { memory, trace } = cpu;
  memory.describe(timer, HrTimer);
  memory.write(timer + HrTimer.mode, mode);
  memory.write(timer + Timed.function, 0);
  memory.write64(timer + TimerqueueNode.expires, 0);
  memory.store(timer + Timed.queued, 0);
  memory.store(timer + Timed.base, cpu.id);
  if (trace.hrtimerInit.enabled) trace.hrtimerInit.fire(timer, clock, mode);
}

/** Linux: `timer->function = fn`. The timer is inactive. */
export function hrtimerSetFunction(cpu: Cpu, timer: Ptr, fn: Ptr): void {
  if (fn === 0) throw new TypeError('hrtimer: no function; accepted is an address in kernel text');
  cpu.memory.write(timer + Timed.function, fn);
}

/**
 * Linux: hrtimer_start(). Starts `timer`, active or not, on this CPU: at `ns` (HRTIMER_MODE_ABS), or that
 * long from now (HRTIMER_MODE_REL). A time that has passed means at once. Any context but NMI.
 */
export function hrtimerStart(cpu: Cpu, timer: Ptr, ns: number, mode: number): void {
  checkMode('hrtimerStart', mode);
  checkTime('hrtimerStart', ns);
  const { memory, trace } = cpu;
  const fn = memory.read(timer + Timed.function);
  if (fn === 0)
    throw new TypeError(`hrtimer ${hex(timer)} has no function; hrtimerSetup gives it one`);
  const all = cpu.use(timers);
  const flags = cpu.localIrqSave();
  let base = lockBase(cpu, all, timer, 'hrtimers');
  dequeueIfQueued(memory, base.at, timer);
  base = moveToBase(cpu, all, timer, 'hrtimers', base, cpu.id);
  // Linux: ktime_add_safe(). A sum too large is for ever.
  const expires = mode === HRTIMER_MODE_REL ? Math.min(ktimeGet(cpu) + ns, KTIME_MAX) : ns;
  const first = enqueue(memory, base.at, timer, expires);
  rawSpinUnlock(cpu, base.at + TimerBase.lock);
  if (trace.hrtimerStart.enabled) trace.hrtimerStart.fire(timer, fn, expires);
  if (first) all.programmedEarlier(base.cpu);
  cpu.localIrqRestore(flags);
}

/** Linux: hrtimer_try_to_cancel(). 1: it was enqueued; 0: it was not active; −1: its function runs, nothing done. Any context but NMI. */
export function hrtimerTryToCancel(cpu: Cpu, timer: Ptr): number {
  const { memory, trace } = cpu;
  const all = cpu.use(timers);
  const flags = cpu.localIrqSave();
  const base = lockBase(cpu, all, timer, 'hrtimers');
  const running = memory.load(base.at + TimerBase.running) === timer;
  const active = !running && dequeueIfQueued(memory, base.at, timer);
  rawSpinUnlock(cpu, base.at + TimerBase.lock);
  cpu.localIrqRestore(flags);
  if (running) return -1;
  if (active && trace.hrtimerCancel.enabled) trace.hrtimerCancel.fire(timer);
  return active ? 1 : 0;
}

/**
 * Linux: hrtimer_cancel(). 1: it was active; 0: it was not. On return its function runs nowhere. The caller
 * holds nothing that the function needs. From the function itself it would wait for ever: a warning,
 * and −1 at once.
 */
export function hrtimerCancel(cpu: Cpu, timer: Ptr): number {
  const { memory } = cpu;
  const all = cpu.use(timers);
  for (;;) {
    const result = hrtimerTryToCancel(cpu, timer);
    if (result >= 0) return result;
    const here = memory.load(all.hrtimers + TimerBase.running) === timer;
    const text = `hrtimer_cancel: hrtimer ${hex(timer)} waited for in its own function`;
    if (warn(cpu, here, text)) return result;
    const id = memory.load(timer + Timed.base);
    // While it runs it stays on its base; when it is over, `running` is another one, or none.
    if (id < cpu.nrCpus) cpu.waitWhileEquals(all.baseOf('hrtimers', id) + TimerBase.running, timer);
  }
}

/** Linux: hrtimer_active(). Enqueued, or its function runs. Takes the lock of its base. Any context but NMI. */
export function hrtimerActive(cpu: Cpu, timer: Ptr): boolean {
  const { memory } = cpu;
  const flags = cpu.localIrqSave();
  const base = lockBase(cpu, cpu.use(timers), timer, 'hrtimers');
  const running = memory.load(base.at + TimerBase.running) === timer;
  const active = running || memory.load(timer + Timed.queued) !== 0;
  rawSpinUnlock(cpu, base.at + TimerBase.lock);
  cpu.localIrqRestore(flags);
  return active;
}

/** Linux: hrtimer_is_queued(). Any context. */
export function hrtimerIsQueued(cpu: Cpu, timer: Ptr): boolean {
  return cpu.memory.load(timer + Timed.queued) !== 0;
}

/** Linux: hrtimer_get_expires(). Absolute, in ns. The caller knows that nobody starts it meanwhile. */
export function hrtimerGetExpires(cpu: Cpu, timer: Ptr): number {
  return timerqueueExpires(cpu.memory, timer);
}

/** Linux: hrtimer_set_expires(). Absolute, in ns. The timer is not enqueued: for callbacks that return HRTIMER_RESTART. */
export function hrtimerSetExpires(cpu: Cpu, timer: Ptr, ns: number): void {
  checkTime('hrtimerSetExpires', ns);
  const queued = hrtimerIsQueued(cpu, timer);
  if (warn(cpu, queued, `hrtimer_set_expires: hrtimer ${hex(timer)} is enqueued`)) return;
  cpu.memory.write64(timer + TimerqueueNode.expires, ns);
}

/** Linux: hrtimer_get_remaining(). Nanoseconds until it expires, negative when that has passed. Any context but NMI. */
export function hrtimerGetRemaining(cpu: Cpu, timer: Ptr): number {
  const { memory } = cpu;
  const flags = cpu.localIrqSave();
  const base = lockBase(cpu, cpu.use(timers), timer, 'hrtimers');
  const expires = timerqueueExpires(memory, timer);
  rawSpinUnlock(cpu, base.at + TimerBase.lock);
  cpu.localIrqRestore(flags);
  return expires - ktimeGet(cpu);
}

/**
 * Linux: hrtimer_forward(). Moves the expiry by whole intervals past `now` and returns by how many: 0, and
 * nothing moved, when it expires after `now`. An interval below HRTIMER_RESOLUTION counts as that. For
 * the callback, or an inactive timer; an enqueued one stays as it is: a warning, and 0.
 */
export function hrtimerForward(cpu: Cpu, timer: Ptr, now: number, interval: number): number {
  checkTime('hrtimerForward', now);
  checkTime('hrtimerForward', interval);
  const before = hrtimerGetExpires(cpu, timer);
  const { expires, overruns } = forward(before, now, interval);
  if (overruns === 0) return 0;
  const queued = hrtimerIsQueued(cpu, timer);
  if (warn(cpu, queued, `hrtimer_forward: hrtimer ${hex(timer)} is enqueued`)) return 0;
  cpu.memory.write64(timer + TimerqueueNode.expires, Math.min(expires, KTIME_MAX));
  return overruns;
}

/** Linux: hrtimer_forward_now(). `hrtimerForward` with the time it is. */
export function hrtimerForwardNow(cpu: Cpu, timer: Ptr, interval: number): number {
  return hrtimerForward(cpu, timer, ktimeGet(cpu), interval);
}

/** Linux: ktime_get(). Whole nanoseconds on the clock of `cpu.now()`. */
export function ktimeGet(cpu: Cpu): number {
  return Math.floor(cpu.now());
}

function checkMode(what: string, mode: number): void {
  if (mode !== HRTIMER_MODE_ABS && mode !== HRTIMER_MODE_REL) {
    throw new RangeError(
      `${what}: mode ${mode}; accepted are HRTIMER_MODE_ABS (0) and HRTIMER_MODE_REL (1)`,
    );
  }
}

function checkTime(what: string, ns: number): void {
  if (!Number.isSafeInteger(ns)) {
    throw new RangeError(`${what}: ${ns}; accepted are whole numbers of nanoseconds up to 2^53-1`);
  }
}
