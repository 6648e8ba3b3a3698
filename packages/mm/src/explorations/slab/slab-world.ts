/** What explorations of slab caches share: a small cache, and the question whether it is in order. */
import type { ExplorationDefinition, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { PAGE_SIZE } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import { GFP_NOWAIT } from '../../gfp.ts';
import { MM_PARAMETERS } from '../../mm-parameters.ts';
import { allocPages, freePages } from '../../page/index.ts';
import { slabsOf } from '../../debug/remaining.ts';
import { kmemCacheAlloc } from '../../slab/alloc.ts';
import { getFreePointer, objectAt } from '../../slab/free-pointer.ts';
import { kmemCacheCreate } from '../../slab/kmem-cache.ts';
import { CacheCpu, KmemCache, Slab } from '../../slab/slab-layout.ts';
import { headOf, inuseOf, isFrozen } from '../../slab/slab-state.ts';
import { attachedView } from '../../slab/slab-cpu-view.ts';
import { slabView } from '../../slab/slab-view.ts';

/** Few objects a slab, and no slab kept: what is rare elsewhere is near. */
export const SMALL: Pick<ExplorationDefinition, 'parameters' | 'declares'> = {
  parameters: {
    'spin.budget': 1000,
    'mm.pages': 8,
    'mm.min_free': 0,
    'mm.pcp.batch': 2,
    'mm.pcp.high': 4,
    'slab.max_order': 0,
    'slab.min_partial': 0,
  },
  declares: MM_PARAMETERS,
};

/** As `SMALL`, with debugging. */
export const DEBUGGED: Pick<ExplorationDefinition, 'parameters' | 'declares'> = {
  ...SMALL,
  parameters: { ...SMALL.parameters, 'mm.debug': true },
};

export interface SlabWorld {
  readonly cache: Ptr;
  /** Allocated in set-up. */
  readonly objects: readonly Ptr[];
}

interface Wanted {
  /** Objects of a slab. Default 2. */
  readonly perSlab?: number;
  /** Allocated in set-up. Default 0. */
  readonly allocated?: number;
  /** Small objects, that far apart: what debugging looks at byte by byte. */
  readonly sparse?: boolean;
  /** The CPU that allocates in set-up. Default 0. */
  readonly on?: number;
  readonly flags?: number;
  readonly ctor?: Ptr;
}

/** A cache of `perSlab` objects a slab. One CPU has allocated some, and owns the slab of the last. */
export function smallCache({ cpus }: World<Cpu>, wanted: Wanted = {}): SlabWorld {
  const { perSlab = 2, allocated = 0, flags = 0, ctor = 0, sparse = false, on = 0 } = wanted;
  const slot = Math.floor(PAGE_SIZE / perSlab / 8) * 8;
  for (const cpu of cpus) {
    slabView(cpu);
    // Slabs then come from the CPU's own pages: the lock of the zone is explored elsewhere.
    freePages(cpu, allocPages(cpu, GFP_NOWAIT, 0), 0);
  }
  const cpu = cpus[on]!;
  const size = sparse ? 32 : slot;
  const cache = kmemCacheCreate(cpu, 'explored', size, sparse ? slot : 0, flags, ctor);
  const objects: Ptr[] = [];
  for (let i = 0; i < allocated; i++) objects.push(kmemCacheAlloc(cpu, cache, GFP_NOWAIT));
  return { cache, objects };
}

/** What an owner does with an object: two owners are a race. */
export function useObject({ memory }: Cpu, object: Ptr): void {
  memory.write(object + WORD, memory.read(object + WORD) + 1);
}

/** Not where the free pointer is. */
const WORD = 8;

/** Where this CPU's list is. */
export function ownOf(cpu: Cpu, cache: Ptr): Ptr {
  return cache + attachedView(cpu).cpuOffset;
}

/**
 * For `after`: the cache is in order, with `inUse` objects in use. Every free object is on one list; a slab is on the
 * partial list if and only if no CPU owns it and it has free objects; what the words say is what the lists hold.
 */
export function expectInOrder(world: World<Cpu>, { cache }: SlabWorld, inUse: number): void {
  const { memory, cpus } = world;
  const cpu = cpus[0]!;
  const free = new Set<Ptr>();
  const add = (first: Ptr): number => {
    let count = 0;
    for (let one = first; one !== 0; one = getFreePointer(memory, cache, one)) {
      if (free.has(one)) throw new Error(`object 0x${one.toString(16)} is free twice`);
      free.add(one);
      count++;
    }
    return count;
  };
  const owners = new Map<Ptr, number>();
  for (const one of cpus) {
    const own = ownOf(one, cache);
    const slab = memory.read(own + CacheCpu.slab);
    if (slab === 0) continue;
    if (owners.has(slab)) throw new Error('two CPUs own one slab');
    owners.set(slab, add(memory.read(own + CacheCpu.freelist)));
  }
  const partial = onPartialList(memory, cache);
  const slabs = slabsOf(cpu, cache);
  for (const slab of owners.keys())
    if (!slabs.includes(slab)) throw new Error('a CPU owns a slab that the cache does not have');
  const objects = memory.read(cache + KmemCache.objects);
  for (const slab of slabs) {
    const state = memory.load(slab + Slab.state);
    const listed = add(objectAt(memory, cache, slab, headOf(state)));
    const owned = owners.has(slab);
    if (inuseOf(state) !== objects - listed)
      throw new Error(
        `inuse is ${inuseOf(state)}, but ${listed} of ${objects} objects are on the slab's list`,
      );
    if (isFrozen(state) !== owned)
      throw new Error(`a slab is ${owned ? 'owned, but not' : 'nobody’s, but'} frozen`);
    const wanted = !owned && listed > 0 ? 1 : 0;
    const found = partial.filter((one) => one === slab).length;
    if (found !== wanted)
      throw new Error(`a slab is on the partial list ${found} times instead of ${wanted}`);
  }
  if (partial.length !== memory.read(cache + KmemCache.nrPartial))
    throw new Error('nrPartial is not the length of the partial list');
  const used = slabs.length * objects - free.size;
  if (used !== inUse) throw new Error(`${used} objects are in use; expected were ${inUse}`);
}

const MOST_SLABS = 32;

function onPartialList(memory: Memory, cache: Ptr): Ptr[] {
  const found: Ptr[] = [];
  let node = memory.read(cache + KmemCache.partial);
  while (node !== 0) {
    found.push(node - Slab.node);
    if (found.length > MOST_SLABS) throw new Error('the partial list goes round in a circle');
    node = memory.read(node);
  }
  return found;
}
