/** Slab caches: objects of three sizes go from CPU to CPU and back, with interrupt handlers among them. */
import { torture } from '@percpu/experiment';
import type { Torture } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import { CACHE_LINE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { GFP_ATOMIC, GFP_KERNEL } from '../gfp.ts';
import { kmemCacheAlloc } from '../slab/alloc.ts';
import { freeToSlab, kmemCacheFree, slabFor } from '../slab/free.ts';
import { headFor, objectAt, setFreePointer } from '../slab/free-pointer.ts';
import { kmemCacheCreate, kmemCacheDestroy } from '../slab/kmem-cache.ts';
import { KmemCache, Slab } from '../slab/slab-layout.ts';
import { headOf, inuseOf, isFrozen, slabState } from '../slab/slab-state.ts';

/** Bytes of the objects of each cache. The last has few of them in a slab: slabs come and go. */
const SIZES = [40, 400, 1500] as const;
/** Slots of a cache, in which objects wait for the next CPU. */
const SLOTS = 8;

/** At `at`: the caches, then the slots of each. Words that an object's owner writes: its address, and the CPU. */
const SLOTS_AT = CACHE_LINE;
const cacheAt = ({ memory }: Cpu, at: Ptr, kind: number): Ptr => memory.read(at + 4 * kind);
const slotAt = (at: Ptr, kind: number, slot: number): Ptr =>
  at + SLOTS_AT + 4 * (kind * SLOTS + slot);
const OWNED = 8;

type Free = (cpu: Cpu, cache: Ptr, object: Ptr) => void;

/** In place of the slot's object comes ours; that one is freed here, wherever it is from. */
function exchange(cpu: Cpu, cache: Ptr, slot: Ptr, object: Ptr, free: Free): void {
  const { memory } = cpu;
  memory.write(object + OWNED, object);
  memory.write(object + OWNED + 4, ~object >>> 0);
  release(cpu, cache, memory.exchange(slot, object), free);
}

function release(cpu: Cpu, cache: Ptr, object: Ptr, free: Free): void {
  if (object === 0) return;
  const { memory } = cpu;
  const [first, second] = [memory.read(object + OWNED), memory.read(object + OWNED + 4)];
  if (first !== object || second !== ~object >>> 0)
    throw new Error('an object was handed out twice: somebody else wrote into it');
  memory.write(object + OWNED, 0);
  free(cpu, cache, object);
}

function slabTorture(
  free: Free,
  twin?: Pick<Torture, 'name' | 'description' | 'mustFail'>,
): Torture {
  return torture<Cpu>({
    name: twin?.name ?? 'slab-torture',
    title: 'slab caches, in tasks and interrupts',
    description:
      twin?.description ??
      'Objects are allocated on one CPU and freed on another; none is handed out twice, and none is left.',
    ...(twin?.mustFail === undefined ? {} : { mustFail: twin.mustFail }),
    setup(cpu, { alloc }) {
      const at = alloc(SLOTS_AT + 4 * SIZES.length * SLOTS);
      for (const [kind, size] of SIZES.entries())
        cpu.memory.write(at + 4 * kind, kmemCacheCreate(cpu, `torture-${size}`, size));
      return at;
    },
    *round(cpu, at, { random }): Sleeps<void> {
      const kind = random.below(SIZES.length);
      const cache = cacheAt(cpu, at, kind);
      const object =
        random.below(2) === 0
          ? yield* kmemCacheAlloc(cpu, cache, GFP_KERNEL)
          : kmemCacheAlloc(cpu, cache, GFP_ATOMIC);
      if (object !== 0) exchange(cpu, cache, slotAt(at, kind, random.below(SLOTS)), object, free);
    },
    interrupt(cpu, at) {
      const cache = cacheAt(cpu, at, 0);
      const object = kmemCacheAlloc(cpu, cache, GFP_ATOMIC);
      if (object !== 0) exchange(cpu, cache, slotAt(at, 0, cpu.id % SLOTS), object, free);
    },
    verify(cpu, at) {
      for (const kind of SIZES.keys()) {
        const cache = cacheAt(cpu, at, kind);
        for (let slot = 0; slot < SLOTS; slot++)
          release(cpu, cache, cpu.memory.exchange(slotAt(at, kind, slot), 0), free);
        kmemCacheDestroy(cpu, cache);
        const left = cpu.memory.read(cache + KmemCache.nrSlabs);
        if (left !== 0) throw new Error(`${left} slabs are left when all objects are free`);
      }
    },
  });
}

/** Frees to the slab's own list, always, with a load and a store: of two at a time one is lost. */
function freeWithAStore(cpu: Cpu, cache: Ptr, object: Ptr): void {
  const { memory } = cpu;
  const slab = slabFor(cpu, object);
  const old = memory.load(slab + Slab.state);
  if (!isFrozen(old)) {
    freeToSlab(cpu, cache, slab, { first: object, last: object, count: 1 });
    return;
  }
  setFreePointer(memory, cache, object, objectAt(memory, cache, slab, headOf(old)));
  const head = headFor(memory, cache, slab, object);
  memory.store(slab + Slab.state, slabState(head, inuseOf(old) - 1, true));
}

export const slabTortures: readonly Torture[] = [
  slabTorture(kmemCacheFree),
  slabTorture(freeWithAStore, {
    name: 'slab-frees-with-a-store-torture',
    description: 'Frees with a load and a store where others do the same.',
    mustFail:
      /handed out twice|slabs are left|BUG|partial|freed|NULL|out of range|not an address|no object/,
  }),
];
