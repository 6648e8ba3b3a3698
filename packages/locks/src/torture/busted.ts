/** Tortures of locks that are wrong. A torture that lets them pass is none. */
import type { Torture } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { RwSleepingType } from '../reader-writer/rw-sleeping-type.ts';
import { rwsem } from '../reader-writer/rwsem.ts';
import { spinLockType } from '../spin/spin-lock-type.ts';
import { rwTorture } from './reader-writer.ts';
import { mutexType, sleepingTorture } from './sleeping.ts';
import type { SleepingType } from './sleeping.ts';
import { spinTorture } from './spin.ts';

const fields = { locked: 'u32', owner: 'u32' } as const;
const Word: Layout<typeof fields> = layout(fields, { name: 'BustedLock' });

const looksThenTakes = spinLockType({
  name: 'tas-looks-then-takes',
  layout: Word,
  lock(cpu: Cpu, at: Ptr): void {
    cpu.waitWhileEquals(at + Word.locked, 1);
    cpu.memory.store(at + Word.locked, 1);
  },
  trylock(cpu: Cpu, at: Ptr): boolean {
    if (cpu.memory.load(at + Word.locked) !== 0) return false;
    cpu.memory.store(at + Word.locked, 1);
    return true;
  },
  unlock(cpu: Cpu, at: Ptr): void {
    cpu.memory.store(at + Word.locked, 0);
    cpu.unpark(at + Word.locked);
  },
  isLocked: (cpu: Cpu, at: Ptr): boolean => cpu.memory.load(at + Word.locked) !== 0,
});

const losesPatience: SleepingType = {
  ...mutexType,
  /** In after a few tries, whoever is there. */
  *lock(cpu: Cpu, at: Ptr): Sleeps<void> {
    for (let tries = 0; tries < 3 && cpu.memory.exchange(at, 1) !== 0; tries++) yield;
  },
  trylock: (cpu: Cpu, at: Ptr): boolean => cpu.memory.exchange(at, 1) === 0,
  unlock: (cpu: Cpu, at: Ptr): void => cpu.memory.store(at, 0),
};

/** Readers that look for nobody. */
const readersUnchecked: RwSleepingType = {
  ...rwsem,
  name: 'rwsem-readers-unchecked',

  *downRead(): Sleeps<void> {
    // Nothing keeps them out.
  },
  downReadTrylock: (): boolean => true,
  upRead: (): void => undefined,
};

/** The checks of the lock itself may be first to see it. */
const TWO_INSIDE = /inside|words are apart|sections left|BUG:|did not end within/;

export const bustedTortures: readonly Torture[] = [
  spinTorture(looksThenTakes, {
    name: 'tas-looks-then-takes-torture',
    wrong: 'Finds the lock free, then takes it: two accesses where it must be one.',
    mustFail: TWO_INSIDE,
  }),
  sleepingTorture(losesPatience, {
    name: 'mutex-loses-patience-torture',
    wrong: 'Goes in after the third try, whoever is there.',
    mustFail: TWO_INSIDE,
  }),
  rwTorture(readersUnchecked, {
    name: 'rwsem-readers-unchecked-torture',
    wrong: 'Readers come in whoever is there.',
    mustFail: TWO_INSIDE,
  }),
];
