/** Lockrefs whose count and lock know too little of each other. */
import type { Exploration } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import {
  Lockref,
  lockrefCount,
  lockrefLock,
  lockrefPutReturn,
  lockrefUnlock,
} from '../../../counting/lockref.ts';
import { heldStill, lastOneLocks, linearizable, LOCKREF, notFromTheDead } from '../lockref.ts';

/** Adds to the count alone: the lock may be held. */
function addPastTheLock({ memory }: Cpu, at: Ptr, delta: number): void {
  memory.fetchAdd(at + Lockref.count, delta);
}

/** Has looked before it had the lock, and believes it. */
function putWithAnOldLook(cpu: Cpu, at: Ptr): boolean {
  const count = lockrefCount(cpu, at);
  if (count > 1 && lockrefPutReturn(cpu, at) >= 0) return true;
  lockrefLock(cpu, at);
  if (count <= 1) return false;
  cpu.memory.store(at + Lockref.count, count - 1);
  lockrefUnlock(cpu, at);
  return true;
}

/** Drops the reference first, and takes the lock when there is none left. */
function putThenLock(cpu: Cpu, at: Ptr): boolean {
  if (cpu.memory.fetchAdd(at + Lockref.count, -1) > 1) return true;
  lockrefLock(cpu, at);
  return false;
}

export const bustedLockrefs: readonly Exploration[] = [
  heldStill(
    { ...LOCKREF, get: (cpu, at) => addPastTheLock(cpu, at, 1) },
    {
      name: 'lockref-get-past-the-lock',
      wrong: 'a reference is taken with no look at the lock',
      mustFind: { kind: 'assertion', message: /changed under the lock|2 more are 2/ },
    },
  ),
  heldStill(
    {
      ...LOCKREF,
      get(cpu, at) {
        cpu.memory.store(at + Lockref.count, lockrefCount(cpu, at) + 1);
      },
    },
    {
      name: 'lockref-get-in-two-steps',
      wrong: 'a reference is taken with a load and a store',
      mustFind: { kind: 'assertion' },
    },
  ),
  lastOneLocks(
    { ...LOCKREF, putOrLock: putWithAnOldLook },
    {
      name: 'lockref-believes-its-first-look',
      wrong: 'who gets the lock does not look at the count again',
      mustFind: { kind: 'assertion', message: /by both, or by neither/ },
    },
  ),
  notFromTheDead(
    { ...LOCKREF, markDead: () => undefined },
    {
      name: 'lockref-not-marked-dead',
      wrong: 'the object is freed, and its count is as it was',
      mustFind: { kind: 'race' },
    },
  ),
  notFromTheDead(
    {
      ...LOCKREF,
      getNotDead(cpu, at) {
        if (lockrefCount(cpu, at) < 0) return false;
        addPastTheLock(cpu, at, 1);
        return true;
      },
    },
    {
      name: 'lockref-get-looks-first',
      wrong: 'a reference is taken after a look that found it alive',
      mustFind: { kind: 'race' },
    },
  ),
  linearizable(
    { ...LOCKREF, putOrLock: putThenLock },
    {
      name: 'lockref-drops-before-it-locks',
      wrong: 'the last reference is gone before the lock is there',
      mustFind: { kind: 'not-linearizable' },
    },
  ),
];
