/**
 * The shared state of CPU hotplug: the table of callbacks, and for each CPU how far up it is.
 *
 *   section    callbacks run         bringing up        taking down
 *   prepare    on the calling CPU    first, n offline   last, n offline
 *   starting   on n, irqs off        second             second
 *   online     on n, may sleep       last, n online     first, n online
 *
 * Within a section: up in the order of the table, down in the reverse.
 */
import { array, layout } from '@percpu/memory';
import type { Layout } from '@percpu/memory';
import { InlineName } from '../inline-name.ts';
import { SleepLock } from '../task/sleep-lock.ts';

/** Callbacks the machine has room for: two words of bits a CPU. */
export const MAX_HOTPLUG_STATES = 64;

export const HotplugSection = { prepare: 0, starting: 1, online: 2 } as const;
export type HotplugSectionName = keyof typeof HotplugSection;

const stateFields = {
  /** 0: the entry is free. */
  used: 'u32',
  section: 'u32',
  name: InlineName,
  /** Text addresses, or 0. */
  startup: 'ptr',
  teardown: 'ptr',
} as const;

export const HotplugState: Layout<
  Record<'used' | 'section' | 'name' | 'startup' | 'teardown', unknown>
> = layout(stateFields, {
  name: 'HotplugState',
});

const hotplugFields = {
  /** Linux: cpu_hotplug_lock. Held for writing while CPUs come and go and callbacks are added. Guards the table. */
  lock: SleepLock,
  /** Address of CPU 0's HotplugCpu; constant. */
  cpus: 'ptr',
  /** Entries of the table ever used. Atomic, for CPUs that start. */
  states: 'u32',
  table: array(HotplugState, MAX_HOTPLUG_STATES),
} as const;

export const Hotplug: Layout<Record<'lock' | 'cpus' | 'states' | 'table', unknown>> = layout(
  hotplugFields,
  {
    name: 'Hotplug',
    cacheAligned: true,
  },
);

const cpuFields = {
  // ── under the lock ────────────────────────────────────────────────────────────────────────
  /** One bit for each callback of the table that has been brought up here. */
  applied: array('u32', MAX_HOTPLUG_STATES / 32),
  /** The kthread cpuhp/N; 0 until first needed. */
  task: 'ptr',
  /** What it is to call, and whether with interrupts off. */
  func: 'ptr',
  irqsOff: 'u32',
  result: 'i32',
  // ── atomic ────────────────────────────────────────────────────────────────────────────────
  /** 1: a call waits for cpuhp/N. */
  pending: 'u32',
  /** Event: the call is over, or the CPU is up. */
  done: 'u32',
  /** 1 from taking the CPU down until it is to come up again: its tasks do not run. */
  frozen: 'u32',
  /** Linux: cpu_active(). 1 while new work may be placed here. */
  active: 'u32',
} as const;

export const HotplugCpu: Layout<
  Record<
    'applied' | 'task' | 'func' | 'irqsOff' | 'result' | 'pending' | 'done' | 'frozen' | 'active',
    unknown
  >
> = layout(cpuFields, {
  name: 'HotplugCpu',
  cacheAligned: true,
});
