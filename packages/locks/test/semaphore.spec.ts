/** Semaphores, signals and timeouts, in one thread: tasks take turns in an order that the test chose. */
import { Errno, flushSignals, sendSignal, Signal } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { memblockAlloc } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import {
  Completion,
  down,
  downInterruptible,
  downKillable,
  downTimeout,
  downTrylock,
  initCompletion,
  Mutex,
  mutexInit,
  mutexIsLocked,
  mutexLock,
  mutexLockInterruptible,
  mutexLockKillable,
  mutexUnlock,
  semaCount,
  semaInit,
  Semaphore,
  up,
  waitEventInterruptible,
  waitEventKillable,
  waitForCompletionInterruptible,
  waitForCompletionKillable,
  WaitQueue,
} from '../src/index.ts';
import { cpusInOneThread, runAll, start } from './support/one-thread.ts';

const { SIGINT, SIGKILL } = Signal;

describe('semaphore', () => {
  const setup = (count: number): { cpu: Cpu; at: number } => {
    const [cpu] = cpusInOneThread(1) as [Cpu];
    const at = memblockAlloc(cpu.memory, Semaphore.size);
    semaInit(cpu, at, count);
    return { cpu, at };
  };

  test('a unit goes to the first that waits, not to whoever comes', () => {
    const { cpu, at } = setup(0);
    const log: string[] = [];
    const takes = function* (name: string): Sleeps<void> {
      yield* down(cpu, at);
      log.push(name);
    };
    for (const name of ['a', 'b']) start(cpu, name, takes(name));
    runAll([cpu]);
    up(cpu, at);
    expect(downTrylock(cpu, at)).toBe(false);
    runAll([cpu]);
    expect(log).toEqual(['a']);
    up(cpu, at);
    up(cpu, at);
    runAll([cpu]);
    expect([log, semaCount(cpu, at)]).toEqual([['a', 'b'], 1]);
  });

  test('no time', () => {
    const { cpu, at } = setup(0);
    expect(cpu.block(downTimeout(cpu, at, 0))).toBe(Errno.ETIME);
    up(cpu, at);
    expect(cpu.block(downTimeout(cpu, at, 0))).toBe(0);
  });

  test.each([-1, 0.5, 2 ** 31, NaN])('no semaphore has %d units', (count) => {
    expect(() => setup(count)).toThrow(/units; accepted are whole numbers from 0 to 2\^31 − 1/);
  });
});

type Waits = (cpu: Cpu, at: number) => Sleeps<number>;
const never = (): boolean => false;

describe('a signal ends the wait', () => {
  const size = Math.max(Mutex.size, Semaphore.size, Completion.size, WaitQueue.size);
  const none = (): void => {};
  const held = (cpu: Cpu, at: number): void => {
    mutexInit(cpu, at);
    cpu.block(mutexLock(cpu, at));
  };
  const empty = (cpu: Cpu, at: number): void => semaInit(cpu, at, 0);
  const { EINTR, ERESTARTSYS } = Errno;
  test.each<
    [string, (cpu: Cpu, at: number) => void, Waits, signal: number, result: number | undefined]
  >([
    // wait                           before           waits                                          signal   answers
    ['mutexLockInterruptible', held, mutexLockInterruptible, SIGINT, EINTR],
    ['mutexLockKillable', held, mutexLockKillable, SIGINT, undefined],
    ['mutexLockKillable', held, mutexLockKillable, SIGKILL, EINTR],
    ['downInterruptible', empty, downInterruptible, SIGINT, EINTR],
    ['downKillable', empty, downKillable, SIGINT, undefined],
    ['downKillable', empty, downKillable, SIGKILL, EINTR],
    [
      'waitForCompletionInterruptible',
      initCompletion,
      waitForCompletionInterruptible,
      SIGINT,
      ERESTARTSYS,
    ],
    ['waitForCompletionKillable', initCompletion, waitForCompletionKillable, SIGINT, undefined],
    ['waitForCompletionKillable', initCompletion, waitForCompletionKillable, SIGKILL, ERESTARTSYS],
    [
      'waitEventInterruptible',
      none,
      (cpu, at) => waitEventInterruptible(cpu, at, never),
      SIGINT,
      ERESTARTSYS,
    ],
    ['waitEventKillable', none, (cpu, at) => waitEventKillable(cpu, at, never), SIGINT, undefined],
    [
      'waitEventKillable',
      none,
      (cpu, at) => waitEventKillable(cpu, at, never),
      SIGKILL,
      ERESTARTSYS,
    ],
  ])('%s', (_, before, waits, signal, result) => {
    const [cpu, other] = cpusInOneThread(2) as [Cpu, Cpu];
    const at = memblockAlloc(cpu.memory, size, 64);
    before(other, at);
    let answer: number | undefined;
    const task = cpu.scheduler.start(
      'waiter',
      (function* (): Sleeps<void> {
        answer = yield* waits(cpu, at);
        flushSignals(cpu);
      })(),
    );
    runAll([cpu]);
    expect(sendSignal(other, task, signal)).toBe(0);
    runAll([cpu]);
    expect(answer).toBe(result);
  });

  test('one that was sent before, and only if there is need to wait', () => {
    const [cpu, other] = cpusInOneThread(2) as [Cpu, Cpu];
    const at = memblockAlloc(cpu.memory, Mutex.size);
    mutexInit(cpu, at);
    const answers: number[] = [];
    const task = cpu.scheduler.start(
      'taker',
      (function* (): Sleeps<void> {
        answers.push(yield* mutexLockInterruptible(cpu, at));
        mutexUnlock(cpu, at);
        other.block(mutexLock(other, at));
        answers.push(yield* mutexLockInterruptible(cpu, at));
      })(),
    );
    sendSignal(other, task, SIGINT);
    runAll([cpu]);
    expect(answers).toEqual([0, Errno.EINTR]);
    expect(mutexIsLocked(cpu, at)).toBe(true);
  });
});
