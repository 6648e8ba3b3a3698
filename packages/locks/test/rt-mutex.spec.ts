/** rt-mutex and ww_mutex in one thread: what explorations are too small for. */
import { attachCpu, bringUpMachine, Errno, onlineCpu, readDmesg, schedule } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { createMemory, memblockAlloc } from '@percpu/memory';
import { expect, test } from 'vitest';
import {
  RtMutex,
  rtMutexLockInterruptible,
  rtMutexTimedLock,
  rtMutexUnlock,
  WwAcquireCtx,
  wwAcquireInit,
  WwClass,
  wwClassInit,
  WwMutex,
  wwMutexLock,
  wwMutexUnlock,
} from '../src/index.ts';
import { cpusInOneThread, runAll, start } from './support/one-thread.ts';

/** Task n holds lock n and waits for lock n − 1. */
test.each([
  { tasks: 1026, last: 'waits' },
  { tasks: 1027, last: Errno.EDEADLK },
])('a chain of $tasks tasks: the last one $last', ({ tasks, last }) => {
  const memory = createMemory({ bytes: 32 << 20, backend: 'atomics', checked: false });
  bringUpMachine(memory, { cpus: 1, parameters: { 'tasks.max': 2048 } });
  const cpu = attachCpu(memory, 0);
  onlineCpu(cpu);
  const locks = memblockAlloc(memory, tasks * RtMutex.size, RtMutex.align);
  const results: (number | 'waits')[] = [];
  const link = function* (n: number): Sleeps<void> {
    yield* rtMutexLockInterruptible(cpu, locks + n * RtMutex.size);
    if (n === 0) for (;;) yield* schedule(cpu);
    results[n] = 'waits';
    results[n] = yield* rtMutexLockInterruptible(cpu, locks + (n - 1) * RtMutex.size);
  };
  for (let n = 0; n < tasks; n++) {
    start(cpu, `link ${n}`, link(n));
    for (let turn = 0; turn < 2; turn++) cpu.scheduler.runNext();
  }
  expect(results.at(-1)).toBe(last);
  const said = readDmesg(memory, cpu.machine.dmesg).lines.map(({ text }) => text);
  expect(
    said.some((text) => text.includes('Maximum lock depth 1024 reached task: link 1026')),
  ).toBe(last !== 'waits');
});

test('a time limit that is none', () => {
  const [cpu] = cpusInOneThread(1) as [Cpu];
  const at = memblockAlloc(cpu.memory, RtMutex.size);
  expect(() => rtMutexTimedLock(cpu, at, -1)).toThrow(/-1 ns; accepted are numbers from 0/);
  expect(() => rtMutexUnlock(cpu, at)).toThrow(/rtmutex/);
});

test('stamps go on beyond 32 bits: the older context stays the older one', () => {
  const cpus = cpusInOneThread(2) as [Cpu, Cpu];
  const [cpu] = cpus;
  const alloc = (size: number): number => memblockAlloc(cpu.memory, size, 128);
  const wwClass = alloc(WwClass.size);
  wwClassInit(cpu, wwClass, 'wait-die');
  cpu.memory.store64(wwClass + WwClass.stamp, 2 ** 32 - 2);
  const locks = [alloc(WwMutex.size), alloc(WwMutex.size)] as const;
  const log: string[] = [];
  const takesBoth = function* (self: Cpu, name: string, first: number): Sleeps<void> {
    const ctx = alloc(WwAcquireCtx.size);
    wwAcquireInit(self, ctx, wwClass);
    yield* wwMutexLock(self, locks[first]!, ctx);
    for (let turn = 0; turn < 4; turn++) yield* schedule(self);
    const result = yield* wwMutexLock(self, locks[1 - first]!, ctx);
    log.push(`${name} ${result}`);
    if (result === 0) wwMutexUnlock(self, locks[1 - first]!);
    wwMutexUnlock(self, locks[first]!);
  };
  start(cpus[0], 'older', takesBoth(cpus[0], 'older', 0));
  cpus[0].scheduler.runNext();
  start(cpus[1], 'younger', takesBoth(cpus[1], 'younger', 1));
  runAll(cpus);
  expect(log).toEqual([`younger ${Errno.EDEADLK}`, 'older 0']);
});
