export {
  cancelDelayedWork,
  cancelDelayedWorkSync,
  cancelWork,
  cancelWorkSync,
} from './cancel-work.ts';
export {
  flushDelayedWork,
  initDelayedWork,
  modDelayedWork,
  queueDelayedWork,
  queueDelayedWorkOn,
} from './delayed-work.ts';
export { flushWork } from './flush-work.ts';
export { DelayedWork, WorkStruct } from './layouts.ts';
export { MAX_WORKERS, MAX_WORKQUEUES } from './workqueue-parameters.ts';
export { ExecuteWork, executeInProcessContext } from './process-context.ts';
export { initWork, queueWork, queueWorkOn, scheduleWork, workPending } from './queue-work.ts';
export {
  allocOrderedWorkqueue,
  allocWorkqueue,
  destroyWorkqueue,
  drainWorkqueue,
  flushWorkqueue,
} from './workqueue.ts';
export type { WorkqueueOptions } from './workqueue.ts';
export {
  systemHighpriWq,
  systemUnboundWq,
  systemWq,
  WQ_DFL_ACTIVE,
  WQ_HIGHPRI,
  WQ_MAX_ACTIVE,
  WQ_ORDERED,
  WQ_UNBOUND,
} from './workqueues.ts';
