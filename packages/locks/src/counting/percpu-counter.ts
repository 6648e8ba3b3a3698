/**
 * Per-CPU counter: a number that all CPUs change often and few read.
 *
 *   count   s64, shared            ─┐ the value is count + Σ local
 *   local   s32, one for each CPU  ─┘
 *
 * A CPU adds to its own part and folds that into `count` when it reaches a batch, under the lock. So
 * reading `count` alone is cheap and wrong by less than `batch` for each CPU (and by what is on its way):
 *
 *   |percpuCounterRead − value| < nrCpus · batch
 *
 * `percpuCounterSum` adds up all parts: it misses only what is added while it runs.
 */
import type { Cpu } from '@percpu/machine';
import { cacheAligned, layout, percpuAlloc, perCpuPtr } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { WaitLock, waitLock } from '../sleeping/wait-lock.ts';

const fields = {
  /** Per-CPU offset of `local`. Constant. */
  local: 'u32',
  /** Guards folding, so that a sum sees what was folded once. On a line with `count`, which it changes. */
  lock: cacheAligned(WaitLock),
  count: 'i64',
} as const;

/** Linux: struct percpu_counter. */
export const PercpuCounter: Layout<Record<'local' | 'lock' | 'count', unknown>> = layout(fields, {
  name: 'PercpuCounter',
});

/** Linux: percpu_counter_batch: at least 32, and 2 for each CPU. */
export function percpuCounterBatch(cpu: Cpu): number {
  return Math.max(32, 2 * cpu.nrCpus);
}

/** Linux: percpu_counter_init(). Takes 4 bytes of every CPU's area for good. Throws when those are full. Once; task context. */
export function percpuCounterInit(cpu: Cpu, at: Ptr, value = 0): void {
  const { memory, machine } = cpu;
  memory.write(at + PercpuCounter.local, percpuAlloc(memory, machine.percpu, 4, 4));
  waitLock.init(cpu, at + PercpuCounter.lock);
  memory.store64(at + PercpuCounter.count, value);
  memory.describe(at, PercpuCounter);
}

/** Linux: percpu_counter_add(). Any context. */
export function percpuCounterAdd(cpu: Cpu, at: Ptr, amount: number): void {
  percpuCounterAddBatch(cpu, at, amount, percpuCounterBatch(cpu));
}

/** Linux: percpu_counter_add_batch(). `amount` is a whole number up to ±2⁵³, `batch` one from 1 to 2³⁰. Any context. */
export function percpuCounterAddBatch(cpu: Cpu, at: Ptr, amount: number, batch: number): void {
  if (!(batch >= 1 && batch <= 2 ** 30)) {
    throw new RangeError(
      `percpuCounterAddBatch: a batch of ${batch}; accepted are whole numbers from 1 to 2^30`,
    );
  }
  const local = perCpuPtr(cpu.machine.percpu, cpu.memory.read(at + PercpuCounter.local), cpu.id);
  // An amount of a batch or more goes straight to the shared count: the local part stays an s32.
  if (amount >= batch || amount <= -batch) {
    fold(cpu, at, local, amount);
    return;
  }
  // Atomic, though only this CPU adds here: an interrupt handler may, too.
  const sum = (cpu.memory.fetchAdd(local, amount) + amount) | 0;
  if (sum >= batch || sum <= -batch) fold(cpu, at, local, 0);
}

/** Linux: percpu_counter_set(). Nobody adds meanwhile. */
export function percpuCounterSet(cpu: Cpu, at: Ptr, value: number): void {
  const { memory, machine } = cpu;
  const flags = waitLock.lockIrqsave(cpu, at + PercpuCounter.lock);
  const offset = memory.read(at + PercpuCounter.local);
  for (let id = 0; id < cpu.nrCpus; id++) memory.store(perCpuPtr(machine.percpu, offset, id), 0);
  memory.store64(at + PercpuCounter.count, value);
  waitLock.unlockIrqrestore(cpu, at + PercpuCounter.lock, flags);
}

/** Linux: percpu_counter_read(). One load; see above for how wrong. Any context. */
export function percpuCounterRead(cpu: Cpu, at: Ptr): number {
  return cpu.memory.load64(at + PercpuCounter.count);
}

/** Linux: percpu_counter_read_positive(). For values that cannot be negative, but whose approximation can. */
export function percpuCounterReadPositive(cpu: Cpu, at: Ptr): number {
  return Math.max(0, percpuCounterRead(cpu, at));
}

/** Linux: percpu_counter_sum(). All parts, under the lock: one load per CPU. Any context. */
export function percpuCounterSum(cpu: Cpu, at: Ptr): number {
  const { memory, machine } = cpu;
  const flags = waitLock.lockIrqsave(cpu, at + PercpuCounter.lock);
  const offset = memory.read(at + PercpuCounter.local);
  let sum = memory.load64(at + PercpuCounter.count);
  for (let id = 0; id < cpu.nrCpus; id++) {
    sum += memory.load(perCpuPtr(machine.percpu, offset, id)) | 0;
  }
  waitLock.unlockIrqrestore(cpu, at + PercpuCounter.lock, flags);
  return sum;
}

/** Linux: percpu_counter_compare(). −1, 0, 1 as the value is below, at or above `other`. Sums up only when the approximation does not decide. */
export function percpuCounterCompare(cpu: Cpu, at: Ptr, other: number): number {
  const near = percpuCounterRead(cpu, at);
  const bound = percpuCounterBatch(cpu) * cpu.nrCpus;
  if (Math.abs(near - other) > bound) return Math.sign(near - other);
  return Math.sign(percpuCounterSum(cpu, at) - other);
}

function fold(cpu: Cpu, at: Ptr, local: Ptr, amount: number): void {
  const { memory } = cpu;
  const flags = waitLock.lockIrqsave(cpu, at + PercpuCounter.lock);
  const folded = memory.exchange(local, 0) | 0;
  memory.fetchAdd64(at + PercpuCounter.count, folded + amount);
  waitLock.unlockIrqrestore(cpu, at + PercpuCounter.lock, flags);
}
