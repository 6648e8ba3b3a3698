/** Linux: /proc/slabinfo. */
import { ttas } from '@percpu/locks';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { listFirst, listNext } from '@percpu/locks';
import { cacheName } from './cache-name.ts';
import { allCaches } from './make-cache.ts';
import { KmemCache, Slab } from './slab-layout.ts';
import { inuseOf } from './slab-state.ts';
import { slabView } from './slab-view.ts';

/** One line of /proc/slabinfo. */
export interface SlabInfo {
  readonly name: string;
  /** Objects that are not on a slab's own list: those on lists of CPUs count as active, as in Linux. */
  readonly activeObjects: number;
  readonly objects: number;
  /** Bytes of a slot. */
  readonly objectSize: number;
  readonly objectsPerSlab: number;
  readonly pagesPerSlab: number;
  readonly slabs: number;
}

/** All caches, the newest first; each at a moment of its own. Any context. */
export function readSlabinfo(cpu: Cpu): SlabInfo[] {
  const all: SlabInfo[] = [];
  for (const cache of allCaches(cpu, slabView(cpu).at)) all.push(infoOf(cpu, cache));
  return all;
}

function infoOf(cpu: Cpu, cache: Ptr): SlabInfo {
  const { memory } = cpu;
  let activeObjects = 0;
  const irq = ttas.lockIrqsave(cpu, cache + KmemCache.lock);
  const slabs = memory.read(cache + KmemCache.nrSlabs);
  let node = listFirst(memory, cache + KmemCache.slabs);
  while (node !== 0) {
    activeObjects += inuseOf(memory.load(node - Slab.all + Slab.state));
    node = listNext(memory, node);
  }
  ttas.unlockIrqrestore(cpu, cache + KmemCache.lock, irq);
  const objectsPerSlab = memory.read(cache + KmemCache.objects);
  return {
    name: cacheName(memory, cache),
    activeObjects,
    objects: slabs * objectsPerSlab,
    objectSize: memory.read(cache + KmemCache.slotSize),
    objectsPerSlab,
    pagesPerSlab: 1 << memory.read(cache + KmemCache.order),
    slabs,
  };
}

const HEADER =
  'slabinfo - version: 2.1\n' +
  '# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>' +
  ' : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n';

/** The text of /proc/slabinfo. Any context. */
export function slabinfo(cpu: Cpu): string {
  return (
    HEADER +
    readSlabinfo(cpu)
      .map((one) => {
        const numbers = [
          one.activeObjects,
          one.objects,
          one.objectSize,
          one.objectsPerSlab,
          one.pagesPerSlab,
        ];
        const columns = numbers.map((number, i) => String(number).padStart(i < 3 ? 6 : 4));
        const slabs = `${String(one.slabs).padStart(6)} ${String(one.slabs).padStart(6)}`;
        return `${one.name.padEnd(17)} ${columns.join(' ')} : tunables    0    0    0 : slabdata ${slabs}      0\n`;
      })
      .join('')
  );
}
