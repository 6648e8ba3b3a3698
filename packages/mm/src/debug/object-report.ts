/** Reports about objects of slab caches, in the kernel's words. Linux: object_err(), print_tracking(). */
import { addTaint, bug, describeTaint, MachineLayout, printk } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { cacheName } from '../slab/cache-name.ts';
import { KmemCache, Slab } from '../slab/slab-layout.ts';
import { headOf, inuseOf } from '../slab/slab-state.ts';
import { siteName } from './call-site.ts';
import { ObjectMeta } from './object-meta.ts';

/** Linux: object_err(). The report in dmesg, and then a BUG that says it in a sentence. */
export function objectError(cpu: Cpu, cache: Ptr, slab: Ptr, object: Ptr, reason: string): never {
  const { memory, machine } = cpu;
  const name = cacheName(memory, cache);
  const taint = describeTaint(memory.load(machine.at + MachineLayout.taint));
  const say = (text: string): void => printk(cpu, 'err', text);
  say('='.repeat(77));
  say(`BUG ${name} (${taint}): ${reason}`);
  say('-'.repeat(77));
  const history = tracking(cpu, cache, object);
  for (const line of history) say(line);
  const state = memory.load(slab + Slab.state);
  const objects = memory.read(cache + KmemCache.objects);
  say(`Slab ${hex(slab)} objects=${objects} used=${inuseOf(state)} fp=${headOf(state)}`);
  say(`Object ${hex(object)} @offset=${object - memory.read(slab + Slab.base)}`);
  addTaint(cpu, 'badPage');
  const told = history.length === 0 ? '' : ` (${history.join('; ')})`;
  return bug(cpu, `${name}: ${reason}: object ${hex(object)}${told}`);
}

/** Linux: print_tracking(). `Allocated in … cpu=… pid=…` and `Freed in …`, as far as known. */
export function tracking(cpu: Cpu, cache: Ptr, object: Ptr): string[] {
  const { memory } = cpu;
  const offset = memory.readOwn(cache + KmemCache.meta);
  if (offset === 0) return [];
  const word = (field: number): number => memory.readOwn(object + offset + field);
  const line = (what: string, site: number, byCpu: number, pid: number): string[] =>
    byCpu === 0 ? [] : [`${what} in ${siteName(cpu, site)} cpu=${byCpu - 1} pid=${pid}`];
  const { allocSite, allocCpu, allocPid, freeSite, freeCpu, freePid } = ObjectMeta;
  return [
    ...line('Allocated', word(allocSite), word(allocCpu), word(allocPid)),
    ...line('Freed', word(freeSite), word(freeCpu), word(freePid)),
  ];
}
