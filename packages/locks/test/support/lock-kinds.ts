/** Every lock that somebody can die with. A new type of lock is one entry, and all tests of misuse and of crashes run over it. */
import type { Cpu, Sleeps } from '@percpu/machine';
import { CACHE_LINE } from '@percpu/memory';
import {
  downRead,
  downWrite,
  Mutex,
  mutexLock,
  mutexUnlock,
  percpuDownRead,
  percpuDownWrite,
  percpuInitRwsem,
  PercpuRwsem,
  percpuUpRead,
  percpuUpWrite,
  RtMutex,
  rtMutexLock,
  rtMutexUnlock,
  rwlock,
  RwSem,
  upRead,
  upWrite,
  wwClassInit,
  WwMutex,
  wwMutexInit,
  wwMutexLock,
  wwMutexUnlock,
} from '../../src/index.ts';
import type { SpinLockType } from '../../src/index.ts';
import { good } from './busted.ts';

export interface LockEntry {
  /** What reports call it. */
  readonly name: string;
  /** What BUGs call it. */
  readonly family: string;
  readonly size: number;
  readonly sleeps: boolean;
  /** Where zeroes are no free lock. */
  init?(cpu: Cpu, at: number): void;
  lock(cpu: Cpu, at: number): void | Sleeps<unknown>;
  unlock(cpu: Cpu, at: number): void;
}

const spin = (type: SpinLockType, family = 'spinlock', suffix = ''): LockEntry => ({
  name: type.name + suffix,
  family,
  size: type.layout.size,
  sleeps: false,
  lock: type.lock,
  unlock: type.unlock,
});

/** All locks get four cache lines. */
const WW_CLASS = 3 * CACHE_LINE;

export const LOCK_KINDS: readonly LockEntry[] = [
  ...good.map((type) => spin(type)),
  spin(rwlock.write, 'rwlock', ', writing'),
  spin(rwlock.read, 'rwlock', ', reading'),
  ...sleeping(),
  {
    ...{ name: 'rtmutex', family: 'rtmutex', size: RtMutex.size, sleeps: true },
    lock: rtMutexLock,
    unlock: rtMutexUnlock,
  },
  {
    ...{ name: 'ww-mutex', family: 'ww_mutex', size: WwMutex.size, sleeps: true },
    // Its class lies behind it.
    init(cpu, at) {
      wwClassInit(cpu, at + WW_CLASS, 'wound-wait');
      wwMutexInit(cpu, at, at + WW_CLASS);
    },
    lock: (cpu, at) => wwMutexLock(cpu, at, 0),
    unlock: wwMutexUnlock,
  },
  {
    ...{ name: 'percpu-rwsem, writing', family: 'percpu_rwsem', size: PercpuRwsem.size },
    ...{ sleeps: true, init: percpuInitRwsem },
    lock: percpuDownWrite,
    unlock: percpuUpWrite,
  },
  {
    ...{ name: 'percpu-rwsem, reading', family: 'percpu_rwsem', size: PercpuRwsem.size },
    ...{ sleeps: true, init: percpuInitRwsem },
    lock: percpuDownRead,
    unlock: percpuUpRead,
  },
];

function sleeping(): LockEntry[] {
  return [
    {
      ...{ name: 'mutex', family: 'mutex', size: Mutex.size, sleeps: true },
      lock: mutexLock,
      unlock: mutexUnlock,
    },
    {
      ...{ name: 'rwsem, writing', family: 'rwsem', size: RwSem.size, sleeps: true },
      lock: downWrite,
      unlock: upWrite,
    },
    {
      ...{ name: 'rwsem, reading', family: 'rwsem', size: RwSem.size, sleeps: true },
      lock: downRead,
      unlock: upRead,
    },
  ];
}

export function lockKindNamed(name: string): LockEntry {
  const found = LOCK_KINDS.find((entry) => entry.name === name);
  if (found === undefined)
    throw new Error(`no lock ${name}; known: ${LOCK_KINDS.map((entry) => entry.name).join('; ')}`);
  return found;
}
