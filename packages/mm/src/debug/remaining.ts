/** Objects that nobody freed. Linux: list_slab_objects(). */
import { ttas } from '@percpu/locks';
import { listFirst, listNext } from '@percpu/locks';
import { addTaint, printk } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { KmemCache, Slab } from '../slab/slab-layout.ts';
import { inuseOf } from '../slab/slab-state.ts';
import { cacheName } from '../slab/cache-name.ts';
import { ObjectLife, ObjectMeta } from './object-meta.ts';
import { tracking } from './object-report.ts';

/** Objects of which a report tells one by one. */
const TOLD = 16;

/** An object in use. */
export interface Remaining {
  readonly cache: string;
  readonly object: Ptr;
  /** `Allocated in …`. */
  readonly history: readonly string[];
}

/** What is allocated from a cache with debugging, by slab and address. Nobody allocates or frees meanwhile. Task context. */
export function remainingObjects(cpu: Cpu, cache: Ptr): Remaining[] {
  const { memory } = cpu;
  const meta = memory.read(cache + KmemCache.meta);
  if (meta === 0) return [];
  const name = cacheName(memory, cache);
  const slotSize = memory.read(cache + KmemCache.slotSize);
  const objects = memory.read(cache + KmemCache.objects);
  const found: Remaining[] = [];
  for (const slab of slabsOf(cpu, cache)) {
    const base = memory.read(slab + Slab.base);
    for (let i = 0; i < objects; i++) {
      const object = base + i * slotSize;
      if (memory.load(object + meta + ObjectMeta.life) !== ObjectLife.alive) continue;
      found.push({ cache: name, object, history: tracking(cpu, cache, object) });
    }
  }
  return found;
}

/** All slabs of a cache. */
export function slabsOf(cpu: Cpu, cache: Ptr): Ptr[] {
  const { memory } = cpu;
  const slabs: Ptr[] = [];
  const irq = ttas.lockIrqsave(cpu, cache + KmemCache.lock);
  let node = listFirst(memory, cache + KmemCache.slabs);
  while (node !== 0) {
    slabs.push(node - Slab.all);
    node = listNext(memory, node);
  }
  ttas.unlockIrqrestore(cpu, cache + KmemCache.lock, irq);
  return slabs;
}

/** A report in dmesg: `text`, and the objects as far as they are known. */
export function reportRemaining(cpu: Cpu, cache: Ptr, text: string): void {
  const { memory } = cpu;
  const name = cacheName(memory, cache);
  const remaining = remainingObjects(cpu, cache);
  printk(cpu, 'err', '='.repeat(77));
  printk(cpu, 'err', `BUG ${name}: ${text}`);
  printk(cpu, 'err', '-'.repeat(77));
  for (const slab of slabsOf(cpu, cache)) {
    const used = inuseOf(memory.load(slab + Slab.state));
    const objects = memory.read(cache + KmemCache.objects);
    printk(cpu, 'err', `Slab ${hex(slab)} objects=${objects} used=${used}`);
  }
  for (const { object, history } of remaining.slice(0, TOLD))
    printk(cpu, 'err', [`Object ${hex(object)}`, ...history].join(' '));
  if (remaining.length > TOLD) printk(cpu, 'err', `… and ${remaining.length - TOLD} objects more`);
  addTaint(cpu, 'badPage');
}
