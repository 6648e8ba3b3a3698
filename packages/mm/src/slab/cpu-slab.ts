/**
 * The slab that a CPU allocates from: made its own, and let go of. `CacheCpu` is touched with interrupts off, by its
 * own CPU: that is all the exclusion the fast paths have.
 */
import { ttas } from '@percpu/locks';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { getFreePointer, headFor, objectAt, setFreePointer } from './free-pointer.ts';
import { addPartial, firstPartial, keepsEnough, removePartial, takeList } from './node.ts';
import { CacheCpu, KmemCache, Slab } from './slab-layout.ts';
import { forgetSlab, giveBack } from './slab-pages.ts';
import { headOf, inuseOf, slabState } from './slab-state.ts';
import { attachedView, cpuOffsetOf } from './slab-cpu-view.ts';

/**
 * Linux: ___slab_alloc(), the part that needs no pages. The CPU's list is empty: takes what others freed to its slab, or
 * a slab from the partial list. Interrupts off. Returns an object, or 0: a new slab is needed.
 */
export function refill(cpu: Cpu, cache: Ptr, own: Ptr): Ptr {
  const { memory } = cpu;
  const slab = memory.read(own + CacheCpu.slab);
  if (slab !== 0) {
    const head = takeList(memory, cache, slab);
    if (head !== 0) return useList(cpu, cache, own, objectAt(memory, cache, slab, head));
    // Full and nobody's: whoever frees to it first puts it on the partial list.
    memory.write(own + CacheCpu.slab, 0);
  }
  const partial = takePartial(cpu, cache);
  if (partial === 0) return 0;
  memory.write(own + CacheCpu.slab, partial.slab);
  return useList(cpu, cache, own, partial.first);
}

/** The first of the list is the caller's, the rest the CPU's. */
function useList(cpu: Cpu, cache: Ptr, own: Ptr, first: Ptr): Ptr {
  const { memory } = cpu;
  memory.write(own + CacheCpu.freelist, getFreePointer(memory, cache, first));
  return first;
}

interface Taken {
  readonly slab: Ptr;
  readonly first: Ptr;
}

/** Linux: get_partial(). */
function takePartial(cpu: Cpu, cache: Ptr): Taken | 0 {
  const { memory } = cpu;
  let taken: Taken | 0 = 0;
  const irq = ttas.lockIrqsave(cpu, cache + KmemCache.lock);
  const slab = firstPartial(memory, cache);
  if (slab !== 0) {
    removePartial(memory, cache, slab);
    // Not 0: a slab on the list has free objects, and only who holds the lock takes them.
    const head = takeList(memory, cache, slab);
    taken = { slab, first: objectAt(memory, cache, slab, head) };
  }
  ttas.unlockIrqrestore(cpu, cache + KmemCache.lock, irq);
  return taken;
}

/** A new slab becomes this CPU's. Interrupts off. The first object is the caller's. */
export function useSlab(cpu: Cpu, cache: Ptr, own: Ptr, slab: Ptr): Ptr {
  const { memory } = cpu;
  // Interrupts were on while the pages were allocated: somebody may have found a slab meanwhile.
  if (memory.read(own + CacheCpu.slab) !== 0) deactivate(cpu, cache, own);
  memory.write(own + CacheCpu.slab, slab);
  return useList(cpu, cache, own, memory.read(slab + Slab.base));
}

/** What a slab that nobody owns any more is: on the partial list, full, or to be given back. */
type Afterwards = 'partial' | 'full' | 'empty';

/** Linux: deactivate_slab(). The CPU lets go of its slab, with the objects that it took from it. Interrupts off; it has one. */
function deactivate(cpu: Cpu, cache: Ptr, own: Ptr): void {
  const { memory } = cpu;
  const slab = memory.read(own + CacheCpu.slab);
  const first = memory.read(own + CacheCpu.freelist);
  memory.write(own + CacheCpu.slab, 0);
  memory.write(own + CacheCpu.freelist, 0);
  const irq = ttas.lockIrqsave(cpu, cache + KmemCache.lock);
  const flags = memory.read(cache + KmemCache.flags);
  const afterwards = unfreeze(cpu, cache, slab, first);
  if (afterwards === 'empty') forgetSlab(cpu, cache, slab);
  else if (afterwards === 'partial') addPartial(memory, cache, slab);
  ttas.unlockIrqrestore(cpu, cache + KmemCache.lock, irq);
  if (afterwards === 'empty') giveBack(cpu, slab, flags);
}

/** Under the lock: puts the chain from `first` in front of the slab's own list, and makes the slab nobody's. */
function unfreeze(cpu: Cpu, cache: Ptr, slab: Ptr, first: Ptr): Afterwards {
  const { memory } = cpu;
  const { last, count } = endOfChain(cpu, cache, first);
  let old = memory.load(slab + Slab.state);
  for (;;) {
    if (count > 0) setFreePointer(memory, cache, last, objectAt(memory, cache, slab, headOf(old)));
    const head = count > 0 ? headFor(memory, cache, slab, first) : headOf(old);
    const inuse = inuseOf(old) - count;
    // Edge F: publishes the pointers of the chain, as freeToSlab does.
    const seen = memory.compareExchange(slab + Slab.state, old, slabState(head, inuse, false));
    if (seen !== old) {
      // Somebody freed an object in between; that is progress.
      old = seen;
      continue;
    }
    if (inuse === 0 && keepsEnough(memory, cache)) return 'empty';
    return head === 0 ? 'full' : 'partial';
  }
}

function endOfChain(cpu: Cpu, cache: Ptr, first: Ptr): { last: Ptr; count: number } {
  let last = 0;
  let count = 0;
  for (let one = first; one !== 0; one = getFreePointer(cpu.memory, cache, one)) {
    last = one;
    count++;
  }
  return { last, count };
}

/** Linux: flush_cpu_slab(). Lets go of this CPU's slab of the cache, if it has one. Interrupt context or task context. */
export function flushSlab(cpu: Cpu, cache: Ptr): void {
  flushOwn(cpu, cache, cache + attachedView(cpu).cpuOffset);
}

/** Linux: slub_cpu_dead(). The same for CPU `id`, which is offline and stays so. */
export function flushSlabOf(cpu: Cpu, cache: Ptr, id: number): void {
  flushOwn(cpu, cache, cache + cpuOffsetOf(id));
}

function flushOwn(cpu: Cpu, cache: Ptr, own: Ptr): void {
  const irq = cpu.localIrqSave();
  if (cpu.memory.read(own + CacheCpu.slab) !== 0) deactivate(cpu, cache, own);
  cpu.localIrqRestore(irq);
}

/** Linux: the end of __kmem_cache_do_shrink(). Gives the empty slabs of the partial list back. Returns how many slabs are left. Any context. */
export function freeEmptySlabs(cpu: Cpu, cache: Ptr): number {
  const { memory } = cpu;
  const empty: Ptr[] = [];
  const irq = ttas.lockIrqsave(cpu, cache + KmemCache.lock);
  const flags = memory.read(cache + KmemCache.flags);
  for (let slab = firstPartial(memory, cache); slab !== 0;) {
    const node = memory.read(slab + Slab.node);
    // A slab with nothing in use stays so while we hold the lock: nobody allocates from it.
    if (inuseOf(memory.load(slab + Slab.state)) === 0) {
      removePartial(memory, cache, slab);
      forgetSlab(cpu, cache, slab);
      empty.push(slab);
    }
    slab = node === 0 ? 0 : node - Slab.node;
  }
  const left = memory.read(cache + KmemCache.nrSlabs);
  ttas.unlockIrqrestore(cpu, cache + KmemCache.lock, irq);
  for (const slab of empty) giveBack(cpu, slab, flags);
  return left;
}
