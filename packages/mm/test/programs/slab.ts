/** Programs in which CPUs allocate, hand objects to each other, and free what others allocated. */
import type { Cpu, Sleeps } from '@percpu/machine';
import { GFP_ATOMIC, GFP_KERNEL, kfree, kmalloc, kmemCacheAlloc } from '../../src/index.ts';
import { kmemCacheCreate, kmemCacheDestroy, kmemCacheFree, ksize } from '../../src/index.ts';
import { readSlabinfo, reportSlabLeaks } from '../../src/index.ts';

export interface ExchangeArgs {
  /** Words, through which objects go from CPU to CPU. */
  readonly slots: number;
  readonly count: number;
  readonly rounds: number;
  readonly cache: number;
}

export function create(cpu: Cpu): number {
  return kmemCacheCreate(cpu, 'exchanged', 72);
}

/** Puts an object of its own into a slot and frees the one that was there. What it finds in it must be what was put in. */
export function exchange(cpu: Cpu, { slots, count, rounds, cache }: ExchangeArgs): number {
  const { memory } = cpu;
  let remote = 0;
  for (let round = 0; round < rounds; round++) {
    const object = kmemCacheAlloc(cpu, cache, GFP_ATOMIC);
    if (object === 0) throw new Error('out of memory');
    memory.write(object + 8, cpu.id);
    memory.write(object + 12, object);
    const slot = slots + 4 * ((round * 7 + cpu.id * 3) % count);
    const other = memory.exchange(slot, object);
    if (other === 0) continue;
    if (memory.read(other + 12) !== other) throw new Error('an object was handed out twice');
    if (memory.read(other + 8) !== cpu.id) remote++;
    memory.write(other + 12, 0);
    kmemCacheFree(cpu, cache, other);
  }
  return remote;
}

/** Frees what is left in the slots, and destroys the cache. Returns the number of slabs that are left of it. */
export function clear(cpu: Cpu, { slots, count, cache }: ExchangeArgs): number {
  for (let i = 0; i < count; i++) kmemCacheFree(cpu, cache, cpu.memory.exchange(slots + 4 * i, 0));
  kmemCacheDestroy(cpu, cache);
  return readSlabinfo(cpu).filter(({ name }) => name === 'exchanged').length;
}

/** Tasks that sleep for memory where they must. */
export function* sizes(cpu: Cpu, { rounds }: ExchangeArgs): Sleeps<number> {
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const size = 1 + ((round * 997 + cpu.id * 131) % 12_000);
    const at = yield* kmalloc(cpu, size, GFP_KERNEL);
    if (at === 0) throw new Error(`no memory for ${size} bytes`);
    if (ksize(cpu, at) < size) throw new Error(`room for ${ksize(cpu, at)} of ${size} bytes`);
    cpu.memory.fill(at, cpu.id, size);
    bytes += size;
    if (cpu.memory.read8(at + size - 1) !== cpu.id) throw new Error('somebody wrote here');
    kfree(cpu, at);
  }
  return bytes;
}

/** The second CPU frees what the first frees too. */
export function freeTwice(cpu: Cpu, { cache, slots }: ExchangeArgs): string {
  const { memory } = cpu;
  if (cpu.id === 0) {
    const object = kmemCacheAlloc(cpu, cache, GFP_ATOMIC);
    kmemCacheFree(cpu, cache, object);
    memory.store(slots, object);
    cpu.unpark(slots);
    return '';
  }
  const object = cpu.waitWhileEquals(slots, 0);
  try {
    kmemCacheFree(cpu, cache, object);
    return 'nobody noticed';
  } catch (error) {
    return (error as Error).message;
  }
}

/** As above, with a look at the object. */
export function useAfterFree(cpu: Cpu, { slots }: ExchangeArgs): string {
  const { memory } = cpu;
  if (cpu.id === 0) {
    const object = kmalloc(cpu, 40, GFP_ATOMIC);
    kfree(cpu, object);
    memory.store(slots, object);
    cpu.unpark(slots);
    return '';
  }
  // So that this CPU has a view, and a life check.
  kfree(cpu, kmalloc(cpu, 8, GFP_ATOMIC));
  const object = cpu.waitWhileEquals(slots, 0);
  try {
    memory.write(object, 1);
    return 'nobody noticed';
  } catch (error) {
    return (error as Error).message;
  }
}

export function leaks(cpu: Cpu): number {
  kmalloc(cpu, 100, GFP_ATOMIC);
  return reportSlabLeaks(cpu).filter(({ cache }) => cache === 'kmalloc-128').length;
}
