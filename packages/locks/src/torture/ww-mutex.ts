/** ww_mutexes: contexts that take three locks in any order, and back off until they have them all. */
import { torture } from '@percpu/experiment';
import type { Torture } from '@percpu/experiment';
import { condResched } from '@percpu/machine';
import type { Cpu, Sleeps, Subsystem } from '@percpu/machine';
import { array, layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import {
  wwAcquireDone,
  wwAcquireFini,
  wwAcquireInit,
  WwAcquireCtx,
  WwClass,
  wwClassInit,
  WwMutex,
  wwMutexInit,
  wwMutexLock,
  wwMutexLockSlow,
  wwMutexUnlock,
} from '../sleeping/ww-mutex/index.ts';
import type { WwPolicy } from '../sleeping/ww-mutex/index.ts';
import { exclusiveSection, GuardedWords, verifySections } from './guarded-words.ts';

const LOCKS = 3;
const TASKS = 3;

const fields = {
  class: WwClass,
  words: array(GuardedWords, LOCKS),
  locks: array(WwMutex, LOCKS),
} as const;
const Arena: Layout<'class' | 'words' | 'locks'> = layout(fields, { name: 'WwArena' });

const wordsAt = (at: Ptr, i: number): Ptr => at + Arena.words + i * GuardedWords.size;
const lockAt = (at: Ptr, i: number): Ptr => at + Arena.locks + i * WwMutex.size;

/** Contexts of one CPU that no task uses now. */
class FreeContexts {
  private readonly free: Ptr[] = [];

  take({ memory }: Cpu): Ptr {
    return this.free.pop() ?? memblockAlloc(memory, WwAcquireCtx.size, WwAcquireCtx.align);
  }

  give(ctx: Ptr): void {
    this.free.push(ctx);
  }
}

const contexts: Subsystem<FreeContexts> = {
  name: 'contexts of the ww_mutex torture',
  create: () => 0,
  attach: () => new FreeContexts(),
};

/** All locks, beginning with `first`, in the order of their numbers; again from the one that was refused. */
function* takeAll(cpu: Cpu, at: Ptr, ctx: Ptr, first: number): Sleeps<void> {
  let start = first;
  let refused = false;
  for (;;) {
    if (refused) yield* wwMutexLockSlow(cpu, lockAt(at, start), ctx);
    else yield* wwMutexLock(cpu, lockAt(at, start), ctx);
    let taken = 1;
    while (taken < LOCKS) {
      if ((yield* wwMutexLock(cpu, lockAt(at, (start + taken) % LOCKS), ctx)) !== 0) break;
      taken++;
    }
    if (taken === LOCKS) return;
    for (let i = 0; i < taken; i++) wwMutexUnlock(cpu, lockAt(at, (start + i) % LOCKS));
    start = (start + taken) % LOCKS;
    refused = true;
  }
}

const wwTorture = (policy: WwPolicy): Torture =>
  torture<Cpu>({
    name: `ww-mutex-${policy}-torture`,
    title: `ww_mutex, ${policy}, ${TASKS} tasks on each CPU`,
    description: `Contexts that take ${LOCKS} locks in a circle, each from another place: who is refused backs off, and all get through.`,
    tasks: TASKS,
    setup(cpu, { alloc }) {
      const at = alloc(Arena.size, Arena.align);
      wwClassInit(cpu, at + Arena.class, policy);
      for (let i = 0; i < LOCKS; i++) {
        wwMutexInit(cpu, lockAt(at, i), at + Arena.class);
        cpu.memory.describe(wordsAt(at, i), GuardedWords);
      }
      return at;
    },
    *round(cpu, at, { random }): Sleeps<void> {
      const free = cpu.use(contexts);
      const ctx = free.take(cpu);
      wwAcquireInit(cpu, ctx, at + Arena.class);
      yield* takeAll(cpu, at, ctx, random.below(LOCKS));
      wwAcquireDone(cpu, ctx);
      for (let i = 0; i < LOCKS; i++) exclusiveSection(cpu, wordsAt(at, i), random.below(100));
      if (random.below(4) === 0) yield* condResched(cpu);
      for (let i = 0; i < LOCKS; i++) wwMutexUnlock(cpu, lockAt(at, i));
      wwAcquireFini(cpu, ctx);
      free.give(ctx);
    },
    verify(cpu, at) {
      for (let i = 0; i < LOCKS; i++) verifySections(cpu, wordsAt(at, i));
    },
  });

export const wwTortures: readonly Torture[] = [wwTorture('wound-wait'), wwTorture('wait-die')];
