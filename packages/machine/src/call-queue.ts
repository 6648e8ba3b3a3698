/**
 * The queue of function calls that other CPUs sent to a CPU: a list of llist.ts. Linux: call_single_queue.
 *
 * Whoever finds the queue empty sends the IPI: those who come after it ride along.
 *
 * A csd ("call single data") is one call. Its flags word is its lock:
 *
 *     0 ──csdLock (sender)──▶ LOCK [| WAIT] ──csdUnlock (target)──▶ 0
 *
 * A target has one csd for every possible sender in its own area, so a broadcast writes to as many lines as
 * it has targets, and a sender that calls again waits until its last call to that target was taken.
 */
import { CACHE_LINE, alignUp, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { Cpu } from './cpu.ts';
import { bug } from './fault.ts';
import { llistAdd, llistTakeAll } from './llist.ts';
import { PerCpuLayout, PerCpuStruct } from './machine-layout.ts';
import { areaOf } from './machine-info.ts';

const csdFields = {
  next: 'ptr',
  /** Kernel-text address of the function. */
  fn: 'ptr',
  /** Its argument. */
  info: 'u32',
  /** CSD_LOCK and CSD_WAIT, or 0: free. Atomic. */
  flags: 'u32',
} as const;

/** Linux: call_single_data_t. For `smpCallFunctionSingleAsync`: zeroed memory of the caller. */
export const CallSingleData: Layout<typeof csdFields> = layout(csdFields, {
  name: 'CallSingleData',
});

/** Linux: CSD_FLAG_LOCK. In use: queued, or (with CSD_WAIT) its function running. */
export const CSD_LOCK = 1;
/** The sender waits: unlock after the function has run, and not before. Linux: CSD_TYPE_SYNC. */
const CSD_WAIT = 2;

/** Where in a per-CPU area the csds of the senders are, in bytes. */
const CSDS_OFFSET: number = alignUp(PerCpuStruct.size, CACHE_LINE);

/** Bytes of a per-CPU area that the core needs: the words of PerCpuLayout and a csd for every sender. */
export function coreAreaSize(nrCpus: number): number {
  return CSDS_OFFSET + alignUp(nrCpus * CallSingleData.size, CACHE_LINE);
}

/** The csd for calls from CPU `from` to CPU `to`. */
export function csdOf(cpu: Cpu, from: number, to: number): Ptr {
  return areaOf(cpu.machine, to) + CSDS_OFFSET + from * CallSingleData.size;
}

/** Linux: csd_lock_wait(). Until the target has let go of it. */
export function csdLockWait(cpu: Cpu, csd: Ptr): void {
  cpu.waitUntilEquals(csd + CallSingleData.flags, 0);
}

/** The target lets go: the sender's next call, or its wait, goes on. */
function csdUnlock(cpu: Cpu, csd: Ptr): void {
  // Publishes what the function did; pairs with the load in csdLockWait.
  cpu.memory.store(csd + CallSingleData.flags, 0);
  cpu.unpark(csd + CallSingleData.flags);
}

/** Fills a csd that is free and queues it. True: the queue was empty, so the IPI is ours to send. */
export function queueCall(
  cpu: Cpu,
  target: number,
  csd: Ptr,
  fn: Ptr,
  info: number,
  wait: boolean,
): boolean {
  const { memory } = cpu;
  const queue = areaOf(cpu.machine, target) + PerCpuLayout.callQueue;
  memory.write(csd + CallSingleData.fn, fn);
  memory.write(csd + CallSingleData.info, info);
  memory.store(csd + CallSingleData.flags, wait ? CSD_LOCK | CSD_WAIT : CSD_LOCK);
  return llistAdd(memory, queue, csd, CallSingleData.next);
}

/**
 * Linux: __flush_smp_call_function_queue(). Runs what is queued for this CPU, oldest first. With interrupts
 * off: the handler of IPI_CALL_FUNC, and the last thing a CPU does when it goes offline.
 */
export function flushCallQueue(cpu: Cpu): void {
  const { memory, area } = cpu;
  const { csdFunctionEntry, csdFunctionExit } = cpu.trace;
  if (!cpu.irqsDisabled()) bug(cpu, 'the call queue is flushed with interrupts off');
  let csd = llistTakeAll(memory, area + PerCpuLayout.callQueue, CallSingleData.next);
  while (csd !== 0) {
    const next = memory.read(csd + CallSingleData.next);
    const fn = memory.read(csd + CallSingleData.fn);
    const info = memory.read(csd + CallSingleData.info);
    const wait = (memory.load(csd + CallSingleData.flags) & CSD_WAIT) !== 0;
    // Unlocked first, the function may itself send this csd again.
    if (!wait) csdUnlock(cpu, csd);
    cpu.count('callsRun');
    if (csdFunctionEntry.enabled) csdFunctionEntry.fire(fn, csd);
    cpu.text.call(fn, info);
    if (csdFunctionExit.enabled) csdFunctionExit.fire(fn, csd);
    if (wait) csdUnlock(cpu, csd);
    csd = next;
  }
}
