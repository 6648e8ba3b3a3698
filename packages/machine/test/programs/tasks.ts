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
  schedule,
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
