/**
 * The task struct: what other CPUs and reports may know of a task. Its generator cannot leave the thread
 * that made it and sits in a table of that CPU (local-task.ts), so a task stays on one CPU for life.
 *
 * **States.** One atomic word. The task itself moves along the plain arrows, wakers along the double ones
 * (by compare-exchange, so exactly one of several wakers wins):
 *
 *   free ──▶ setup ──▶ fresh ══▶ running ◀──▶ interruptible
 *    ▲      (creator)   wake      │  ▲ ◀──▶ uninterruptible, killable
 *    │                            │  ╠════ parked, interruptible, uninterruptible, killable: wake
 *    │                            │  ╚════ interruptible: signal; killable: fatal signal
 *    └── last reference ── dead ◀─┘
 *
 * **Why no wake-up is lost.** The sleeper's pattern, and what the waker does:
 *
 *   sleeper                             waker
 *   S1 setCurrentState(interruptible)   W1 make the condition true
 *   S2 condition true? → S4             W2 state: interruptible → running
 *   S3 yield* schedule(cpu)             W3 wakeQueued: 0 → 1, then push to the wake list of its CPU
 *   S4 setCurrentState(running)         W4 kick that CPU
 *
 * All seq-cst. If S2 misses W1, then S1 came before W2, which therefore finds a sleeper and turns its
 * state to running. Either the scheduler sees that at S3 and keeps the task on the run queue, or it took
 * the task off before, and finds it on the wake list later: it looks there before it idles. A signal is news
 * that the scheduler itself looks for at S3: signal.ts.
 */
import { layout } from '@percpu/memory';
import type { Layout } from '@percpu/memory';
import { InlineName } from '../inline-name.ts';

/** `Task.state`. Bits, so that a waker can say which sleeps it ends. */
export const TaskState = {
  /** Runs, or waits for its turn. Linux: TASK_RUNNING. */
  running: 0,
  /** Sleeps; an idle sleep that nobody reports. Linux: TASK_INTERRUPTIBLE. */
  interruptible: 1,
  /** Sleeps for something that must come: reported when it does not. Linux: TASK_UNINTERRUPTIBLE. */
  uninterruptible: 2,
  /** As uninterruptible, but a fatal signal ends it, so nobody reports it. Linux: TASK_KILLABLE. */
  killable: 0x102,
  /** Linux: TASK_PARKED. */
  parked: 0x40,
  /** Has ended, somebody still holds a reference. Linux: TASK_DEAD. */
  dead: 0x80,
  /** Created, never run. Linux: TASK_NEW. */
  fresh: 0x800,
  /** The slot is being filled. */
  setup: 0x1000,
  /** Nobody's slot. */
  free: 0x2000,
} as const;

export type TaskStateCode = (typeof TaskState)[keyof typeof TaskState];

/** The bit of a state that a fatal signal ends. Linux: TASK_WAKEKILL. */
export const TASK_WAKEKILL = 0x100;

/** Linux: TASK_NORMAL. The sleeps that an ordinary wake-up ends. */
export const TASK_NORMAL: number = TaskState.interruptible | TaskState.uninterruptible;

/** Who goes first. Within a class that is the priority (prio.ts); tasks of the same priority take turns. */
export const TaskClass = {
  /** Linux: stop_sched_class. Before everything; preempts wherever preemption is on. */
  stop: 0,
  /** Linux: SCHED_FIFO. Before normal tasks; preempts them wherever preemption is on. */
  realtime: 1,
  /** Linux: SCHED_NORMAL, without shares: each runs until it yields. */
  normal: 2,
} as const;

export type TaskClassCode = (typeof TaskClass)[keyof typeof TaskClass];

/** Bits of `Task.flags`. */
export const TaskFlag = {
  /** Linux: KTHREAD_SHOULD_STOP. */
  shouldStop: 1,
  /** Linux: KTHREAD_SHOULD_PARK. */
  shouldPark: 2,
  /** Linux: KTHREAD_IS_PARKED. */
  isParked: 4,
} as const;

/** Two ends of a list, as those of @percpu/locks. */
const piWaitersFields = { first: 'ptr', last: 'ptr' } as const;
export const PiWaiters: Layout<typeof piWaitersFields> = layout(piWaitersFields, {
  name: 'PiWaiters',
});

const taskFields = {
  // ── written by the creator before anybody knows the task, constant for its life ───────────
  /** Never 0, except for the task that a CPU's idle loop and plain callers run as. */
  pid: 'u32',
  /** The CPU it runs on. Atomic, for wakers that still know the slot's last tenant. */
  cpu: 'u32',
  /** What a kthread runs: a text address, and a word for it. 0 for tasks made of a generator. */
  func: 'ptr',
  data: 'u32',
  name: InlineName,

  // ── atomic, anybody ───────────────────────────────────────────────────────────────────────
  /** TaskState. */
  state: 'u32',
  /** 1 from being claimed for a wake list until taken from it. Outlives the tenant of the slot. */
  wakeQueued: 'u32',
  /** Next on the wake list. Plain: belongs to whoever set wakeQueued. Outlives the tenant too. */
  wakeNext: 'ptr',
  /** TaskFlag. */
  flags: 'u32',
  /** Pending signals: bit n − 1 is signal n. */
  signals: 'u32',
  /** Signals it does not ignore. Written by the creator and the task. */
  allowedSignals: 'u32',
  /** 1 while the CPU executes it: neither asleep nor waiting while another runs. Written by its CPU. Linux: on_cpu. */
  onCpu: 'u32',
  /** References; the task's own is dropped when it ends. The slot is free at 0. */
  usage: 'u32',
  /** Set by the task before it joins a list of waiters, cleared by whoever releases it. */
  waiting: 'u32',
  /** Event (event.ts): the task has ended. */
  exited: 'u32',
  /** Event: it has parked, or ended instead. Armed by kthreadPark. */
  parked: 'u32',

  /** What counts: the better one of the two below `piLock`. Changed under it, read by wakers. */
  prio: 'u32',

  // ── plain: protected by the list the task waits in ────────────────────────────────────────
  waitNext: 'ptr',
  /** What it waits for, in the words of that list. */
  waitKind: 'u32',
  /** Written before `exited` is signalled, read after. */
  exitCode: 'i32',

  // ── own: the task's CPU writes, reports read ──────────────────────────────────────────────
  /** 1 while on the run queue or running. */
  runnable: 'u32',
  /** Times it was given the CPU. A watchdog that sees it stand still sees a hung task. Linux: nvcsw + nivcsw. */
  switches: 'u32',
  /** While it sleeps: the lock, or whatever else has an address, that it sleeps for; 0: not said. Linux: p->blocker. */
  blocker: 'ptr',

  // ── priority inheritance (priority.ts, and the rt-mutex of @percpu/locks) ─────────────────
  /** Linux: p->pi_lock. A raw spin lock, for what follows and `prio`. */
  piLock: 'u32',
  normalPrio: 'u32',
  inheritedPrio: 'u32',
  /** The best waiter of each rt-mutex that the task holds, the best of them first. */
  piWaiters: PiWaiters,
  /** Linux: p->pi_blocked_on. Its place among the waiters of an rt-mutex, or 0. Also changes under the lock of that one. */
  piBlockedOn: 'ptr',
} as const;

/** What a waker needs (the state, the CPU, the list link) is on the first cache line: it owns all with one miss. */
export const Task: Layout<
  Record<
    | 'pid'
    | 'cpu'
    | 'func'
    | 'data'
    | 'name'
    | 'state'
    | 'wakeQueued'
    | 'wakeNext'
    | 'flags'
    | 'signals'
    | 'allowedSignals'
    | 'onCpu'
    | 'usage'
    | 'waiting'
    | 'exited'
    | 'parked'
    | 'waitNext'
    | 'waitKind'
    | 'exitCode'
    | 'prio'
    | 'piLock'
    | 'normalPrio'
    | 'inheritedPrio'
    | 'piWaiters'
    | 'piBlockedOn'
    | 'runnable'
    | 'switches'
    | 'blocker',
    unknown
  >
> = layout(taskFields, {
  name: 'Task',
  cacheAligned: true,
});
