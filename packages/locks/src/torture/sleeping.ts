/** Locks whose waiters sleep: several tasks on each CPU, which may sleep while they hold the lock. */
import { torture } from '@percpu/experiment';
import type { Torture } from '@percpu/experiment';
import {
  condResched,
  currentTask,
  DEFAULT_PRIO,
  flushSignals,
  schedSetFifo,
  schedSetNormal,
  sendSignal,
  Signal,
  Task,
  taskPrio,
} from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, LayoutInfo, Ptr } from '@percpu/memory';
import {
  Mutex,
  mutexInit,
  mutexLock,
  mutexLockInterruptible,
  mutexTrylock,
  mutexUnlock,
} from '../sleeping/mutex.ts';
import { down, downTrylock, semaInit, Semaphore, up } from '../sleeping/semaphore.ts';
import {
  RtMutex,
  rtMutexInit,
  rtMutexLock,
  rtMutexTrylock,
  rtMutexUnlock,
} from '../sleeping/rt-mutex/index.ts';
import type { BustedTwin } from './busted-twin.ts';
import { exclusiveSection, GuardedWords, verifySections } from './guarded-words.ts';

export interface SleepingType {
  readonly name: string;
  readonly layout: LayoutInfo;
  readonly init: (cpu: Cpu, lock: Ptr) => void;
  readonly lock: (cpu: Cpu, lock: Ptr) => Sleeps<void>;
  readonly trylock: (cpu: Cpu, lock: Ptr) => boolean;
  readonly unlock: (cpu: Cpu, lock: Ptr) => void;
}

const TASKS = 3;

const lockAt = (at: Ptr): Ptr => at + GuardedWords.size;

export function sleepingTorture(type: SleepingType, twin?: BustedTwin): Torture {
  return torture<Cpu>({
    name: twin?.name ?? `${type.name}-torture`,
    title: `${type.name}, ${TASKS} tasks on each CPU`,
    description:
      twin?.wrong ??
      'One at a time, whoever comes: tasks that wait, tasks that only try, holders that give their CPU away.',
    ...(twin === undefined ? {} : { mustFail: twin.mustFail }),
    tasks: TASKS,
    setup(cpu, { alloc }) {
      const at = alloc(GuardedWords.size + type.layout.size, GuardedWords.align);
      type.init(cpu, lockAt(at));
      cpu.memory.describe(at, GuardedWords);
      return at;
    },
    *round(cpu, at, { random }): Sleeps<void> {
      const lock = lockAt(at);
      if (random.below(4) !== 0) yield* type.lock(cpu, lock);
      else if (!type.trylock(cpu, lock)) return;
      exclusiveSection(cpu, at, random.below(200));
      if (random.below(4) === 0) yield* condResched(cpu);
      type.unlock(cpu, lock);
    },
    verify: verifySections,
  });
}

export const mutexType: SleepingType = {
  name: 'mutex',
  layout: Mutex,
  init: mutexInit,
  lock: mutexLock,
  trylock: mutexTrylock,
  unlock: mutexUnlock,
};

/** Anybody may give its unit back; here it is whoever took it. */
const semaphoreType: SleepingType = {
  name: 'semaphore',
  layout: Semaphore,
  init: (cpu, lock) => semaInit(cpu, lock, 1),
  lock: down,
  trylock: downTrylock,
  unlock: up,
};

const signalledFields = { mutex: Mutex, /** Who came last. */ who: 'ptr' } as const;
const Signalled: Layout<Record<'mutex' | 'who', unknown>> = layout(signalledFields, {
  name: 'SignalledMutex',
});

/** Every unlock interrupts the task that came last, which waits or does not. */
const interruptibleType: SleepingType = {
  name: 'mutex-interruptible',
  layout: Signalled,
  init: (cpu, lock) => mutexInit(cpu, lock + Signalled.mutex),
  *lock(cpu: Cpu, lock: Ptr): Sleeps<void> {
    cpu.memory.store(lock + Signalled.who, currentTask(cpu));
    while ((yield* mutexLockInterruptible(cpu, lock + Signalled.mutex)) !== 0) flushSignals(cpu);
  },
  trylock: (cpu, lock) => mutexTrylock(cpu, lock + Signalled.mutex),
  unlock(cpu: Cpu, lock: Ptr): void {
    mutexUnlock(cpu, lock + Signalled.mutex);
    const task = cpu.memory.load(lock + Signalled.who);
    if (task !== 0) sendSignal(cpu, task, Signal.SIGINT);
  },
};

/** Tasks of three priorities; who holds it has its own again after the unlock. */
const rtMutexType: SleepingType = {
  name: 'rt-mutex',
  layout: RtMutex,
  init: rtMutexInit,
  *lock(cpu: Cpu, lock: Ptr): Sleeps<void> {
    schedSetFifo(cpu, 1 + (cpu.memory.read(currentTask(cpu) + Task.pid) % 3));
    yield* rtMutexLock(cpu, lock);
  },
  trylock: rtMutexTrylock,
  unlock(cpu: Cpu, lock: Ptr): void {
    rtMutexUnlock(cpu, lock);
    schedSetNormal(cpu);
    const prio = taskPrio(cpu, currentTask(cpu));
    if (prio !== DEFAULT_PRIO) throw new Error(`a normal task has priority ${prio}`);
  },
};

export const sleepingTortures: readonly Torture[] = [
  mutexType,
  interruptibleType,
  rtMutexType,
  semaphoreType,
].map((type) => sleepingTorture(type));
