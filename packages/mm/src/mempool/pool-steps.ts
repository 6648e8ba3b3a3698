/** What is done with a pool under its lock. Interrupts off. */
import { ttas } from '@percpu/locks';
import type { Cpu } from '@percpu/machine';
import type { Memory, Ptr } from '@percpu/memory';
import { Mempool } from './mempool-layout.ts';

export function lockPool(cpu: Cpu, pool: Ptr): number {
  return ttas.lockIrqsave(cpu, pool + Mempool.lock);
}

export function unlockPool(cpu: Cpu, pool: Ptr, flags: number): void {
  ttas.unlockIrqrestore(cpu, pool + Mempool.lock, flags);
}

/** Linux: remove_element(). 0: the pool is empty. */
export function popElement(memory: Memory, pool: Ptr): Ptr {
  const curr = memory.load(pool + Mempool.curr);
  if (curr === 0) return 0;
  // Edge E: pairs with the load in mempoolFree.
  memory.store(pool + Mempool.curr, curr - 1);
  return memory.read(memory.read(pool + Mempool.elements) + (curr - 1) * 4);
}

/** Linux: add_element(), if the pool lacks one. */
export function pushElement(memory: Memory, pool: Ptr, element: Ptr): boolean {
  const curr = memory.load(pool + Mempool.curr);
  if (curr >= memory.load(pool + Mempool.min)) return false;
  memory.write(memory.read(pool + Mempool.elements) + curr * 4, element);
  memory.store(pool + Mempool.curr, curr + 1);
  return true;
}
