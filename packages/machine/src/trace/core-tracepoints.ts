/**
 * The tracepoints of the machine itself, named and filled as in Linux' include/trace/events, but for
 * strings, which become addresses. Every CPU has a site of each in `cpu.trace`.
 */
import { TraceSite } from './trace-site.ts';
import { tracepoint } from './tracepoint.ts';
import type { TraceField, Tracepoint } from './tracepoint.ts';

/** Name, then fields. */
const declared = {
  // ── sched.h ───────────────────────────────────────────────────────────────────────────────
  /** Task structs. */
  schedSwitch: ['sched_switch', 'prev:ptr', 'next:ptr'],
  schedWakeup: ['sched_wakeup', 'task:ptr', 'target_cpu:u32'],
  schedWakeupNew: ['sched_wakeup_new', 'task:ptr', 'target_cpu:u32'],
  schedProcessExit: ['sched_process_exit', 'task:ptr'],

  // ── irq.h ─────────────────────────────────────────────────────────────────────────────────
  irqHandlerEntry: ['irq_handler_entry', 'irq:u32'],
  irqHandlerExit: ['irq_handler_exit', 'irq:u32', 'ret:u32'],
  softirqRaise: ['softirq_raise', 'vec:u32'],
  softirqEntry: ['softirq_entry', 'vec:u32'],
  softirqExit: ['softirq_exit', 'vec:u32'],
  taskletEntry: ['tasklet_entry', 'tasklet:ptr', 'func:ptr'],
  taskletExit: ['tasklet_exit', 'tasklet:ptr', 'func:ptr'],

  // ── timer.h ───────────────────────────────────────────────────────────────────────────────
  timerInit: ['timer_init', 'timer:ptr'],
  /** `expires` and `now` in jiffies. */
  timerStart: ['timer_start', 'timer:ptr', 'function:ptr', 'expires:u64', 'cpu:u32'],
  timerExpireEntry: ['timer_expire_entry', 'timer:ptr', 'function:ptr', 'now:u64'],
  timerExpireExit: ['timer_expire_exit', 'timer:ptr'],
  timerCancel: ['timer_cancel', 'timer:ptr'],
  hrtimerInit: ['hrtimer_init', 'hrtimer:ptr', 'clockid:u32', 'mode:u32'],
  /** `expires` and `now` in nanoseconds. */
  hrtimerStart: ['hrtimer_start', 'hrtimer:ptr', 'function:ptr', 'expires:i64'],
  hrtimerExpireEntry: ['hrtimer_expire_entry', 'hrtimer:ptr', 'function:ptr', 'now:i64'],
  hrtimerExpireExit: ['hrtimer_expire_exit', 'hrtimer:ptr'],
  hrtimerCancel: ['hrtimer_cancel', 'hrtimer:ptr'],

  // ── ipi.h, csd.h ──────────────────────────────────────────────────────────────────────────
  ipiSendCpu: ['ipi_send_cpu', 'cpu:u32', 'vector:u32'],
  ipiEntry: ['ipi_entry', 'vector:u32'],
  ipiExit: ['ipi_exit', 'vector:u32'],
  csdFunctionEntry: ['csd_function_entry', 'func:ptr', 'csd:ptr'],
  csdFunctionExit: ['csd_function_exit', 'func:ptr', 'csd:ptr'],

  // ── workqueue.h ───────────────────────────────────────────────────────────────────────────
  workqueueQueueWork: [
    'workqueue_queue_work',
    'work:ptr',
    'function:ptr',
    'workqueue:ptr',
    'cpu:u32',
  ],
  workqueueActivateWork: ['workqueue_activate_work', 'work:ptr', 'function:ptr'],
  workqueueExecuteStart: ['workqueue_execute_start', 'work:ptr', 'function:ptr'],
  workqueueExecuteEnd: ['workqueue_execute_end', 'work:ptr', 'function:ptr'],

  // ── cpuhp.h ───────────────────────────────────────────────────────────────────────────────
  /** Without the numbers of Linux' states: the callback tells them apart. */
  cpuhpEnter: ['cpuhp_enter', 'cpu:u32', 'fun:ptr'],
  cpuhpExit: ['cpuhp_exit', 'cpu:u32', 'fun:ptr', 'ret:i32'],
} as const;

type Declared = typeof declared;
type FieldsOf<Entry> = Entry extends readonly [string, ...infer Fields extends TraceField[]]
  ? readonly [...Fields]
  : never;

/** The declarations, for those who register probes. */
export const CoreTracepoints: {
  readonly [Name in keyof Declared]: Tracepoint<FieldsOf<Declared[Name]>>;
} = Object.freeze(
  Object.fromEntries(
    Object.entries(declared).map(([key, [name, ...fields]]) => [key, tracepoint(name, fields)]),
  ),
) as unknown as { readonly [Name in keyof Declared]: Tracepoint<FieldsOf<Declared[Name]>> };

/** One CPU's sites of the core tracepoints: `if (cpu.trace.softirqRaise.enabled) …`. */
export type CoreTrace = { readonly [Name in keyof Declared]: TraceSite<FieldsOf<Declared[Name]>> };

/** Sites that nobody can listen to yet: `attachTrace` connects them. Touches no memory. */
export function unconnectedCoreTrace(): CoreTrace {
  const sites = Object.entries(declared).map(([key, [name]]) => [key, new TraceSite(name)]);
  return Object.freeze(Object.fromEntries(sites)) as CoreTrace;
}
