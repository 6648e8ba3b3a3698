/**
 * The debug mode of slab caches: every object is looked at when it is handed out and when it comes back. Linux: slub_debug
 * (mm/slub.c). What is found is a report in dmesg with who allocated and who freed the object, and a BUG.
 *
 *   object     POISON_FREE … POISON_END while it is free (not with a constructor, or SLAB_TYPESAFE_BY_RCU)
 *   redzone    RED_ACTIVE while it is allocated, RED_INACTIVE while it is free
 *   life       of ObjectMeta; what the life check asks at every access (slab-life-check.ts)
 */
import { debugCheckNoLocksFreed } from '@percpu/locks';
import { currentTask, Task, warn } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex, PAGE_SIZE } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import { Page } from '../page/page-layout.ts';
import { attachedView } from '../slab/slab-cpu-view.ts';
import { KmemCache, Slab, SlabFlag } from '../slab/slab-layout.ts';
import { cacheName } from '../slab/cache-name.ts';
import { callSite } from './call-site.ts';
import {
  ObjectLife,
  ObjectMeta,
  POISON_END,
  POISON_FREE,
  POISON_INUSE,
  RED_ACTIVE,
  RED_INACTIVE,
} from './object-meta.ts';
import { objectError, tracking } from './object-report.ts';

/** From here to `leave` this CPU is the allocator: its accesses to free memory are no news to the life check. Interrupts off. */
function enter({ memory }: Cpu, inside: Ptr): void {
  memory.writeOwn(inside, memory.readOwn(inside) + 1);
}

function leave({ memory }: Cpu, inside: Ptr): void {
  memory.writeOwn(inside, memory.readOwn(inside) - 1);
}

/** Linux: init_object(), setup_object_debug(). A slot of a new slab. */
export function initObject(cpu: Cpu, cache: Ptr, object: Ptr): void {
  const { memory } = cpu;
  const { inside } = attachedView(cpu);
  const meta = memory.read(cache + KmemCache.meta);
  enter(cpu, inside);
  memory.fill(object + meta, 0, ObjectMeta.size);
  memory.store(object + meta + ObjectMeta.life, ObjectLife.free);
  fillRedzone(memory, cache, object, RED_INACTIVE);
  // A constructor comes after this, and fills what is poisoned here.
  memory.fill(object, POISON_INUSE, memory.read(cache + KmemCache.objectSize));
  if (isPoisoned(memory, cache)) poison(memory, cache, object);
  leave(cpu, inside);
}

/** Linux: alloc_debug_processing(). The object leaves the free list. */
export function checkAlloc(cpu: Cpu, cache: Ptr, object: Ptr, site: number): void {
  const { memory } = cpu;
  const { inside } = attachedView(cpu);
  const meta = object + memory.read(cache + KmemCache.meta);
  const by = whoCalls(cpu, cache, site);
  const irq = cpu.localIrqSave();
  enter(cpu, inside);
  const problem = problemOfFree(memory, cache, object, meta);
  if (problem === undefined) {
    fillRedzone(memory, cache, object, RED_ACTIVE);
    memory.writeOwn(meta + ObjectMeta.allocSite, by);
    memory.writeOwn(meta + ObjectMeta.allocCpu, cpu.id + 1);
    memory.writeOwn(meta + ObjectMeta.allocPid, pidOf(cpu));
    memory.writeOwn(meta + ObjectMeta.freeCpu, 0);
  }
  leave(cpu, inside);
  cpu.localIrqRestore(irq);
  if (problem !== undefined) objectError(cpu, cache, slabAt(cpu, object), object, problem);
}

/** What is wrong with an object that is to be handed out. It is alive afterwards. */
function problemOfFree(memory: Memory, cache: Ptr, object: Ptr, meta: Ptr): string | undefined {
  const seen = memory.compareExchange(meta + ObjectMeta.life, ObjectLife.free, ObjectLife.alive);
  if (seen === ObjectLife.alive) return 'Object already allocated';
  if (seen !== ObjectLife.free) return 'Freepointer corrupt';
  const redzone = redzoneProblem(memory, cache, object, RED_INACTIVE);
  if (redzone !== undefined || !isPoisoned(memory, cache)) return redzone;
  return poisonProblem(memory, cache, object);
}

/** Linux: free_debug_processing(). The object comes back; before it is on any list. */
export function checkFree(cpu: Cpu, cache: Ptr, slab: Ptr, object: Ptr, site: number): void {
  const { memory } = cpu;
  const { inside } = attachedView(cpu);
  const by = whoCalls(cpu, cache, site);
  const start = startOf(memory, cache, slab, object);
  if (object !== start)
    objectError(cpu, cache, slab, start, `Invalid object pointer ${hex(object)}`);
  const meta = object + memory.read(cache + KmemCache.meta);
  debugCheckNoLocksFreed(cpu, object, memory.read(cache + KmemCache.objectSize));
  const irq = cpu.localIrqSave();
  enter(cpu, inside);
  const problem = problemOfAlive(memory, cache, object, meta);
  if (problem === undefined) {
    fillRedzone(memory, cache, object, RED_INACTIVE);
    if (isPoisoned(memory, cache)) poison(memory, cache, object);
    memory.writeOwn(meta + ObjectMeta.freeSite, by);
    memory.writeOwn(meta + ObjectMeta.freeCpu, cpu.id + 1);
    memory.writeOwn(meta + ObjectMeta.freePid, pidOf(cpu));
  }
  leave(cpu, inside);
  cpu.localIrqRestore(irq);
  if (problem !== undefined) objectError(cpu, cache, slab, object, problem);
}

/** What is wrong with an object that comes back. It is free afterwards. */
function problemOfAlive(memory: Memory, cache: Ptr, object: Ptr, meta: Ptr): string | undefined {
  // Of two that free the object at a time, one sees it alive.
  const seen = memory.compareExchange(meta + ObjectMeta.life, ObjectLife.alive, ObjectLife.free);
  if (seen === ObjectLife.free) return 'Object already free';
  if (seen !== ObjectLife.alive) return 'Freepointer corrupt';
  return redzoneProblem(memory, cache, object, RED_ACTIVE);
}

/** Linux: cache_from_obj(). The cache that the object is really from, which is not `cache`. */
export function cacheFromObject(cpu: Cpu, cache: Ptr, home: Ptr, object: Ptr): Ptr {
  const { memory } = cpu;
  const history = tracking(cpu, home, object);
  const told = history.length === 0 ? '' : ` (${history.join('; ')})`;
  const text = `cache_from_obj: Wrong slab cache. ${cacheName(memory, cache)} but object is from ${cacheName(memory, home)}${told}`;
  warn(cpu, true, text);
  return home;
}

function whoCalls(cpu: Cpu, cache: Ptr, site: number): number {
  const wanted = (cpu.memory.read(cache + KmemCache.flags) & SlabFlag.storeUser) !== 0;
  return site !== 0 || !wanted ? site : callSite(cpu);
}

function pidOf(cpu: Cpu): number {
  return cpu.memory.readOwn(currentTask(cpu) + Task.pid);
}

function slabAt(cpu: Cpu, object: Ptr): Ptr {
  const { base, map } = attachedView(cpu).mm;
  return cpu.memory.read(map + Math.floor((object - base) / PAGE_SIZE) * Page.size + Page.slab);
}

/** The slot that `at` lies in. */
function startOf(memory: Memory, cache: Ptr, slab: Ptr, at: Ptr): Ptr {
  const base = memory.read(slab + Slab.base);
  const size = memory.read(cache + KmemCache.slotSize);
  return base + Math.floor((at - base) / size) * size;
}

/** With a constructor an object must stay as it is, and readers under RCU may still look at it. */
function isPoisoned(memory: Memory, cache: Ptr): boolean {
  const flags = memory.read(cache + KmemCache.flags);
  return (
    (flags & SlabFlag.poison) !== 0 &&
    (flags & SlabFlag.typesafeByRcu) === 0 &&
    memory.read(cache + KmemCache.ctor) === 0
  );
}

function poison(memory: Memory, cache: Ptr, object: Ptr): void {
  const size = memory.read(cache + KmemCache.objectSize);
  memory.fill(object, POISON_FREE, size);
  memory.write8(object + size - 1, POISON_END);
}

function poisonProblem(memory: Memory, cache: Ptr, object: Ptr): string | undefined {
  const last = memory.read(cache + KmemCache.objectSize) - 1;
  for (let i = 0; i <= last; i++) {
    const expected = i === last ? POISON_END : POISON_FREE;
    const found = memory.read8(object + i);
    if (found !== expected) return overwritten('Poison', object + i, found, expected);
  }
  return undefined;
}

function redzoneOf(memory: Memory, cache: Ptr): { readonly from: number; readonly to: number } {
  return {
    from: memory.read(cache + KmemCache.objectSize),
    to: memory.read(cache + KmemCache.meta),
  };
}

function fillRedzone(memory: Memory, cache: Ptr, object: Ptr, value: number): void {
  const { from, to } = redzoneOf(memory, cache);
  memory.fill(object + from, value, to - from);
}

function redzoneProblem(
  memory: Memory,
  cache: Ptr,
  object: Ptr,
  expected: number,
): string | undefined {
  const { from, to } = redzoneOf(memory, cache);
  for (let i = from; i < to; i++) {
    const found = memory.read8(object + i);
    if (found !== expected) return overwritten('Right Redzone', object + i, found, expected);
  }
  return undefined;
}

/** Linux: check_bytes_and_report(). */
function overwritten(what: string, at: Ptr, found: number, expected: number): string {
  return `${what} overwritten: ${hex(at)} holds 0x${found.toString(16)} instead of 0x${expected.toString(16)}`;
}
