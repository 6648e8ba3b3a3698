/** Reader-writer locks for the validator: ours, and twins that are wrong. */
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { percpuRwsem, rwlock, rwsem, seqlockExcl, seqlockWrite } from '../../src/index.ts';
import type { RwSleepingType, SpinLockType } from '../../src/index.ts';

/** A spin lock as if it were one that sleeps: it never needs to. */
function spinning(
  name: string,
  read: SpinLockType,
  write: SpinLockType,
  isLocked: (cpu: Cpu, at: Ptr) => boolean,
): RwSleepingType {
  return {
    name,
    layout: write.layout,
    init: write.init,

    *downRead(cpu: Cpu, at: Ptr): Sleeps<void> {
      read.lock(cpu, at);
    },
    *downWrite(cpu: Cpu, at: Ptr): Sleeps<void> {
      write.lock(cpu, at);
    },

    downReadTrylock: read.trylock,
    upRead: read.unlock,
    upWrite: write.unlock,
    isLocked,
  };
}

/** Whose holders spin. */
export const spinningRwLocks: readonly RwSleepingType[] = [
  spinning('rwlock', rwlock.read, rwlock.write, rwlock.isLocked),
  spinning('seqlock', seqlockExcl, seqlockWrite, seqlockWrite.isLocked),
];

/** Whose holders may sleep. */
export const sleepingRwLocks: readonly RwSleepingType[] = [rwsem, percpuRwsem];

/** Lets readers in whoever is there. */
const readersUnchecked: RwSleepingType = {
  ...rwsem,
  name: 'rwsem-readers-unchecked',

  *downRead(): Sleeps<void> {
    // Nothing keeps it out.
  },
  downReadTrylock: () => true,
  upRead: () => undefined,
};

/** Forgets the readers. */
const writersUnchecked: RwSleepingType = {
  ...rwsem,
  name: 'rwsem-writers-unchecked',
  downRead: rwsem.downRead,

  *downWrite(): Sleeps<void> {
    // Nothing keeps it out.
  },
  upWrite: () => undefined,
};

export const bustedRwLocks: readonly RwSleepingType[] = [readersUnchecked, writersUnchecked];

export function rwLockNamed(name: string): RwSleepingType {
  const all = [...spinningRwLocks, ...sleepingRwLocks, ...bustedRwLocks];
  const found = all.find((type) => type.name === name);
  if (found === undefined) throw new Error(`no reader-writer lock ${name}`);
  return found;
}
