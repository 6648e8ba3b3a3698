/** The steps of slab caches, each wrong in one way. What is not wrong is called as it is. */
import { ttas } from '@percpu/locks';
import type { Cpu } from '@percpu/machine';
import type { Memory, Ptr } from '@percpu/memory';
import { getFreePointer, headFor, objectAt, setFreePointer } from '../../../slab/free-pointer.ts';
import { addPartial, firstPartial, removePartial } from '../../../slab/node.ts';
import { CacheCpu, KmemCache, Slab } from '../../../slab/slab-layout.ts';
import { forgetSlab, giveBack } from '../../../slab/slab-pages.ts';
import { headOf, inuseOf, isFrozen, slabState } from '../../../slab/slab-state.ts';
import { ownOf } from '../slab-world.ts';

/** Takes the first of the CPU's list with interrupts on. */
export function popWithInterruptsOn(cpu: Cpu, cache: Ptr): Ptr {
  const { memory } = cpu;
  const own = ownOf(cpu, cache);
  const object = memory.read(own + CacheCpu.freelist);
  // Where an interrupt may come.
  memory.load(object);
  memory.write(own + CacheCpu.freelist, getFreePointer(memory, cache, object));
  return object;
}

/** Puts an object on the CPU's list with interrupts on. */
export function pushWithInterruptsOn(cpu: Cpu, cache: Ptr, object: Ptr): void {
  const { memory } = cpu;
  const own = ownOf(cpu, cache);
  setFreePointer(memory, cache, object, memory.read(own + CacheCpu.freelist));
  // Where an interrupt may come.
  memory.load(object);
  memory.write(own + CacheCpu.freelist, object);
}

/** Takes a slab's list with a load and a store. */
export function takeWithAStore(memory: Memory, cache: Ptr, slab: Ptr): Ptr {
  const old = memory.load(slab + Slab.state);
  const objects = memory.read(cache + KmemCache.objects);
  memory.store(slab + Slab.state, slabState(0, objects, isFrozen(old)));
  return objectAt(memory, cache, slab, headOf(old));
}

/** Takes one object off a slab's list, not the whole: between the load and the exchange the list may have been another one. */
export function takeOneObject(memory: Memory, cache: Ptr, slab: Ptr): Ptr {
  for (;;) {
    const old = memory.load(slab + Slab.state);
    if (headOf(old) === 0) return 0;
    const first = objectAt(memory, cache, slab, headOf(old));
    // Atomic: the twin is about the list, not about the race for the pointer.
    const next = memory.load(first + memory.read(cache + KmemCache.offset));
    const head = next === 0 ? 0 : headFor(memory, cache, slab, next);
    const state = slabState(head, inuseOf(old) + 1, isFrozen(old));
    if (memory.compareExchange(slab + Slab.state, old, state) === old) return first;
  }
}

/** The counterpart of `takeOneObject`, right but for the same atomic pointer. */
export function giveOneObject(memory: Memory, cache: Ptr, slab: Ptr, object: Ptr): void {
  for (;;) {
    const old = memory.load(slab + Slab.state);
    const first = objectAt(memory, cache, slab, headOf(old));
    memory.store(object + memory.read(cache + KmemCache.offset), first);
    const head = headFor(memory, cache, slab, object);
    const state = slabState(head, inuseOf(old) - 1, isFrozen(old));
    if (memory.compareExchange(slab + Slab.state, old, state) === old) return;
  }
}

/** Frees with a load and a store. */
export function freeWithAStore({ memory }: Cpu, cache: Ptr, slab: Ptr, object: Ptr): void {
  const old = memory.load(slab + Slab.state);
  setFreePointer(memory, cache, object, objectAt(memory, cache, slab, headOf(old)));
  const head = headFor(memory, cache, slab, object);
  memory.store(slab + Slab.state, slabState(head, inuseOf(old) - 1, isFrozen(old)));
}

/** Shows the object before its pointer is written. */
export function freeBeforePointer({ memory }: Cpu, cache: Ptr, slab: Ptr, object: Ptr): void {
  const head = headFor(memory, cache, slab, object);
  let old = memory.load(slab + Slab.state);
  for (;;) {
    const state = slabState(head, inuseOf(old) - 1, isFrozen(old));
    const seen = memory.compareExchange(slab + Slab.state, old, state);
    if (seen === old) break;
    old = seen;
  }
  setFreePointer(memory, cache, object, objectAt(memory, cache, slab, headOf(old)));
}

/** How `free` goes wrong with lists. */
export type WrongLists =
  /** Whether the slab changes lists is decided once, from what was read first. */
  | 'decides-once'
  /** Nobody puts a full slab on the partial list. */
  | 'forgets-full-slab'
  /** A slab that a CPU owns is given back when it is empty. */
  | 'ignores-frozen'
  /** The slab is put on the list after its free object can be seen, without the lock. */
  | 'lists-without-lock';

/** `freeToSlab` of one object, with one thing wrong. */
export function freeWithWrongLists(wrong: WrongLists) {
  return (cpu: Cpu, cache: Ptr, slab: Ptr, object: Ptr): void => {
    const { memory } = cpu;
    const lock = cache + KmemCache.lock;
    const locks = wrong !== 'lists-without-lock';
    let old = memory.load(slab + Slab.state);
    const first = old;
    let irq = 0;
    if (locks) irq = ttas.lockIrqsave(cpu, lock);
    for (;;) {
      setFreePointer(memory, cache, object, objectAt(memory, cache, slab, headOf(old)));
      const head = headFor(memory, cache, slab, object);
      const state = slabState(head, inuseOf(old) - 1, isFrozen(old));
      const seen = memory.compareExchange(slab + Slab.state, old, state);
      if (seen === old) break;
      old = seen;
    }
    const judged = wrong === 'decides-once' ? first : old;
    const wasFull = headOf(judged) === 0;
    const owned = isFrozen(judged) && wrong !== 'ignores-frozen';
    const empty = !owned && inuseOf(judged) === 1;
    if (empty) {
      if (!wasFull) removePartial(memory, cache, slab);
      forgetSlab(cpu, cache, slab);
    } else if (!owned && wasFull && wrong !== 'forgets-full-slab') addPartial(memory, cache, slab);
    if (locks) ttas.unlockIrqrestore(cpu, lock, irq);
    if (empty) giveBack(cpu, slab, 0);
  };
}

/** Lets go of the CPU's slab, with a store that forgets what came meanwhile. */
export function flushWithAStore(cpu: Cpu, cache: Ptr): void {
  const { memory } = cpu;
  const own = ownOf(cpu, cache);
  const slab = memory.read(own + CacheCpu.slab);
  const first = memory.read(own + CacheCpu.freelist);
  memory.write(own + CacheCpu.slab, 0);
  memory.write(own + CacheCpu.freelist, 0);
  const irq = ttas.lockIrqsave(cpu, cache + KmemCache.lock);
  const old = memory.load(slab + Slab.state);
  // One object is on the list of the CPU, none on the slab's: so the exploration has it.
  const head = headFor(memory, cache, slab, first);
  memory.store(slab + Slab.state, slabState(head, inuseOf(old) - 1, false));
  addPartial(memory, cache, slab);
  ttas.unlockIrqrestore(cpu, cache + KmemCache.lock, irq);
}

/** Makes the slab nobody's first, and puts it on the partial list later. */
export function flushThenList(cpu: Cpu, cache: Ptr): void {
  const { memory } = cpu;
  const own = ownOf(cpu, cache);
  const slab = memory.read(own + CacheCpu.slab);
  const first = memory.read(own + CacheCpu.freelist);
  memory.write(own + CacheCpu.slab, 0);
  memory.write(own + CacheCpu.freelist, 0);
  let old = memory.load(slab + Slab.state);
  for (;;) {
    setFreePointer(memory, cache, first, objectAt(memory, cache, slab, headOf(old)));
    const head = headFor(memory, cache, slab, first);
    const state = slabState(head, inuseOf(old) - 1, false);
    const seen = memory.compareExchange(slab + Slab.state, old, state);
    if (seen === old) break;
    old = seen;
  }
  const irq = ttas.lockIrqsave(cpu, cache + KmemCache.lock);
  addPartial(memory, cache, slab);
  ttas.unlockIrqrestore(cpu, cache + KmemCache.lock, irq);
}

/** Takes the partial slab without the cache's lock. */
export function takePartialUnlocked(cpu: Cpu, cache: Ptr): Ptr {
  const { memory } = cpu;
  const own = ownOf(cpu, cache);
  const slab = firstPartial(memory, cache);
  if (slab === 0) return 0;
  removePartial(memory, cache, slab);
  const first = takeWithAStore(memory, cache, slab);
  memory.write(own + CacheCpu.slab, slab);
  memory.write(own + CacheCpu.freelist, getFreePointer(memory, cache, first));
  return first;
}

/** Takes the partial slab off the list, and its objects with a store: as if nobody freed without the lock. */
export function takePartialWithAStore(cpu: Cpu, cache: Ptr): Ptr {
  const { memory } = cpu;
  const own = ownOf(cpu, cache);
  const irq = ttas.lockIrqsave(cpu, cache + KmemCache.lock);
  const slab = firstPartial(memory, cache);
  removePartial(memory, cache, slab);
  const old = memory.load(slab + Slab.state);
  const objects = memory.read(cache + KmemCache.objects);
  memory.store(slab + Slab.state, slabState(0, objects, true));
  ttas.unlockIrqrestore(cpu, cache + KmemCache.lock, irq);
  const first = objectAt(memory, cache, slab, headOf(old));
  memory.write(own + CacheCpu.slab, slab);
  memory.write(own + CacheCpu.freelist, getFreePointer(memory, cache, first));
  return first;
}
