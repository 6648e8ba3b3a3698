/** Reference counts that free too early, twice, or not at all. */
import type { Exploration } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { refcountDecAndTest, refcountDecNotOne } from '../../../counting/refcount.ts';
import { ttas } from '../../../spin/ttas-lock.ts';
import {
  decAndLock,
  freedOnce,
  ifOne,
  linearizable,
  notFromZero,
  REFCOUNT,
  saturates,
} from '../refcount.ts';

function addInTwoSteps({ memory }: Cpu, at: Ptr, delta: number): number {
  const old = memory.load(at);
  memory.store(at, (old + delta) >>> 0);
  return old;
}

const decInTwoSteps = (cpu: Cpu, at: Ptr): boolean => addInTwoSteps(cpu, at, -1) === 1;

/** Two looks: the count may be 0 at the second. */
function looksThenAdds({ memory }: Cpu, at: Ptr): boolean {
  if (memory.load(at) === 0) return false;
  memory.fetchAdd(at, 1);
  return true;
}

/** The count that it is told of is another's, too. */
function dropsThenLooks({ memory }: Cpu, at: Ptr): boolean {
  memory.fetchAdd(at, -1);
  return memory.load(at) === 0;
}

export const bustedRefcounts: readonly Exploration[] = [
  freedOnce(
    { ...REFCOUNT, inc: (cpu, at) => void addInTwoSteps(cpu, at, 1) },
    {
      name: 'refcount-inc-in-two-steps',
      wrong: 'a reference count that is increased with a load and a store',
      mustFind: { kind: 'assertion', message: /freed [02] times|references left/ },
    },
  ),
  freedOnce(
    { ...REFCOUNT, decAndTest: decInTwoSteps },
    {
      name: 'refcount-dec-in-two-steps',
      wrong: 'a reference count that is decreased with a load and a store',
      mustFind: { kind: 'assertion', message: /freed 0 times/ },
    },
  ),
  freedOnce(
    { ...REFCOUNT, decAndTest: dropsThenLooks },
    {
      name: 'refcount-dec-looks-later',
      wrong: 'a reference is dropped, and then the count is looked at: two see 0',
      mustFind: { kind: 'race' },
    },
  ),
  notFromZero(
    { ...REFCOUNT, incNotZero: looksThenAdds },
    {
      name: 'refcount-inc-looks-first',
      wrong: 'a reference is taken after a look that found the count above 0',
      mustFind: { kind: 'race' },
    },
  ),
  ifOne(
    {
      ...REFCOUNT,
      decIfOne({ memory }, at) {
        if (memory.load(at) !== 1) return false;
        memory.store(at, 0);
        return true;
      },
    },
    {
      name: 'refcount-dec-if-one-in-two-steps',
      wrong: 'the last reference is turned in with a load and a store',
      mustFind: { kind: 'outcome' },
    },
  ),
  decAndLock(
    {
      ...REFCOUNT,
      decAndLock(cpu, at, lock) {
        if (!refcountDecAndTest(cpu, at)) return false;
        ttas.lock(cpu, lock);
        return true;
      },
    },
    {
      name: 'refcount-dec-then-lock',
      wrong: 'the last reference is dropped before the lock is taken',
      mustFind: { kind: 'assertion', message: /without references is on the list/ },
    },
  ),
  decAndLock(
    {
      ...REFCOUNT,
      decAndLock(cpu, at, lock) {
        if (refcountDecNotOne(cpu, at)) return false;
        ttas.lock(cpu, lock);
        cpu.memory.fetchAdd(at, -1);
        return true;
      },
    },
    {
      name: 'refcount-does-not-look-again',
      wrong: 'under the lock nobody looks whether the reference is still the last',
      mustFind: { kind: 'race' },
    },
  ),
  saturates(
    {
      ...REFCOUNT,
      inc: ({ memory }, at) => void memory.fetchAdd(at, 1),
      decAndTest: ({ memory }, at) => memory.fetchAdd(at, -1) === 1,
    },
    {
      name: 'refcount-does-not-saturate',
      wrong: 'a count that passes the middle goes on as if nothing had been',
      mustFind: { kind: 'assertion', message: /the count is .*; a saturated one/ },
    },
  ),
  linearizable(
    { ...REFCOUNT, decAndTest: dropsThenLooks },
    {
      name: 'refcount-not-linearizable',
      wrong: 'what a drop is told is the count of a later moment',
      mustFind: { kind: 'not-linearizable' },
    },
  ),
];
