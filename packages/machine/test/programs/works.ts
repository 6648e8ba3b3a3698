import {
  allocOrderedWorkqueue,
  allocWorkqueue,
  cancelDelayedWorkSync,
  cancelWorkSync,
  cpuDown,
  cpuUp,
  DelayedWork,
  destroyWorkqueue,
  drainWorkqueue,
  ExecuteWork,
  executeInProcessContext,
  flushDelayedWork,
  flushWork,
  flushWorkqueue,
  initDelayedWork,
  initWork,
  modDelayedWork,
  onEachCpu,
  queueDelayedWork,
  queueWork,
  queueWorkOn,
  schedule,
  scheduleWork,
  setCurrentState,
  smpCallFunctionSingle,
  systemWq,
  TaskState,
  wakeUpProcess,
  workPending,
  WorkStruct,
  currentTask,
} from '../../src/index.ts';
import type { Cpu, Sleeps } from '../../src/index.ts';
import { sharedScratch } from './shared.ts';

/** Scratch: counters, then a log, then works of 256 bytes each. */
const RAN = 0;
const RUNNING = 128;
const OVERLAPS = 256;
const GATE = 384;
const SLEEPER = 512;
const QUEUE = 640;
const READY = 768;
const LOG_LENGTH = 896;
const LOG = 1024;
const WORKS = 16_384;

const workAt = (cpu: Cpu, index: number): number => sharedScratch(cpu) + WORKS + index * 256;

function log(cpu: Cpu, word: number): void {
  const at = sharedScratch(cpu);
  const index = cpu.memory.fetchAdd(at + LOG_LENGTH, 1);
  cpu.memory.store(at + LOG + index * 4, word);
}

function takeLog(cpu: Cpu): number[] {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const length = memory.exchange(at + LOG_LENGTH, 0);
  return Array.from({ length }, (_, index) => index)
    .map((index) => index * 4 + at + LOG)
    .map((word) => memory.load(word));
}

/** Counts its runs, and the times it met itself. */
function* counting(cpu: Cpu, work: number): Sleeps<void> {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const inside = work + WorkStruct.size + 128;
  if (memory.fetchAdd(inside, 1) !== 0) memory.fetchAdd(at + OVERLAPS, 1);
  yield* schedule(cpu);
  memory.fetchAdd(inside, -1);
  memory.fetchAdd(at + RAN, 1);
}

function logging(cpu: Cpu, work: number): void {
  log(cpu, (work - workAt(cpu, 0)) / 256);
}

/** Sleeps until the gate is open. */
function* gated(cpu: Cpu, work: number): Sleeps<void> {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  memory.fetchAdd(at + RUNNING, 1);
  cpu.unpark(at + RUNNING);
  memory.store(at + SLEEPER, currentTask(cpu));
  for (;;) {
    setCurrentState(cpu, TaskState.uninterruptible);
    if (memory.load(at + GATE) !== 0) break;
    yield* schedule(cpu);
  }
  setCurrentState(cpu, TaskState.running);
  logging(cpu, work);
}

function openGate(cpu: Cpu): void {
  const at = sharedScratch(cpu);
  cpu.memory.store(at + GATE, 1);
  wakeUpProcess(cpu, cpu.memory.load(at + SLEEPER));
}

function* requeues(cpu: Cpu, work: number): Sleeps<void> {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const runs = memory.fetchAdd(at + RAN, 1);
  if (runs < 40) queueWork(cpu, memory.load(at + QUEUE), work);
  yield* schedule(cpu);
}

function* endless(cpu: Cpu, work: number): Sleeps<void> {
  cpu.memory.fetchAdd(sharedScratch(cpu) + RAN, 1);
  scheduleWork(cpu, work);
  yield* schedule(cpu);
}

function* flushesItself(cpu: Cpu, work: number): Sleeps<void> {
  log(cpu, (yield* flushWork(cpu, work)) ? 1 : 0);
  yield* flushWorkqueue(cpu, systemWq(cpu));
  log(cpu, 2);
}

function queueFromInterrupt(cpu: Cpu): void {
  queueWork(cpu, systemWq(cpu), workAt(cpu, 0));
  queueWork(cpu, systemWq(cpu), workAt(cpu, 1 + cpu.id));
}

function context(cpu: Cpu, work: number): void {
  log(cpu, cpu.inInterrupt() ? 99 : (work - workAt(cpu, 0)) / 256);
}

function executeFromInterrupt(cpu: Cpu): void {
  log(cpu, 10 + executeInProcessContext(cpu, cpu.text.lookup('context'), workAt(cpu, 4)));
}

export function defineWorks(cpu: Cpu): void {
  for (const fn of [counting, logging, gated, requeues, endless, flushesItself, context])
    cpu.text.define(fn.name, fn);
  for (const fn of [queueFromInterrupt, executeFromInterrupt]) cpu.text.define(fn.name, fn);
}

function init(cpu: Cpu, index: number, name: string): number {
  const work = workAt(cpu, index);
  initWork(cpu, work, cpu.text.lookup(name));
  return work;
}

/** Every CPU queues shared and own works, from tasks and from interrupts. */
export function* storm(cpu: Cpu, args: { rounds: number }): Sleeps<unknown> {
  const { memory, nrCpus } = cpu;
  const at = sharedScratch(cpu);
  if (cpu.id === 0) {
    for (let index = 0; index <= nrCpus; index++) init(cpu, index, 'counting');
    memory.store(at + READY, 1);
    cpu.unpark(at + READY);
  }
  cpu.waitWhileEquals(at + READY, 0);
  let queued = 0;
  for (let round = 0; round < args.rounds; round++) {
    if (queueWorkOn(cpu, round % nrCpus, systemWq(cpu), workAt(cpu, 0))) queued++;
    if (queueWork(cpu, systemWq(cpu), workAt(cpu, 1 + ((cpu.id + round) % nrCpus)))) queued++;
    if (round % 4 === 0) {
      cpu.preemptDisable();
      onEachCpu(cpu, cpu.text.lookup('queueFromInterrupt'), 0, true);
      cpu.preemptEnable();
    }
    if (round % 8 === 1) yield* flushWork(cpu, workAt(cpu, round % (nrCpus + 1)));
    if (round % 16 === 2) yield* cancelWorkSync(cpu, workAt(cpu, 0));
    yield* schedule(cpu);
  }
  for (let index = 0; index <= nrCpus; index++) yield* flushWork(cpu, workAt(cpu, index));
  return {
    queued: queued > 0,
    ran: memory.load(at + RAN) > 0,
    overlaps: memory.load(at + OVERLAPS),
  };
}

export function* orderedQueue(cpu: Cpu, args: { works: number }): Sleeps<number[]> {
  const ordered = allocOrderedWorkqueue(cpu, 'ordered');
  for (let index = 0; index < args.works; index++) {
    queueWorkOn(cpu, index % cpu.nrCpus, ordered, init(cpu, index, 'logging'));
  }
  yield* destroyWorkqueue(cpu, ordered);
  return takeLog(cpu);
}

export function* sleepersDoNotBlock(cpu: Cpu): Sleeps<unknown> {
  const at = sharedScratch(cpu);
  const queue = allocWorkqueue(cpu, 'mine', { maxActive: 1 });
  const gate = init(cpu, 0, 'gated');
  queueWork(cpu, queue, gate);
  while (cpu.memory.load(at + RUNNING) === 0) yield* schedule(cpu);
  // Another queue's work goes on while this one sleeps; this queue's has to wait (maxActive).
  const other = init(cpu, 1, 'logging');
  const same = init(cpu, 2, 'logging');
  queueWork(cpu, queue, same);
  scheduleWork(cpu, other);
  yield* flushWork(cpu, other);
  const before = takeLog(cpu);
  const pending = [workPending(cpu, gate), workPending(cpu, same)];
  // Waits behind its own running instance, though its queue would allow it elsewhere.
  const requeued = queueWorkOn(cpu, (cpu.id + 1) % cpu.nrCpus, queue, gate);
  openGate(cpu);
  yield* flushWorkqueue(cpu, queue);
  const after = takeLog(cpu);
  yield* destroyWorkqueue(cpu, queue);
  return { before, pending, requeued, after };
}

export function* cancels(cpu: Cpu): Sleeps<unknown> {
  const at = sharedScratch(cpu);
  const queue = allocWorkqueue(cpu, 'one at a time', { maxActive: 1 });
  const gate = init(cpu, 0, 'gated');
  queueWork(cpu, queue, gate);
  while (cpu.memory.load(at + RUNNING) === 0) yield* schedule(cpu);
  const waiting = init(cpu, 1, 'logging');
  queueWork(cpu, queue, waiting);
  const twice = queueWork(cpu, queue, waiting);
  const cancelled = [yield* cancelWorkSync(cpu, waiting), yield* cancelWorkSync(cpu, waiting)];
  openGate(cpu);
  const whileRunning = yield* cancelWorkSync(cpu, gate);
  const loop = init(cpu, 2, 'endless');
  scheduleWork(cpu, loop);
  while (cpu.memory.load(at + RAN) < 10) yield* schedule(cpu);
  yield* cancelWorkSync(cpu, loop);
  const runs = cpu.memory.load(at + RAN);
  yield* flushWorkqueue(cpu, systemWq(cpu));
  const stopped = cpu.memory.load(at + RAN) === runs && !workPending(cpu, loop);
  yield* destroyWorkqueue(cpu, queue);
  return { twice, cancelled, whileRunning, stopped, log: takeLog(cpu) };
}

export function* drains(cpu: Cpu): Sleeps<unknown> {
  const at = sharedScratch(cpu);
  const queue = allocWorkqueue(cpu, 'chain');
  cpu.memory.store(at + QUEUE, queue);
  queueWork(cpu, queue, init(cpu, 0, 'requeues'));
  const drained = drainWorkqueue(cpu, queue);
  drained.next();
  const refused = queueWork(cpu, queue, init(cpu, 1, 'logging'));
  yield* drained;
  return { runs: cpu.memory.load(at + RAN), refused, log: takeLog(cpu) };
}

export function* flushesOwn(cpu: Cpu): Sleeps<number[]> {
  const work = init(cpu, 0, 'flushesItself');
  scheduleWork(cpu, work);
  yield* flushWork(cpu, work);
  return takeLog(cpu);
}

export function* delayed(cpu: Cpu): Sleeps<unknown> {
  const dwork = workAt(cpu, 5);
  const hour = 3600e9;
  initDelayedWork(cpu, dwork, cpu.text.lookup('logging'));
  const queue = systemWq(cpu);
  const steps: unknown[] = [];
  steps.push([
    'at once',
    queueDelayedWork(cpu, queue, dwork, 0),
    yield* flushWork(cpu, dwork),
    takeLog(cpu),
  ]);
  steps.push([
    'later',
    queueDelayedWork(cpu, queue, dwork, hour),
    queueDelayedWork(cpu, queue, dwork, 0),
  ]);
  steps.push([
    'cancel',
    yield* cancelDelayedWorkSync(cpu, dwork),
    yield* cancelDelayedWorkSync(cpu, dwork),
    takeLog(cpu),
  ]);
  queueDelayedWork(cpu, queue, dwork, hour);
  steps.push(['flush', yield* flushDelayedWork(cpu, dwork), takeLog(cpu)]);
  queueDelayedWork(cpu, queue, dwork, hour);
  steps.push(['sooner', modDelayedWork(cpu, queue, dwork, 1000)]);
  while (workPending(cpu, dwork)) yield* schedule(cpu);
  yield* flushWork(cpu, dwork);
  steps.push(['ran', takeLog(cpu), workPending(cpu, dwork)]);
  return [DelayedWork.size <= 256, ...steps];
}

export function* processContext(cpu: Cpu): Sleeps<unknown> {
  const direct = executeInProcessContext(
    cpu,
    cpu.text.lookup('context'),
    workAt(cpu, 3) + 0 * ExecuteWork.size,
  );
  smpCallFunctionSingle(cpu, 1, cpu.text.lookup('executeFromInterrupt'), 0, true);
  yield* flushWork(cpu, workAt(cpu, 4));
  return [direct, ...takeLog(cpu)];
}

/** CPU 0 takes the others down and up while they queue works. */
export function* hotplugUnderLoad(cpu: Cpu, args: { rounds: number }): Sleeps<unknown> {
  const { memory, nrCpus } = cpu;
  const at = sharedScratch(cpu);
  if (cpu.id !== 0) {
    cpu.waitWhileEquals(at + READY, 0);
    for (let round = 0; memory.load(at + GATE) === 0; round++) {
      queueWorkOn(cpu, round % nrCpus, systemWq(cpu), workAt(cpu, cpu.id));
      queueWorkOn(cpu, round % nrCpus, memory.load(at + QUEUE), workAt(cpu, nrCpus));
      yield* schedule(cpu);
    }
    return 0;
  }
  for (let index = 0; index <= nrCpus; index++) init(cpu, index, 'counting');
  memory.store(at + QUEUE, allocOrderedWorkqueue(cpu, 'ordered'));
  memory.store(at + READY, 1);
  cpu.unpark(at + READY);
  const codes = new Set<number>();
  for (let round = 0; round < args.rounds; round++) {
    const target = 1 + (round % (nrCpus - 1));
    codes.add(yield* cpuDown(cpu, target));
    yield* schedule(cpu);
    codes.add(yield* cpuUp(cpu, target));
  }
  memory.store(at + GATE, 1);
  for (let index = 0; index <= nrCpus; index++) yield* flushWork(cpu, workAt(cpu, index));
  return {
    codes: [...codes],
    ran: memory.load(at + RAN) > 0,
    overlaps: memory.load(at + OVERLAPS),
  };
}
