import {
  currentTask,
  kthreadCreateOnCpu,
  kthreadPark,
  kthreadParkme,
  kthreadRunOnCpu,
  kthreadShouldPark,
  kthreadShouldStop,
  kthreadStop,
  kthreadUnpark,
  msleep,
  schedule,
  scheduleTimeout,
  setCurrentState,
  TaskState,
  waitForTask,
  wakeUpProcess,
  getTaskStruct,
  putTaskStruct,
} from '../../src/index.ts';
import type { Cpu, Sleeps } from '../../src/index.ts';
import { sharedScratch } from './shared.ts';

/** The CPUs pass a token round, each asleep until it comes: every hand-over is a wake-up that must not be lost. */
export function* tokenRing(cpu: Cpu, args: { rounds: number }): Sleeps<number> {
  const { memory, nrCpus } = cpu;
  const at = sharedScratch(cpu);
  const turn = at;
  const tasks = at + 128;
  const me = currentTask(cpu);
  memory.store(tasks + cpu.id * 4, me);
  const next = (cpu.id + 1) % nrCpus;
  let peer = memory.load(tasks + next * 4);
  while (peer === 0) peer = cpu.waitWhileEquals(tasks + next * 4, 0);
  cpu.unpark(tasks + cpu.id * 4);
  let slept = 0;
  for (let round = 0; round < args.rounds; round++) {
    const mine = round * nrCpus + cpu.id;
    for (;;) {
      setCurrentState(cpu, TaskState.uninterruptible);
      if (memory.load(turn) === mine) break;
      slept++;
      yield* schedule(cpu);
    }
    setCurrentState(cpu, TaskState.running);
    memory.store(turn, mine + 1);
    wakeUpProcess(cpu, peer);
  }
  return slept;
}

function* sleeper(cpu: Cpu, data: number): Sleeps<number> {
  for (;;) {
    setCurrentState(cpu, TaskState.interruptible);
    if (kthreadShouldStop(cpu)) break;
    if (kthreadShouldPark(cpu)) yield* kthreadParkme(cpu);
    else yield* schedule(cpu);
  }
  setCurrentState(cpu, TaskState.running);
  return data;
}

function* brief(cpu: Cpu, data: number): Sleeps<number> {
  yield* schedule(cpu);
  return -data;
}

export function defineThreads(cpu: Cpu): void {
  cpu.text.define('sleeper', sleeper);
  cpu.text.define('brief', brief);
  cpu.text.define('plain', (here: Cpu, data: number) => here.id * 100 + data);
}

/** On one CPU: threads on all others. */
export function* threadsEverywhere(cpu: Cpu): Sleeps<unknown> {
  const codes = {
    sleeper: [] as number[],
    brief: [] as number[],
    plain: [] as number[],
    neverRun: [] as number[],
    parked: [] as number[],
  };
  const sleeperAt = cpu.text.lookup('sleeper');
  for (let target = 0; target < cpu.nrCpus; target++) {
    const stopped = kthreadRunOnCpu(cpu, target, sleeperAt, 7, `sleeper/${target}`);
    // Parked is a sign that it runs: stopped before, it would end with -EINTR.
    yield* kthreadPark(cpu, stopped);
    codes.sleeper.push(yield* kthreadStop(cpu, stopped));
    for (const name of ['brief', 'plain'] as const) {
      const task = kthreadCreateOnCpu(cpu, target, cpu.text.lookup(name), 5, name);
      getTaskStruct(cpu, task);
      wakeUpProcess(cpu, task);
      codes[name].push(yield* waitForTask(cpu, task));
      putTaskStruct(cpu, task);
    }
    const fresh = kthreadCreateOnCpu(cpu, target, sleeperAt, 7, 'never run');
    codes.neverRun.push(yield* kthreadStop(cpu, fresh));
    const parked = kthreadRunOnCpu(cpu, target, sleeperAt, 0, 'parked');
    const first = yield* kthreadPark(cpu, parked);
    const again = yield* kthreadPark(cpu, parked);
    kthreadUnpark(cpu, parked);
    const second = yield* kthreadPark(cpu, parked);
    codes.parked.push(first, again, second, yield* kthreadStop(cpu, parked));
  }
  return codes;
}

/** All CPUs at once start and stop threads on all CPUs. */
export function* threadStorm(cpu: Cpu, args: { rounds: number }): Sleeps<number> {
  const sleeperAt = cpu.text.lookup('sleeper');
  let sum = 0;
  for (let round = 0; round < args.rounds; round++) {
    const target = (cpu.id + round) % cpu.nrCpus;
    const task = kthreadRunOnCpu(cpu, target, sleeperAt, 1, `storm ${cpu.id}.${round}`);
    if (task < 0) throw new Error(`kthreadRunOnCpu: ${task}`);
    sum += yield* kthreadStop(cpu, task);
  }
  return sum;
}

/** Looks at the condition before it announces its sleep: a wake-up in between finds it awake, and is lost. */
export function* bustedSleep(cpu: Cpu): Sleeps<void> {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  if (memory.load(at) === 0) {
    // What CPU 1 does at this moment on a bad day.
    memory.store(at, 1);
    wakeUpProcess(cpu, currentTask(cpu));
    setCurrentState(cpu, TaskState.uninterruptible);
    yield* schedule(cpu);
  }
}

/** Three ends of a timed sleep, and one that never sleeps. */
export function* timedSleeps(cpu: Cpu): Sleeps<unknown> {
  const me = currentTask(cpu);
  const before = cpu.now();
  yield* msleep(cpu, 2);
  const slept = cpu.now() - before >= 2e6;
  setCurrentState(cpu, TaskState.interruptible);
  const ranOut = yield* scheduleTimeout(cpu, 1000);
  setCurrentState(cpu, TaskState.interruptible);
  wakeUpProcess(cpu, me);
  const woken = yield* scheduleTimeout(cpu, 3600e9);
  setCurrentState(cpu, TaskState.interruptible);
  cpu.scheduler.start('waker', waker(cpu, me));
  const forEver = yield* scheduleTimeout(cpu, Infinity);
  const many = [];
  for (let i = 0; i < 50; i++) many.push(cpu.scheduler.start(`nap ${i}`, msleep(cpu, i % 3)));
  yield* msleep(cpu, 3);
  for (const task of many) yield* waitForTask(cpu, task);
  return { slept, ranOut, woken: woken > 0 && woken <= 3600e9, forEver };
}

function* waker(cpu: Cpu, task: number): Sleeps<void> {
  yield* schedule(cpu);
  wakeUpProcess(cpu, task);
}
