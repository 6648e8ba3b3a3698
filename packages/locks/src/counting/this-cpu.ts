/**
 * Per-CPU variables as counters: every CPU adds to its own, a reader sums them up.
 *
 * `at` is the offset of the variable in every CPU's area (`percpuAlloc`). The additions are atomic, though
 * only this CPU makes them: an interrupt handler may add between our read and our write, as one
 * instruction on the kernel's side excludes. The line stays with its CPU, so that costs no traffic.
 */
import type { Cpu } from '@percpu/machine';
import { perCpuPtr } from '@percpu/memory';
import type { PercpuOffset, Ptr } from '@percpu/memory';

/** Linux: this_cpu_ptr(). */
export function thisCpuPtr(cpu: Cpu, at: PercpuOffset): Ptr {
  return perCpuPtr(cpu.machine.percpu, at, cpu.id);
}

/** Linux: this_cpu_add() on a u32. Wraps. Any context. */
export function thisCpuAdd(cpu: Cpu, at: PercpuOffset, delta: number): void {
  cpu.memory.fetchAdd(thisCpuPtr(cpu, at), delta);
}

/** Linux: this_cpu_inc() on a u32. Any context. */
export function thisCpuInc(cpu: Cpu, at: PercpuOffset): void {
  cpu.memory.fetchAdd(thisCpuPtr(cpu, at), 1);
}

/** Linux: this_cpu_add() on an s64; exact up to ±2⁵³. Any context. */
export function thisCpuAdd64(cpu: Cpu, at: PercpuOffset, delta: number): void {
  cpu.memory.fetchAdd64(thisCpuPtr(cpu, at), delta);
}

/**
 * The sum over all CPUs of a u32, modulo 2³². Not a snapshot: CPUs that add meanwhile are seen or not, each
 * for itself. Exact when none does. One load per CPU. Any context.
 */
export function perCpuSum(cpu: Cpu, at: PercpuOffset): number {
  let sum = 0;
  for (let id = 0; id < cpu.nrCpus; id++) {
    sum = (sum + cpu.memory.load(perCpuPtr(cpu.machine.percpu, at, id))) >>> 0;
  }
  return sum;
}

/** As `perCpuSum`, of an s64; exact up to ±2⁵³. */
export function perCpuSum64(cpu: Cpu, at: PercpuOffset): number {
  let sum = 0;
  for (let id = 0; id < cpu.nrCpus; id++) {
    sum += cpu.memory.load64(perCpuPtr(cpu.machine.percpu, at, id));
  }
  return sum;
}
