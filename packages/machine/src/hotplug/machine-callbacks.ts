import type { HotplugSectionName } from './hotplug-layout.ts';

/** A callback of the machine's own parts, by the symbols it has in kernel text on every CPU. */
export interface MachineCallback {
  readonly name: string;
  readonly section: HotplugSectionName;
  readonly startup?: string;
  readonly teardown?: string;
}

/** In the table from the start, in this order, and up on every CPU that boots. */
export const MACHINE_CALLBACKS: readonly MachineCallback[] = [
  { name: 'softirq:dead', section: 'prepare', teardown: 'softirqDeadCpu' },
  { name: 'timers:dead', section: 'prepare', teardown: 'timersDeadCpu' },
  { name: 'softirq:dying', section: 'starting', teardown: 'softirqDyingCpu' },
  {
    name: 'timers:starting',
    section: 'starting',
    startup: 'timersStartingCpu',
    teardown: 'timersDyingCpu',
  },
  { name: 'trace:online', section: 'online', startup: 'traceOnlineCpu' },
  {
    name: 'workqueue:online',
    section: 'online',
    startup: 'workqueueOnlineCpu',
    teardown: 'workqueueOfflineCpu',
  },
];
