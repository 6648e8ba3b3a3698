/** What most explorations of spin locks share: a lock, and plain words that only its holder touches. */
import type { World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { lockView } from '../lock-view.ts';
import { clh, ClhLock } from '../spin/clh-lock.ts';
import type { SpinLockType } from '../spin/spin-lock-type.ts';

const fields = { x: 'u32', y: 'u32' } as const;

/** Plain words: two CPUs in the critical section at a time are a race, whatever they do there. */
export const Guarded: Layout<typeof fields> = layout(fields, { name: 'Guarded' });

export interface LockAndData {
  readonly lock: Ptr;
  /** `Guarded`. */
  readonly data: Ptr;
}

/** A free lock of `type` on a line of its own. */
export function allocLock({ cpus, alloc }: World<Cpu>, type: SpinLockType): Ptr {
  const lock = alloc(type.layout.size);
  type.init(cpus[0]!, lock);
  // The first look of a CPU takes the boot lock: dozens of accesses that are not what is explored.
  for (const cpu of cpus) lockView(cpu);
  // The first taking of a CLH lock costs its CPU a node, which it replaces with its next. A twin need not survive that.
  for (let turn = 0; turn < 2 && type.layout === ClhLock; turn++) {
    clh.lock(cpus[0]!, lock);
    clh.unlock(cpus[0]!, lock);
  }
  return lock;
}

export function lockAndData(world: World<Cpu>, type: SpinLockType): LockAndData {
  const data = world.alloc(Guarded.size);
  world.cpus[0]!.memory.describe(data, Guarded, 'guarded');
  return { lock: allocLock(world, type), data };
}

/** The critical section. */
export function increment({ memory }: Cpu, data: Ptr): void {
  memory.write(data + Guarded.x, memory.read(data + Guarded.x) + 1);
}

/** For `after`: every increment is there. */
export function expectIncrements({ memory }: World<Cpu>, data: Ptr, expected: number): void {
  const found = memory.read(data + Guarded.x);
  if (found !== expected) throw new Error(`${expected} increments under the lock gave ${found}`);
}

/** For `after`: nobody holds the lock, and it does not look as if somebody did. */
export function expectFree({ cpus }: World<Cpu>, type: SpinLockType, lock: Ptr): void {
  if (type.isLocked(cpus[0]!, lock))
    throw new Error(`the ${type.name} lock is held, but by nobody`);
}
