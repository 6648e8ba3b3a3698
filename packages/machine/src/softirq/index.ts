export { openSoftirq, raiseSoftirq, raiseSoftirqIrqoff } from './softirq.ts';
export { localSoftirqPending, MAX_SOFTIRQ_RESTART } from './softirq.ts';
export type { SoftirqAction } from './softirq.ts';
export * from './softirq-numbers.ts';
export { takeoverTasklets, Tasklet, TASKLET_RUN, TASKLET_SCHED, taskletInit } from './tasklet.ts';
export { taskletDisable, taskletDisableNosync, taskletEnable, taskletKill } from './tasklet.ts';
export { taskletHiSchedule, taskletSchedule } from './tasklet.ts';
