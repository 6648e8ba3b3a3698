/**
 * The structs of work queues, and who protects what.
 *
 *   workqueue ──▶ one pool-workqueue a CPU ──▶ worker pool of that CPU ──▶ workers (kthreads)
 *   (name,         (how many of this queue     (works to be run,           (one work each)
 *    flags)         may be active here)         any queue's)
 *
 * All plain fields of a pool, of its workers, of pool-workqueues that point to it, and the list fields of
 * works that are on its lists are protected by the pool's lock.
 */
import { array, layout } from '@percpu/memory';
import type { Layout } from '@percpu/memory';
import { InlineName } from '../inline-name.ts';
import { SleepLock } from '../task/sleep-lock.ts';
import { HrTimer } from '../timer/hrtimer.ts';

/** `WorkStruct.bits`. Linux: WORK_STRUCT_PENDING. Whoever sets it owns the work until it is queued and run, or given up. */
export const WORK_PENDING = 1;
/** A cancelWorkSync holds WORK_PENDING until the work runs nowhere. Linux: WORK_OFFQ_CANCELING. */
export const WORK_CANCELLING = 2;

/** `WorkStruct.list`. */
export const OnList = { none: 0, pool: 1, inactive: 2 } as const;

const workFields = {
  /** Kernel text, called with (cpu, work). A generator function may sleep. */
  func: 'ptr',
  /** WORK_PENDING, WORK_CANCELLING. Atomic. */
  bits: 'u32',
  /** The pool it was queued on last. Atomic; written under that pool's lock. */
  pool: 'ptr',
  /** Which list it is on. Atomic; written under the lock of `pool`, and read by who holds that of another (lockPoolOfWork). */
  list: 'u32',
  // ── under the lock of `pool` ──────────────────────────────────────────────────────────────
  next: 'ptr',
  previous: 'ptr',
  /** The pool-workqueue it counts in, and in which colour. */
  pwq: 'ptr',
  color: 'u32',
  /** Tasks that wait for this instance, linked by waitNext. */
  flushers: 'ptr',
} as const;

/** Linux: struct work_struct. Belongs to its user, who keeps it until the work has run. */
export const WorkStruct: Layout<typeof workFields> = layout(workFields, { name: 'WorkStruct' });

const delayedFields = {
  work: WorkStruct,
  timer: HrTimer,
  /** Where the timer queues it: plain, owned by whoever set WORK_PENDING. */
  workqueue: 'ptr',
  cpu: 'u32',
} as const;

/** Linux: struct delayed_work. */
export const DelayedWork: Layout<Record<'work' | 'timer' | 'workqueue' | 'cpu', unknown>> = layout(
  delayedFields,
  {
    name: 'DelayedWork',
  },
);

/** A list of works, linked both ways. */
const listFields = { first: 'ptr', last: 'ptr' } as const;
export const WorkList: Layout<typeof listFields> = layout(listFields, { name: 'WorkList' });

const poolFields = {
  lock: 'u32',
  /** 1 while works may be queued here: its CPU is up. Atomic to read, written under the lock. */
  associated: 'u32',
  /** Constant. */
  cpu: 'u32',
  highpri: 'u32',
  works: WorkList,
  /** Newest worker; they are never taken back. */
  workers: 'ptr',
  nrWorkers: 'u32',
  /** Workers that are neither idle nor asleep in a work. */
  nrRunning: 'u32',
  /** Workers that have a work. */
  nrBusy: 'u32',
  /** Event: nothing is left here. Armed when the CPU goes down. */
  drained: 'u32',
} as const;

export const WorkerPool: Layout<
  Record<
    | 'lock'
    | 'associated'
    | 'cpu'
    | 'highpri'
    | 'works'
    | 'workers'
    | 'nrWorkers'
    | 'nrRunning'
    | 'nrBusy'
    | 'drained',
    unknown
  >
> = layout(poolFields, {
  name: 'WorkerPool',
  cacheAligned: true,
});

const workerFields = {
  // ── constant ──────────────────────────────────────────────────────────────────────────────
  task: 'ptr',
  pool: 'ptr',
  next: 'ptr',
  // ── under the lock of the pool ────────────────────────────────────────────────────────────
  idle: 'u32',
  /** What it runs, 0 = nothing. */
  work: 'ptr',
  func: 'ptr',
  pwq: 'ptr',
  color: 'u32',
  /** Tasks that wait for it to be through with `work`. */
  flushers: 'ptr',
} as const;

export const Worker: Layout<typeof workerFields> = layout(workerFields, {
  name: 'Worker',
  cacheAligned: true,
});

const pwqFields = {
  /** Constant. */
  workqueue: 'ptr',
  /** Atomic: that of an ordered queue moves when its CPU goes down. Protected by the lock of the pool it names. */
  pool: 'ptr',
  nrActive: 'u32',
  inactive: WorkList,
  /** Colour of works queued now, and how many of each are queued or running. */
  color: 'u32',
  inFlight: array('u32', 2),
  /** 1: a flush waits until none of the other colour is left. */
  flushing: 'u32',
} as const;

/** Linux: struct pool_workqueue. */
export const PoolWorkqueue: Layout<
  Record<
    'workqueue' | 'pool' | 'nrActive' | 'inactive' | 'color' | 'inFlight' | 'flushing',
    unknown
  >
> = layout(pwqFields, {
  name: 'PoolWorkqueue',
  cacheAligned: true,
});

const workqueueFields = {
  // ── constant while it exists ──────────────────────────────────────────────────────────────
  name: InlineName,
  flags: 'u32',
  maxActive: 'u32',
  pwqs: 'ptr',
  /** Next in the list of all there ever were. Constant. */
  next: 'ptr',
  /** 1 while it exists. Atomic. */
  used: 'u32',
  /** Drains under way: only its own works may queue more. Atomic. */
  draining: 'u32',
  /** One flush at a time. */
  flushLock: SleepLock,
  /** Pool-workqueues a flush still waits for, and itself. Atomic. */
  flushTodo: 'u32',
  /** Event. */
  flushDone: 'u32',
} as const;

/** Linux: struct workqueue_struct. */
export const Workqueue: Layout<
  Record<
    | 'name'
    | 'flags'
    | 'maxActive'
    | 'pwqs'
    | 'next'
    | 'used'
    | 'draining'
    | 'flushLock'
    | 'flushTodo'
    | 'flushDone',
    unknown
  >
> = layout(workqueueFields, {
  name: 'Workqueue',
  cacheAligned: true,
});
