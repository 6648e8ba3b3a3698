export { DEFAULT_PRIO, MAX_RT_PRIO } from './prio.ts';
export { rtMutexSetprio, schedSetFifo, schedSetNormal, taskPrio } from './priority.ts';
export { eventDone, waitForEvent, waitReleased } from './event.ts';
export * from './kthread.ts';
export { condResched, currentTask, mightSleep, schedule, setCurrentState } from './schedule.ts';
export type {
  CpuDownHook,
  IdleHook,
  SchedulerHooks,
  TaskEndHook,
  TaskExitHook,
  TaskSwitchHook,
} from './scheduler-hooks.ts';
export {
  allowSignal,
  fatalSignalPending,
  flushSignals,
  sendSignal,
  Signal,
  signalPending,
  signalPendingState,
} from './signal.ts';
export { Task, TASK_NORMAL, TASK_WAKEKILL, TaskClass, TaskFlag, TaskState } from './task-layout.ts';
export { PiWaiters } from './task-layout.ts';
export type { TaskClassCode, TaskStateCode } from './task-layout.ts';
export { getTaskStruct, putTaskStruct, taskTable, tryGetTaskStruct } from './task-table.ts';
export type { TaskTableInfo } from './task-table.ts';
export { blockedTasks, readTasks } from './read-tasks.ts';
export type { TaskInfo } from './read-tasks.ts';
export {
  msleep,
  msleepInterruptible,
  scheduleTimeout,
  scheduleTimeoutInterruptible,
  scheduleTimeoutKillable,
} from './schedule-timeout.ts';
export { HungTasks } from './hung-task.ts';
export { HUNG_TASK_TIMEOUT, TASKS_MAX } from './task-parameters.ts';
export { signalEvent } from './waiters.ts';
export { wakeUpProcess, wakeUpState } from './wake-up.ts';
