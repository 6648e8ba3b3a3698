/** Objects go back. Linux: kmem_cache_free() and slab_free() of SLUB. */
import { ttas } from '@percpu/locks';
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex, PAGE_SIZE } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import { cacheFromObject, checkFree } from '../debug/slab-debug.ts';
import { Page } from '../page/page-layout.ts';
import { headFor, objectAt, setFreePointer } from './free-pointer.ts';
import { addPartial, keepsEnough, removePartial } from './node.ts';
import { CacheCpu, DEBUG_FLAGS, KmemCache, Slab } from './slab-layout.ts';
import { forgetSlab, giveBack } from './slab-pages.ts';
import { headOf, inuseOf, isFrozen, slabState } from './slab-state.ts';
import { slabView } from './slab-view.ts';

/**
 * Linux: kmem_cache_free(). `object` came from `cache`; 0 is ignored. Any context but NMI. Never sleeps. An object of another
 * cache is a WARN and goes back where it came from; an address that is no object's is a BUG. With debugging, a double
 * free is a BUG too. `site` names the caller in reports; 0: found out.
 */
export function kmemCacheFree(cpu: Cpu, cache: Ptr, object: Ptr, site = 0): void {
  if (object === 0 || pushed(cpu, cache, object)) return;
  const slab = slabFor(cpu, object);
  if (slab === 0)
    bug(
      cpu,
      `kmem_cache_free: ${hex(object)} is no object of a slab cache; free what kmemCacheAlloc returned`,
    );
  const home = cpu.memory.read(slab + Slab.cache);
  freeObject(
    cpu,
    home === cache ? home : cacheFromObject(cpu, cache, home, object),
    slab,
    object,
    site,
  );
}

/** The fast path in one call, if there is such a form and nothing stands against it. `cache` 0: any. */
export function pushed(cpu: Cpu, cache: Ptr, object: Ptr): boolean {
  const { steps, mm, cpuOffset } = slabView(cpu);
  if (steps === undefined) return false;
  const index = Math.floor((object - mm.base) / PAGE_SIZE);
  if (!(index >= 0 && index < mm.nrPages)) return false;
  return steps.push(cache, cpuOffset, mm.map + index * Page.size, object) === 1;
}

/** The slab that address `at` lies in; 0: none. Linux: virt_to_slab(). */
export function slabFor(cpu: Cpu, at: Ptr): Ptr {
  const { base, map, nrPages } = slabView(cpu).mm;
  const index = Math.floor((at - base) / PAGE_SIZE);
  if (!(index >= 0 && index < nrPages)) return 0;
  return cpu.memory.read(map + index * Page.size + Page.slab);
}

/** `object` is of `slab`, which is of `cache`. */
export function freeObject(cpu: Cpu, cache: Ptr, slab: Ptr, object: Ptr, site: number): void {
  const { memory } = cpu;
  const flags = memory.read(cache + KmemCache.flags);
  if ((flags & DEBUG_FLAGS) !== 0) checkFree(cpu, cache, slab, object, site);
  const own = cache + slabView(cpu).cpuOffset;
  const irq = cpu.localIrqSave();
  if (memory.read(own + CacheCpu.slab) === slab) {
    const first = memory.read(own + CacheCpu.freelist);
    // Linux: SLAB_FREELIST_HARDENED. The one double free that costs nothing to see.
    if (first === object) {
      cpu.localIrqRestore(irq);
      doubleFree(cpu, object);
    }
    setFreePointer(memory, cache, object, first);
    memory.write(own + CacheCpu.freelist, object);
    cpu.localIrqRestore(irq);
    return;
  }
  cpu.localIrqRestore(irq);
  freeToSlab(cpu, cache, slab, { first: object, last: object, count: 1 });
}

function doubleFree(cpu: Cpu, object: Ptr): never {
  return bug(cpu, `double free of ${hex(object)}: it was freed last on this CPU already`);
}

/** Objects of one slab, chained by their free pointers but for the last. */
export interface Chain {
  readonly first: Ptr;
  readonly last: Ptr;
  readonly count: number;
}

/**
 * Linux: __slab_free(). Puts the chain on the slab's own list: the slab is another CPU's, or nobody's. The cache's lock is
 * taken only when the slab may have to change lists: it was full and nobody's, or it becomes empty and is nobody's.
 */
export function freeToSlab(cpu: Cpu, cache: Ptr, slab: Ptr, chain: Chain): void {
  const { memory } = cpu;
  // Before the push: after it a cache that is being destroyed may be gone.
  const lock = cache + KmemCache.lock;
  const flags = memory.read(cache + KmemCache.flags);
  let irq = UNLOCKED;
  let old = memory.load(slab + Slab.state);
  let changesLists: boolean;
  for (;;) {
    changesLists = !isFrozen(old) && (headOf(old) === 0 || inuseOf(old) === chain.count);
    if (changesLists && irq === UNLOCKED) irq = ttas.lockIrqsave(cpu, lock);
    const seen = push(memory, cache, slab, old, chain);
    if (seen === old) break;
    // Somebody freed an object, or took the list: that is progress. A lock that is no longer needed is kept to the end.
    old = seen;
  }
  if (irq === UNLOCKED) return;
  const empty = changesLists && changeLists(cpu, cache, slab, old, chain.count);
  ttas.unlockIrqrestore(cpu, lock, irq);
  if (empty) giveBack(cpu, slab, flags);
}

/** No flags of `lockIrqsave` have this value. */
const UNLOCKED = -1;

function push(memory: Memory, cache: Ptr, slab: Ptr, old: number, chain: Chain): number {
  setFreePointer(memory, cache, chain.last, objectAt(memory, cache, slab, headOf(old)));
  const head = headFor(memory, cache, slab, chain.first);
  const next = slabState(head, inuseOf(old) - chain.count, isFrozen(old));
  // Edge F: publishes the pointers, and what the last user of the objects did; pairs with the exchange in takeList.
  return memory.compareExchange(slab + Slab.state, old, next);
}

/** Under the lock. `old`: the state before the push. True: the slab is to be given back. */
function changeLists(cpu: Cpu, cache: Ptr, slab: Ptr, old: number, count: number): boolean {
  const { memory } = cpu;
  const wasFull = headOf(old) === 0;
  if (inuseOf(old) === count && keepsEnough(memory, cache)) {
    if (!wasFull) removePartial(memory, cache, slab);
    forgetSlab(cpu, cache, slab);
    return true;
  }
  if (wasFull) addPartial(memory, cache, slab);
  return false;
}
