/** Mutexes for the validator: ours, and twins that are wrong. */
import {
  currentTask,
  flushSignals,
  schedSetFifo,
  schedule,
  sendSignal,
  Signal,
} from '@percpu/machine';
import { schedSetNormal, Task, taskPrio } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { CACHE_LINE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import {
  down,
  downTrylock,
  mutexLock,
  mutexLockInterruptible,
  mutexTrylock,
  mutexUnlock,
  rtMutexLock,
  rtMutexTimedLock,
  rtMutexTrylock,
  rtMutexUnlock,
  up,
  wwMutexLock,
  wwMutexTrylock,
  wwMutexUnlock,
} from '../../src/index.ts';
import type { SleepingLockType } from '../../src/validate/index.ts';

const good: SleepingLockType = {
  name: 'mutex',
  lock: mutexLock,
  trylock: mutexTrylock,
  unlock: mutexUnlock,
};

/** Of one unit. */
const semaphore: SleepingLockType = {
  name: 'semaphore',
  lock: down,
  trylock: downTrylock,
  unlock: up,
};

const rtMutex: SleepingLockType = {
  name: 'rt-mutex',
  lock: rtMutexLock,
  trylock: rtMutexTrylock,
  unlock: rtMutexUnlock,
};

/** Real-time tasks of three priorities, with timeouts; each has its own priority after the unlock. */
const rtMutexPriorities: SleepingLockType = {
  name: 'rt-mutex-priorities',
  *lock(cpu: Cpu, at: Ptr): Sleeps<void> {
    schedSetFifo(cpu, 1 + (cpu.memory.read(currentTask(cpu) + Task.pid) % 3));
    // Every other time in vain, now and then.
    while ((yield* rtMutexTimedLock(cpu, at, 50_000)) !== 0) yield* schedule(cpu);
  },
  trylock(cpu: Cpu, at: Ptr): boolean {
    // Who tries again and again must not be better than the holder, which may be on the same CPU: trying lends nothing.
    schedSetNormal(cpu);
    return rtMutexTrylock(cpu, at);
  },
  unlock(cpu: Cpu, at: Ptr): void {
    rtMutexUnlock(cpu, at);
    const own = cpu.memory.read(currentTask(cpu) + Task.normalPrio);
    const prio = taskPrio(cpu, currentTask(cpu));
    if (prio !== own) throw new Error(`the task has priority ${prio} after the unlock, not ${own}`);
  },
};

/** Without a context: a plain mutex. */
const wwMutex: SleepingLockType = {
  name: 'ww-mutex',
  *lock(cpu: Cpu, at: Ptr): Sleeps<void> {
    yield* wwMutexLock(cpu, at, 0);
  },
  trylock: (cpu, at) => wwMutexTrylock(cpu, at, 0),
  unlock: wwMutexUnlock,
};

/** Beside the mutex: the task that came for it last, whom each unlock interrupts. */
const WHO = CACHE_LINE;
const interruptible: SleepingLockType = {
  name: 'mutex-interruptible',
  *lock(cpu: Cpu, at: Ptr): Sleeps<void> {
    cpu.memory.store(at + WHO, currentTask(cpu));
    while ((yield* mutexLockInterruptible(cpu, at)) !== 0) flushSignals(cpu);
  },
  trylock: mutexTrylock,
  unlock(cpu: Cpu, at: Ptr): void {
    mutexUnlock(cpu, at);
    const task = cpu.memory.load(at + WHO);
    if (task !== 0) sendSignal(cpu, task, Signal.SIGINT);
  },
};

/** Takes whatever it finds once it has slept. */
const takesAfterSleep: SleepingLockType = {
  name: 'mutex-takes-after-sleep',
  *lock(cpu: Cpu, at: Ptr): Sleeps<void> {
    if (cpu.memory.exchange(at, 1) !== 0) yield* schedule(cpu);
    cpu.memory.store(at, 1);
  },
  trylock: (cpu, at) => cpu.memory.exchange(at, 1) === 0,
  unlock: (cpu, at) => cpu.memory.store(at, 0),
};

export function mutexNamed(name: string): SleepingLockType {
  const found = [
    good,
    semaphore,
    rtMutex,
    rtMutexPriorities,
    wwMutex,
    interruptible,
    takesAfterSleep,
  ].find((type) => type.name === name);
  if (found === undefined) throw new Error(`no mutex ${name}`);
  return found;
}
