/**
 * Running a function on other CPUs. Linux: kernel/smp.c. The function is given by its kernel-text address
 * (every target must have defined it) and gets one number or address; it runs with interrupts off, in
 * hard interrupt context, and may not sleep.
 *
 * All of these are for task context with interrupts on. A CPU that waits with interrupts off cannot run
 * what others send it: two of them waiting for each other is a deadlock, so it is reported as in Linux.
 */
import type { Ptr } from '@percpu/memory';
import {
  CallSingleData,
  CSD_LOCK,
  csdLockWait,
  csdOf,
  flushCallQueue,
  queueCall,
} from './call-queue.ts';
import type { Cpu } from './cpu.ts';
import { Errno } from './errno.ts';
import { warnOnce } from './fault.ts';
import { IPI_CALL_FUNC } from './interrupt-bits.ts';
import { cpuOnline } from './online.ts';

/** A function that does nothing, for waiting until it has been called. */
const SYNCHRONIZE = 'smp_synchronize';

/** Which CPUs: their numbers, in any order, each at most once. Linux: a cpumask. */
export type CpuSet = readonly number[];

/** The vector of the core: at start-up of each CPU. */
export function setUpSmpCalls(cpu: Cpu): void {
  cpu.setVector(IPI_CALL_FUNC, flushCallQueue);
  cpu.text.define(SYNCHRONIZE, () => undefined);
}

/**
 * Returns when every other online CPU has been seen with interrupts on: whatever it did before with interrupts
 * off is complete. Linux: kick_all_cpus_sync().
 */
export function synchronizeCpus(cpu: Cpu): void {
  smpCallFunction(cpu, cpu.text.lookup(SYNCHRONIZE), 0, true);
}

/**
 * Linux: smp_call_function_single(). Runs `fn(info)` on CPU `target`; with `wait`, returns when it has run.
 * On the caller's own CPU it runs at once. Returns 0, or -ENXIO when the target is offline or does not exist.
 */
export function smpCallFunctionSingle(
  cpu: Cpu,
  target: number,
  fn: Ptr,
  info: number,
  wait: boolean,
): number {
  checkContext(cpu, 'smpCallFunctionSingle');
  cpu.preemptDisable();
  let result = 0;
  if (target === cpu.id) callHere(cpu, fn, info);
  else {
    const csd = csdOf(cpu, cpu.id, target);
    if (!send(cpu, target, fn, info, wait)) result = Errno.ENXIO;
    else if (wait) csdLockWait(cpu, csd);
  }
  cpu.preemptEnable();
  return result;
}

/**
 * Linux: smp_call_function_single_async(). As above without waiting, with a csd of the caller's own
 * (`CallSingleData`, zeroed once). Any context but NMI. Returns 0, -ENXIO, or -EBUSY when the csd's last call
 * has not been taken yet.
 */
export function smpCallFunctionSingleAsync(
  cpu: Cpu,
  target: number,
  csd: Ptr,
  fn: Ptr,
  info: number,
): number {
  const { memory } = cpu;
  // The owner of the csd is whoever turns 0 into CSD_LOCK.
  if (memory.compareExchange(csd + CallSingleData.flags, 0, CSD_LOCK) !== 0) return Errno.EBUSY;
  const flags = cpu.localIrqSave();
  let result = 0;
  if (target === cpu.id) {
    memory.store(csd + CallSingleData.flags, 0);
    callHere(cpu, fn, info);
  } else if (!cpuOnline(memory, cpu.machine, target)) {
    memory.store(csd + CallSingleData.flags, 0);
    result = Errno.ENXIO;
  } else if (queueCall(cpu, target, csd, fn, info, false)) sendCallIpi(cpu, target);
  cpu.localIrqRestore(flags);
  return result;
}

/**
 * Linux: smp_call_function_many(). Runs `fn(info)` on those of `cpus` that are online, except the caller's own;
 * with `wait`, returns when it has run on all of them. The caller's CPU in the set is skipped.
 */
export function smpCallFunctionMany(
  cpu: Cpu,
  cpus: CpuSet,
  fn: Ptr,
  info: number,
  wait: boolean,
): void {
  checkContext(cpu, 'smpCallFunctionMany');
  callMany(cpu, cpus, fn, info, wait, false);
}

/** Linux: smp_call_function(). On all online CPUs except the caller's own. */
export function smpCallFunction(cpu: Cpu, fn: Ptr, info: number, wait: boolean): void {
  checkContext(cpu, 'smpCallFunction');
  callMany(cpu, undefined, fn, info, wait, false);
}

/** Linux: on_each_cpu(). On all online CPUs, the caller's own included. */
export function onEachCpu(cpu: Cpu, fn: Ptr, info: number, wait: boolean): void {
  checkContext(cpu, 'onEachCpu');
  callMany(cpu, undefined, fn, info, wait, true);
}

/** Linux: on_each_cpu_mask(). On those of `cpus` that are online, the caller's own included if it is in the set. */
export function onEachCpuMask(cpu: Cpu, cpus: CpuSet, fn: Ptr, info: number, wait: boolean): void {
  checkContext(cpu, 'onEachCpuMask');
  callMany(cpu, cpus, fn, info, wait, cpus.includes(cpu.id));
}

/** `cpus` undefined: all. Sends to everybody first, runs here while they work, then waits for each. */
function callMany(
  cpu: Cpu,
  cpus: CpuSet | undefined,
  fn: Ptr,
  info: number,
  wait: boolean,
  here: boolean,
): void {
  cpu.preemptDisable();
  const count = cpus?.length ?? cpu.nrCpus;
  const called: number[] = [];
  for (let i = 0; i < count; i++) {
    const target = cpus === undefined ? i : cpus[i]!;
    if (target !== cpu.id && send(cpu, target, fn, info, wait)) called.push(target);
  }
  if (here) callHere(cpu, fn, info);
  if (wait) for (const target of called) csdLockWait(cpu, csdOf(cpu, cpu.id, target));
  cpu.preemptEnable();
}

/**
 * Queues one call on this CPU's csd for `target`, once the last one there was taken. False: it is offline.
 * Interrupts are off from the look at the online mask until the call is queued: a CPU that goes offline
 * asks all others for an answer in between, and then knows that its queue is complete (see `leave`).
 */
function send(cpu: Cpu, target: number, fn: Ptr, info: number, wait: boolean): boolean {
  if (!cpuOnline(cpu.memory, cpu.machine, target)) return false;
  const csd = csdOf(cpu, cpu.id, target);
  csdLockWait(cpu, csd);
  const flags = cpu.localIrqSave();
  const online = cpuOnline(cpu.memory, cpu.machine, target);
  if (online && queueCall(cpu, target, csd, fn, info, wait)) sendCallIpi(cpu, target);
  cpu.localIrqRestore(flags);
  return online;
}

function sendCallIpi(cpu: Cpu, target: number): void {
  cpu.count('ipisSent');
  cpu.raise(target, IPI_CALL_FUNC);
}

/** On the own CPU the function finds what it would find elsewhere: interrupts off. */
function callHere(cpu: Cpu, fn: Ptr, info: number): void {
  const flags = cpu.localIrqSave();
  cpu.text.call(fn, info);
  cpu.localIrqRestore(flags);
}

/** The deadlock rules of Linux, reported once per machine and function. */
function checkContext(cpu: Cpu, name: string): void {
  warnOnce(cpu, cpu.irqsDisabled(), `${name} with interrupts off can deadlock`);
  warnOnce(cpu, !cpu.inTask(), `${name} outside of task context can deadlock`);
}
