export { attachCpu } from './attach-cpu.ts';
export { bringUpMachine, MAX_CPUS, MAX_SIMULATED_CPUS } from './bring-up.ts';
export type { MachineConfig } from './bring-up.ts';
export { bootLock, bootUnlock } from './boot-lock.ts';
export * from './core-parameters.ts';
export { formatCpuList } from './cpu-list.ts';
export { CounterOffset, COUNTERS, readCounters } from './counters.ts';
export type { CounterName, CpuCounters } from './counters.ts';
export { triggerBacktrace } from './backtrace.ts';
export { CallSingleData, flushCallQueue } from './call-queue.ts';
export { Cpu } from './cpu.ts';
export { cpuMain, startCpu } from './cpu-main.ts';
export type { CpuHost, MainLoopExit } from './cpu-main.ts';
export { formatDmesgLine, LogLevel, readDmesg } from './dmesg.ts';
export type { DmesgLine, LogLevelName } from './dmesg.ts';
export { freeIrq, NR_IRQS, raiseDeviceLine, raiseIrq, requestIrq } from './device-irq.ts';
export {
  describeHolders,
  describeLock,
  describeLocks,
  describeOwner,
  describeTask,
  HeldLock,
  lockHolders,
  LockState,
  readHeldLocks,
} from './held-locks.ts';
export type { HeldLockInfo } from './held-locks.ts';
export { Errno, errnoName } from './errno.ts';
export type { ErrnoCode } from './errno.ts';
export { addTaint, bug, bugOn, isFatal, oops, panic, taskFailed, warn, warnOnce } from './fault.ts';
export { CpuStopped, KernelOops, KernelPanic } from './fault-errors.ts';
export * from './interrupt-bits.ts';
export { InlineName, writeName } from './inline-name.ts';
export { irqEnter, irqExit } from './interrupts.ts';
export type { InterruptHandler } from './interrupts.ts';
export { join, leave } from './join.ts';
export type { JoinHandle } from './join.ts';
export { KernelText, symbolName } from './kernel-text.ts';
export type { KernelFunction } from './kernel-text.ts';
export type { LockHooks, LockKindInfo } from './lock-hooks.ts';
export { areaOf, machineInfo } from './machine-info.ts';
export type { MachineInfo } from './machine-info.ts';
export { CpuState, MachineLayout, MachineState, PerCpuLayout } from './machine-layout.ts';
export type { CpuStateCode } from './machine-layout.ts';
export { cpuToNode } from './numa.ts';
export { cpuOnline, numOnlineCpus, offlineCpu, onlineCpu, onlineCpus } from './online.ts';
export { checkParameters, nearestName, parameter, parameterValue } from './parameters.ts';
export type { Parameter, ParameterType, ParameterValue, ParameterValues } from './parameters.ts';
export * from './preempt-count.ts';
export { printk } from './printk.ts';
export { programTask } from './program-task.ts';
export { raiseInterrupt } from './raise.ts';
export { cpuReport, machineReport } from './report.ts';
export type { Outcome, Scheduler } from './scheduler.ts';
export { allocString, readString, writeOwnString } from './shared-string.ts';
export { isSleeps } from './sleeps.ts';
export {
  onEachCpu,
  onEachCpuMask,
  smpCallFunction,
  smpCallFunctionMany,
  smpCallFunctionSingle,
  smpCallFunctionSingleAsync,
  synchronizeCpus,
} from './smp-call.ts';
export type { CpuSet } from './smp-call.ts';
export type { Sleeps } from './sleeps.ts';
export type { Subsystem } from './subsystem.ts';
export { describeTaint, Taint } from './taint.ts';
export type { TaintName } from './taint.ts';
export * from './hotplug/index.ts';
export { stopMachine, stopMachineCpuslocked, stopOneCpu } from './stop-machine.ts';
export * from './task/index.ts';
export * from './workqueue/index.ts';

// ── soft irqs, timers, tracepoints ────────────────────────────────────────────────────────────
export { rawSpinLock, rawSpinLockIrqsave, rawSpinTrylock } from './raw-spinlock.ts';
export { rawSpinUnlock, rawSpinUnlockIrqrestore } from './raw-spinlock.ts';
export * from './softirq/index.ts';
export * from './timer/index.ts';
export * from './trace/index.ts';
