/** Programs in which tasks on many CPUs sleep and wake each other. */
import { Errno, schedule, smpCallFunctionSingle } from '@percpu/machine';
import type { Cpu, LockHooks, Sleeps } from '@percpu/machine';
import { CACHE_LINE } from '@percpu/memory';
import {
  complete,
  downTimeout,
  mutexLock,
  mutexUnlock,
  percpuCounterAddBatch,
  percpuCounterInit,
  thisCpuInc,
  ticket,
  up,
  waitEventExclusive,
  waitEventTimeout,
  waitForCompletion,
  waitForCompletionTimeout,
  wakeUp,
} from '../../src/index.ts';
import { validateSleepingLock } from '../../src/validate/index.ts';
import type { SpinVerdict } from '../../src/validate/index.ts';
import { mutexNamed } from '../support/mutexes.ts';

export interface MutexArgs {
  readonly type: string;
  readonly lock: number;
  readonly arena: number;
  readonly tasks: number;
  readonly rounds: number;
}

/** `tasks` tasks on this CPU; returns what all of them saw. */
export function* mutex(cpu: Cpu, { type, tasks, ...rest }: MutexArgs): Sleeps<SpinVerdict[]> {
  const run = { ...rest, type: mutexNamed(type) };
  const verdicts: SpinVerdict[] = [];
  for (let i = 0; i < tasks; i++) {
    cpu.scheduler.start(`task ${i}`, validateSleepingLock(cpu, run), (outcome) => {
      if (!outcome.ok) throw outcome.error;
      verdicts.push(outcome.value as SpinVerdict);
    });
  }
  while (verdicts.length < tasks) yield* schedule(cpu);
  return verdicts;
}

/** A plain program: it has no generator of its own and blocks its CPU. */
export function plainMutex(
  cpu: Cpu,
  { lock, data, rounds }: { lock: number; data: number; rounds: number },
): void {
  for (let round = 0; round < rounds; round++) {
    cpu.block(mutexLock(cpu, lock));
    cpu.memory.write(data, cpu.memory.read(data) + 1);
    mutexUnlock(cpu, lock);
  }
}

/** CPU n waits for completion n, then completes n + 1: a token goes round. Returns the rounds it saw. */
export function* tokenRing(
  cpu: Cpu,
  { at, stride, cpus, rounds }: { at: number; stride: number; cpus: number; rounds: number },
): Sleeps<number> {
  for (let round = 0; round < rounds; round++) {
    yield* waitForCompletion(cpu, at + cpu.id * stride);
    complete(cpu, at + ((cpu.id + 1) % cpus) * stride);
  }
  return rounds;
}

interface QueueArgs {
  readonly queue: number;
  readonly items: number;
  readonly taken: number;
  readonly total: number;
}

/** Even CPUs put items, odd ones take them one by one, waiting exclusively. Returns how many this one moved. */
export function* producersConsumers(
  cpu: Cpu,
  { queue, items, taken, total }: QueueArgs,
): Sleeps<number> {
  const { memory } = cpu;
  const tryTake = (): boolean => {
    let seen = memory.load(items);
    while (seen !== 0) {
      const now = memory.compareExchange(items, seen, seen - 1);
      if (now === seen) return true;
      seen = now;
    }
    return memory.load(taken) >= total;
  };
  let moved = 0;
  if (cpu.id % 2 === 0) {
    for (; moved < total / (cpu.nrCpus / 2); moved++) {
      memory.fetchAdd(items, 1);
      wakeUp(cpu, queue);
    }
    return moved;
  }
  while (memory.load(taken) < total) {
    yield* waitEventExclusive(cpu, queue, tryTake);
    if (memory.fetchAdd(taken, 1) < total) moved++;
    // The last item: whoever still waits has nothing to wait for.
    if (memory.load(taken) >= total) wakeUp(cpu, queue);
  }
  return moved;
}

/** CPU 0 completes from a hard interrupt on CPU 1, where the waiter is. */
export function* completedByInterrupt(cpu: Cpu, { at }: { at: number }): Sleeps<string> {
  const fn = cpu.text.define('completeInInterrupt', (self, completion) =>
    complete(self, completion),
  );
  const ready = at + CACHE_LINE;
  if (cpu.id === 0) {
    cpu.waitWhileEquals(ready, 0);
    smpCallFunctionSingle(cpu, 1, fn, at, true);
    return 'sent';
  }
  cpu.memory.store(ready, 1);
  cpu.unpark(ready);
  yield* waitForCompletion(cpu, at);
  return 'passed';
}

/** What the timeouts answer when nobody comes, and when it happened before. */
export function* timeouts(
  cpu: Cpu,
  { completion, queue, semaphore }: { completion: number; queue: number; semaphore: number },
): Sleeps<boolean[]> {
  const started = cpu.now();
  const inVain = yield* waitForCompletionTimeout(cpu, completion, 2e6);
  const early = cpu.now() - started < 2e6;
  const never = yield* waitEventTimeout(cpu, queue, () => false, 1e6);
  complete(cpu, completion);
  const left = yield* waitForCompletionTimeout(cpu, completion, 60e9);
  const true0 = yield* waitEventTimeout(cpu, queue, () => true, 0);
  const noUnit = yield* downTimeout(cpu, semaphore, 1e6);
  up(cpu, semaphore);
  const unit = yield* downTimeout(cpu, semaphore, 60e9);
  return [
    ...[inVain === 0, early, never === 0, left > 50e9, true0 >= 1],
    ...[noUnit === Errno.ETIME, unit === 0],
  ];
}

export function initCounter(cpu: Cpu, { counter }: { counter: number }): void {
  percpuCounterInit(cpu, counter, 7);
}

/** Counts in two ways. */
export function count(
  cpu: Cpu,
  { counter, simple, rounds }: { counter: number; simple: number; rounds: number },
): void {
  for (let round = 0; round < rounds; round++) {
    percpuCounterAddBatch(cpu, counter, cpu.id % 2 === 0 ? 3 : -1, 10);
    thisCpuInc(cpu, simple);
  }
}

/** CPU 0 holds a lock until CPU 1 has said that it has to wait for it. Returns what CPU 1's hooks heard. */
export function contended(cpu: Cpu, { lock }: { lock: number }): string[] {
  const { memory } = cpu;
  const stage = lock + CACHE_LINE;
  const calls: string[] = [];
  const note = (event: string) => (): void => {
    calls.push(event);
    if (event !== 'contended') return;
    memory.store(stage, 2);
    cpu.unpark(stage);
  };
  if (cpu.id === 0) {
    ticket.lock(cpu, lock);
    memory.store(stage, 1);
    cpu.unpark(stage);
    cpu.waitUntilEquals(stage, 2);
    ticket.unlock(cpu, lock);
    return calls;
  }
  cpu.waitWhileEquals(stage, 0);
  const hooks: LockHooks = {
    ...{ acquire: note('acquire'), contended: note('contended') },
    ...{ acquired: note('acquired'), release: note('release') },
  };
  cpu.lockHooks = hooks;
  ticket.lock(cpu, lock);
  ticket.unlock(cpu, lock);
  cpu.lockHooks = null;
  return calls;
}
