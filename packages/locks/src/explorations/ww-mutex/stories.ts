/** Stories of contexts that each want several locks, in any order. */
import type { Program, World } from '@percpu/experiment';
import { TaskState } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { lockView } from '../../lock-view.ts';
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
} from '../../sleeping/ww-mutex/index.ts';
import type { WwPolicy } from '../../sleeping/ww-mutex/index.ts';
import { WW_STEPS } from '../../sleeping/ww-mutex/rules.ts';
import type { WwSteps } from '../../sleeping/ww-mutex/rules.ts';
import { lockSlow, takeFree, unlock, wwWaiters } from '../../sleeping/ww-mutex/slow-path.ts';
import { Guarded } from '../guarded.ts';

const PAIR = 2;
const CONTEXTS = 3;
const rowFields = { first: Guarded, second: Guarded } as const;
const Row: Layout<'first' | 'second'> = layout(rowFields, { name: 'Row' });

export interface WwState {
  readonly wwClass: Ptr;
  /** Two locks, and what each guards. */
  readonly locks: readonly Ptr[];
  readonly data: readonly Ptr[];
  /** One for each CPU. */
  readonly contexts: readonly Ptr[];
}

/** How a lock is taken and given back: twins have theirs. */
export interface WwLock {
  readonly begin: (cpu: Cpu, ctx: Ptr, wwClass: Ptr) => void;
  readonly lock: (cpu: Cpu, at: Ptr, ctx: Ptr) => Sleeps<number>;
  readonly lockSlow: (cpu: Cpu, at: Ptr, ctx: Ptr) => Sleeps<unknown>;
  readonly unlock: (cpu: Cpu, at: Ptr) => void;
}

export const wwMutex: WwLock = Object.freeze({
  begin: wwAcquireInit,
  lock: wwMutexLock,
  lockSlow: wwMutexLockSlow,
  unlock: wwMutexUnlock,
});

/** The right one, but for `wrong`. */
export function but(wrong: Partial<WwSteps>): WwLock {
  const steps = { ...WW_STEPS, ...wrong };
  function* lock(cpu: Cpu, at: Ptr, ctx: Ptr): Sleeps<number> {
    steps.heal(cpu.memory, ctx);
    if (takeFree(cpu, at, ctx, steps)) return 0;
    return yield* lockSlow(cpu, at, ctx, TaskState.uninterruptible, steps);
  }
  return { begin: wwAcquireInit, lock, lockSlow: lock, unlock };
}

export const setup =
  (policy: WwPolicy) =>
  ({ cpus, alloc, memory }: World<Cpu>): WwState => {
    const wwClass = alloc(WwClass.size);
    wwClassInit(cpus[0]!, wwClass, policy);
    const rows = alloc(Row.size);
    memory.describe(rows, Row);
    const locks: Ptr[] = [];
    for (let i = 0; i < PAIR; i++) {
      locks.push(alloc(WwMutex.size));
      wwMutexInit(cpus[0]!, locks[i]!, wwClass);
    }
    const contexts: Ptr[] = [];
    for (let i = 0; i < CONTEXTS; i++) contexts.push(alloc(WwAcquireCtx.size));
    // The first look of a CPU takes the boot lock, and its first waiter memory: not what is explored.
    for (const cpu of cpus) {
      lockView(cpu);
      const waiters = cpu.use(wwWaiters);
      waiters.give(waiters.take(cpu));
    }
    return { wwClass, locks, data: [rows + Row.first, rows + Row.second], contexts };
  };

/** Most back-offs of one context: more is an error. */
const MAX_BACK_OFFS = 8;

/**
 * Takes both locks in the order `first`, `1 − first`, adds to what they guard, gives them back. Backs off as often as
 * it must, or `most` times.
 */
export const takesBoth = (ww: WwLock, first: number, most: number = MAX_BACK_OFFS) =>
  function* ({ cpu, id }: Program<Cpu>, state: WwState): Sleeps<void> {
    const ctx = state.contexts[id]!;
    ww.begin(cpu, ctx, state.wwClass);
    let next = first;
    let result = yield* ww.lock(cpu, state.locks[next]!, ctx);
    if (result !== 0) throw new Error(`a context without locks was refused: ${result}`);
    for (let backOffs = 0; ; backOffs++) {
      const other = 1 - next;
      result = yield* ww.lock(cpu, state.locks[other]!, ctx);
      if (result === 0) break;
      if (backOffs === most) throw new Error(`refused again after ${most} back-offs`);
      ww.unlock(cpu, state.locks[next]!);
      yield* ww.lockSlow(cpu, state.locks[other]!, ctx);
      next = other;
    }
    wwAcquireDone(cpu, ctx);
    for (const data of state.data) add(cpu, data);
    for (const lock of state.locks) ww.unlock(cpu, lock);
    wwAcquireFini(cpu, ctx);
  };

/** Takes one lock, with a context or without. */
export const takesOne = (ww: WwLock, which: number, withContext: boolean) =>
  function* ({ cpu, id }: Program<Cpu>, state: WwState): Sleeps<void> {
    const ctx = withContext ? state.contexts[id]! : 0;
    if (withContext) ww.begin(cpu, ctx, state.wwClass);
    const result = yield* ww.lock(cpu, state.locks[which]!, ctx);
    if (result !== 0) throw new Error(`who has no other lock was refused: ${result}`);
    add(cpu, state.data[which]!);
    ww.unlock(cpu, state.locks[which]!);
    if (withContext) wwAcquireFini(cpu, ctx);
  };

function add({ memory }: Cpu, data: Ptr): void {
  memory.write(data + Guarded.x, memory.read(data + Guarded.x) + 1);
}

/** For `after`: all have been through, and the locks look as at the beginning. */
export function expectOver({ memory }: World<Cpu>, state: WwState, sums: readonly number[]): void {
  for (const [i, sum] of sums.entries()) {
    const found = memory.read(state.data[i]! + Guarded.x);
    if (found !== sum) throw new Error(`${sum} sections under lock ${i} gave ${found}`);
    if (memory.load(state.locks[i]! + WwMutex.owner) !== 0)
      throw new Error(`lock ${i} is held, or its fast paths are off`);
  }
}
