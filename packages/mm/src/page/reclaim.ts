/**
 * Reclaim: caches give memory back when it is short. A cache is known by its shrinker. Linux: mm/shrinker.c.
 *
 * One task reclaims at a time; who comes meanwhile does not wait for it (it may hold what that one's shrinkers
 * wait for), but goes on to wait for a free page.
 */
import {
  listAddTail,
  listDel,
  listFirst,
  listNext,
  ListNode,
  mutexLock,
  mutexTrylock,
  mutexUnlock,
} from '@percpu/locks';
import { currentTask, isSleeps } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { SleepingGfp } from '../gfp.ts';
import { mmView } from './mm-view.ts';
import type { MmView } from './mm-view.ts';
import { Zone } from './zone-layout.ts';

const fields = {
  node: ListNode,
  /**
   * Kernel text, `(cpu, data) => number`: objects that could be freed. And `(cpu, data, nr)`, plain or a generator: frees
   * up to `nr` of them, returns how many. It may use the reserve, and its allocations do not reclaim. Every CPU defines both.
   */
  countObjects: 'ptr',
  scanObjects: 'ptr',
  /** Handed to both. */
  data: 'u32',
  /** __GFP_FS, __GFP_IO: left out by allocations without them. */
  needs: 'u32',
} as const;

/** Linux: struct shrinker. Fill in what is not `node`, all words 0 otherwise, and register it. */
export const Shrinker: Layout<
  Record<'node' | 'countObjects' | 'scanObjects' | 'data' | 'needs', unknown>
> = layout(fields, { name: 'Shrinker' });

/** Linux: SHRINK_BATCH. Objects that one call of a shrinker is asked for. */
const SHRINK_BATCH = 128;
/** Linux: DEF_PRIORITY. Rounds through all shrinkers. */
const PASSES = 12;

/** Linux: shrinker_register(). `at` is a `Shrinker`, the caller's until it is unregistered. Task context. */
export function* registerShrinker(cpu: Cpu, at: Ptr): Sleeps<void> {
  const { zone } = mmView(cpu);
  yield* mutexLock(cpu, zone + Zone.shrinkerLock);
  listAddTail(cpu.memory, zone + Zone.shrinkers, at);
  mutexUnlock(cpu, zone + Zone.shrinkerLock);
}

/** Linux: shrinker_free(). It does not run any more, and will not. Task context, not from within a shrinker. */
export function* unregisterShrinker(cpu: Cpu, at: Ptr): Sleeps<void> {
  const { zone } = mmView(cpu);
  yield* mutexLock(cpu, zone + Zone.shrinkerLock);
  listDel(cpu.memory, zone + Zone.shrinkers, at);
  mutexUnlock(cpu, zone + Zone.shrinkerLock);
}

/** Linux: __perform_reclaim(). Shrinks until `high` pages are free, or nothing comes any more. Returns objects freed; 1 when somebody else is at it. */
export function* directReclaim(cpu: Cpu, view: MmView, flags: SleepingGfp): Sleeps<number> {
  const { memory } = cpu;
  const { zone, memalloc } = view;
  if (!mutexTrylock(cpu, zone + Zone.shrinkerLock)) return 1;
  const task = currentTask(cpu);
  memalloc.add(task);
  let freed = 0;
  try {
    for (let pass = 0; pass < PASSES; pass++) {
      const now = yield* shrink(cpu, zone, flags);
      freed += now;
      if (now === 0 || memory.load(zone + Zone.free) > view.high) break;
    }
  } finally {
    memalloc.delete(task);
    mutexUnlock(cpu, zone + Zone.shrinkerLock);
  }
  return freed;
}

function* shrink(cpu: Cpu, zone: Ptr, flags: SleepingGfp): Sleeps<number> {
  const { memory } = cpu;
  let freed = 0;
  for (let at = listFirst(memory, zone + Zone.shrinkers); at !== 0; at = listNext(memory, at)) {
    if ((memory.read(at + Shrinker.needs) & ~flags) !== 0) continue;
    const data = memory.read(at + Shrinker.data);
    const objects = cpu.text.call(memory.read(at + Shrinker.countObjects), data) as number;
    if (objects === 0) continue;
    const nr = Math.min(objects, SHRINK_BATCH);
    const scanned = cpu.text.call(memory.read(at + Shrinker.scanObjects), data, nr);
    freed += (isSleeps(scanned) ? yield* scanned as Sleeps<number> : scanned) as number;
  }
  return freed;
}
