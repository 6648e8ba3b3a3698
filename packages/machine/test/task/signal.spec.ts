/** Signals, told in one thread. */
import { expect, test } from 'vitest';
import {
  allowSignal,
  currentTask,
  Errno,
  fatalSignalPending,
  flushSignals,
  kthreadRun,
  putTaskStruct,
  schedule,
  sendSignal,
  setCurrentState,
  Signal,
  signalPending,
  TaskState,
  tryGetTaskStruct,
} from '../../src/index.ts';
import type { Cpu, Sleeps, TaskStateCode } from '../../src/index.ts';
import { cpusInOneThread, runAll } from '../support/cpus-in-one-thread.ts';

const { SIGINT, SIGKILL } = Signal;
const { interruptible, killable, uninterruptible } = TaskState;

function* sleepOnce(cpu: Cpu, state: TaskStateCode, log: string[]): Sleeps<void> {
  setCurrentState(cpu, state);
  yield* schedule(cpu);
  log.push(fatalSignalPending(cpu) ? 'killed' : signalPending(cpu) ? 'interrupted' : 'woken');
  flushSignals(cpu);
  log.push(signalPending(cpu) ? 'pending' : 'flushed');
}

test.each<[string, TaskStateCode, number, string[]]>([
  // sleep            state            signal   what the task says
  ['interruptible', interruptible, SIGINT, ['interrupted', 'flushed']],
  ['interruptible', interruptible, SIGKILL, ['killed', 'flushed']],
  ['killable', killable, SIGINT, []],
  ['killable', killable, SIGKILL, ['killed', 'flushed']],
  ['uninterruptible', uninterruptible, SIGKILL, []],
])('%s sleep, signal %#', (_, state, signal, says) => {
  for (const sentFirst of [false, true]) {
    const [cpu, other] = cpusInOneThread(2) as [Cpu, Cpu];
    const log: string[] = [];
    const task = cpu.scheduler.start('sleeper', sleepOnce(cpu, state, log));
    if (!sentFirst) runAll([cpu]);
    expect(sendSignal(other, task, signal)).toBe(0);
    expect(signalPending(other, task)).toBe(true);
    runAll([cpu]);
    expect(log).toEqual(says);
  }
});

test('kthreads ignore what they have not allowed', () => {
  const [cpu] = cpusInOneThread(1) as [Cpu];
  const log: string[] = [];
  const fn = cpu.text.define('thread', function* (self: Cpu, allows: number): Sleeps<void> {
    if (allows !== 0) expect(allowSignal(self, allows)).toBe(0);
    yield* sleepOnce(self, interruptible, log);
  });
  for (const allows of [0, SIGINT]) {
    const task = kthreadRun(cpu, fn, allows, 'thread');
    runAll([cpu]);
    sendSignal(cpu, task, SIGKILL);
    sendSignal(cpu, task, SIGINT);
    runAll([cpu]);
  }
  expect(log).toEqual(['interrupted', 'flushed']);
});

test.each([0, 32, 1.5, NaN])('there is no signal %d', (signal) => {
  const [cpu] = cpusInOneThread(1) as [Cpu];
  expect(sendSignal(cpu, currentTask(cpu), signal)).toBe(Errno.EINVAL);
  expect(allowSignal(cpu, signal)).toBe(Errno.EINVAL);
});

test('a task that is gone', () => {
  const [cpu] = cpusInOneThread(1) as [Cpu];
  const task = cpu.scheduler.start('brief', sleepOnce(cpu, TaskState.running, []));
  tryGetTaskStruct(cpu, task);
  runAll([cpu]);
  expect(sendSignal(cpu, task, SIGINT)).toBe(0);
  putTaskStruct(cpu, task);
  expect(sendSignal(cpu, task, SIGINT)).toBe(Errno.ESRCH);
});
