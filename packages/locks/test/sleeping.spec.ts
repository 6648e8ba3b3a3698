/** Mutex, completion and wait queue, in one thread: tasks take turns in an order that the test chose. */
import { schedule } from '@percpu/machine';
import type { Cpu, LockHooks, LockKindInfo, Sleeps } from '@percpu/machine';
import { memblockAlloc } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import {
  complete,
  completeAll,
  Completion,
  completionDone,
  finishWait,
  initWait,
  initWaitQueue,
  Mutex,
  mutexInit,
  mutexIsLocked,
  mutexLock,
  mutexTrylock,
  mutexUnlock,
  prepareToWait,
  reinitCompletion,
  tryWaitForCompletion,
  waitEvent,
  waitEventExclusive,
  waitForCompletion,
  WaitQueue,
  waitQueueActive,
  wakeUp,
  wakeUpAll,
  wakeUpNr,
} from '../src/index.ts';
import { cpusInOneThread, runAll, start } from './support/one-thread.ts';

describe('mutex', () => {
  const holdFor = function* (
    cpu: Cpu,
    at: number,
    turns: number,
    log: string[],
    name: string,
  ): Sleeps<void> {
    yield* mutexLock(cpu, at);
    log.push(`${name} in`);
    for (let turn = 0; turn < turns; turn++) yield* schedule(cpu);
    log.push(`${name} out`);
    mutexUnlock(cpu, at);
  };

  test('waiters sleep, and get it in the order in which they came', () => {
    const cpus = cpusInOneThread(3) as [Cpu, Cpu, Cpu];
    const at = memblockAlloc(cpus[0].memory, Mutex.size);
    mutexInit(cpus[0], at);
    const log: string[] = [];
    start(cpus[0], 'a', holdFor(cpus[0], at, 5, log, 'a'));
    start(cpus[1], 'b', holdFor(cpus[1], at, 1, log, 'b'));
    start(cpus[2], 'c', holdFor(cpus[2], at, 1, log, 'c'));
    start(cpus[0], 'd', holdFor(cpus[0], at, 1, log, 'd'));
    runAll(cpus);
    expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out', 'd in', 'd out']);
    expect(cpus[0].memory.load(at + Mutex.owner)).toBe(0);
  });

  test('a waiter is overtaken at most once: then the lock is handed to it', () => {
    const cpus = cpusInOneThread(2) as [Cpu, Cpu];
    const at = memblockAlloc(cpus[0].memory, Mutex.size);
    const log: string[] = [];
    start(
      cpus[0],
      'greedy',
      (function* (): Sleeps<void> {
        for (let round = 0; round < 6; round++) {
          yield* holdFor(cpus[0], at, 2, log, 'greedy');
        }
      })(),
    );
    start(cpus[1], 'patient', holdFor(cpus[1], at, 0, log, 'patient'));
    runAll(cpus);
    expect(log.indexOf('patient in')).toBeGreaterThan(0);
    expect(
      log.slice(0, log.indexOf('patient in')).filter((line) => line === 'greedy in').length,
    ).toBeLessThanOrEqual(2);
    expect(log).toHaveLength(14);
  });

  test('free: no task switch, no generator of its own', () => {
    const [cpu] = cpusInOneThread(1, { checked: false }) as [Cpu];
    const at = memblockAlloc(cpu.memory, Mutex.size);
    expect(mutexLock(cpu, at).next()).toEqual({ done: true, value: undefined });
    expect(mutexIsLocked(cpu, at)).toBe(true);
    expect(mutexTrylock(cpu, at)).toBe(false);
    mutexUnlock(cpu, at);
    expect(mutexTrylock(cpu, at)).toBe(true);
    mutexUnlock(cpu, at);
    expect(mutexIsLocked(cpu, at)).toBe(false);
  });

  test('a plain caller blocks, and other tasks of its CPU run meanwhile', () => {
    const cpus = cpusInOneThread(1) as [Cpu];
    const [cpu] = cpus;
    const at = memblockAlloc(cpu.memory, Mutex.size);
    const log: string[] = [];
    start(cpu, 'task', holdFor(cpu, at, 3, log, 'task'));
    cpu.scheduler.runNext();
    cpu.block(mutexLock(cpu, at));
    log.push('plain in');
    mutexUnlock(cpu, at);
    expect(log).toEqual(['task in', 'task out', 'plain in']);
  });

  test.each<[string, (cpu: Cpu, at: number) => void, RegExp]>([
    [
      'taken twice',
      (cpu, at) => {
        cpu.block(mutexLock(cpu, at));
        cpu.block(mutexLock(cpu, at));
      },
      /mutex recursion/,
    ],
    [
      'released when free',
      (cpu, at) => mutexUnlock(cpu, at),
      /BUG: mutex already unlocked on CPU#0, swapper.0\/0, lock: mutex 0x/,
    ],
    [
      'taken with preemption off',
      (cpu, at) => {
        cpu.preemptDisable();
        mutexLock(cpu, at).next();
      },
      /sleeping function called from invalid context/,
    ],
    [
      'taken in an interrupt',
      (cpu, at) => {
        cpu.preemptCountAdd(0x10000);
        mutexTrylock(cpu, at);
      },
      /mutexTrylock in an interrupt|Fatal exception in interrupt/,
    ],
  ])('%s is a report', (_, mistake, message) => {
    const [cpu] = cpusInOneThread(1) as [Cpu];
    expect(() => mistake(cpu, memblockAlloc(cpu.memory, Mutex.size))).toThrow(message);
  });

  test('released by another task', () => {
    const cpus = cpusInOneThread(1) as [Cpu];
    const at = memblockAlloc(cpus[0].memory, Mutex.size);
    start(cpus[0], 'holder', holdFor(cpus[0], at, 1, [], ''));
    cpus[0].scheduler.runNext();
    expect(() => mutexUnlock(cpus[0], at)).toThrow(
      /BUG: mutex wrong owner on CPU#0.*\.owner: holder\/2, \.owner_cpu: 0/,
    );
  });

  test('hooks', () => {
    const cpus = cpusInOneThread(1) as [Cpu];
    const [cpu] = cpus;
    const at = memblockAlloc(cpu.memory, Mutex.size);
    const calls: string[] = [];
    const note =
      (event: string) =>
      (lock: number, { name }: LockKindInfo) => {
        if (name === 'mutex' && lock === at) calls.push(event);
      };
    const hooks: LockHooks = {
      ...{ acquire: note('acquire'), contended: note('contended') },
      ...{ acquired: note('acquired'), release: note('release') },
    };
    cpu.lockHooks = hooks;
    start(cpu, 'first', holdFor(cpu, at, 1, [], ''));
    start(cpu, 'second', holdFor(cpu, at, 0, [], ''));
    runAll(cpus);
    expect(calls).toEqual([
      ...['acquire', 'acquired'],
      ...['acquire', 'contended'],
      ...['release', 'acquired', 'release'],
    ]);
  });
});

describe('completion', () => {
  function* passes(cpu: Cpu, at: number, log: string[], name: string): Sleeps<void> {
    yield* waitForCompletion(cpu, at);
    log.push(name);
  }

  // prettier-ignore
  test.each<[string, number, (cpu: Cpu, at: number) => void, string[], boolean]>([
    // case                     waiters  what happens                                            who passes       done after
    ['nothing',                 2,       () => undefined,                                        [],              false],
    ['one complete',            3,       (cpu, at) => complete(cpu, at),                         ['0'],           false],
    ['two completes',           3,       (cpu, at) => { complete(cpu, at); complete(cpu, at); },    ['0', '1'],      false],
    ['more than wait',          1,       (cpu, at) => { complete(cpu, at); complete(cpu, at); },    ['0'],           true],
    ['completeAll',             3,       (cpu, at) => completeAll(cpu, at),                      ['0', '1', '2'], true],
    ['completeAll, complete',   1,       (cpu, at) => { completeAll(cpu, at); complete(cpu, at); }, ['0'],           true],
  ])('%s', (_, waiters, happens, expected, done) => {
    const cpus = cpusInOneThread(2) as [Cpu, Cpu];
    const at = memblockAlloc(cpus[0].memory, Completion.size);
    const log: string[] = [];
    for (let i = 0; i < waiters; i++) start(cpus[i % 2]!, `w${i}`, passes(cpus[i % 2]!, at, log, String(i)));
    runAll(cpus);
    expect(log).toEqual([]);
    happens(cpus[1], at);
    runAll(cpus);
    expect([...log].sort()).toEqual(expected);
    expect(completionDone(cpus[0], at)).toBe(done);
  });

  test('what came before the wait is not lost, and counts once', () => {
    const cpus = cpusInOneThread(1) as [Cpu];
    const at = memblockAlloc(cpus[0].memory, Completion.size);
    complete(cpus[0], at);
    const log: string[] = [];
    start(cpus[0], 'w', passes(cpus[0], at, log, 'passed'));
    runAll(cpus);
    expect(log).toEqual(['passed']);
    expect(tryWaitForCompletion(cpus[0], at)).toBe(false);
    completeAll(cpus[0], at);
    expect([tryWaitForCompletion(cpus[0], at), tryWaitForCompletion(cpus[0], at)]).toEqual([
      true,
      true,
    ]);
    reinitCompletion(cpus[0], at);
    expect(tryWaitForCompletion(cpus[0], at)).toBe(false);
  });
});

describe('wait queue', () => {
  // prettier-ignore
  test.each<[string, (cpu: Cpu, queue: number) => void, string[]]>([
    // three wait, two wait exclusively; all conditions are true
    ['wakeUp',        wakeUp,                                  ['a', 'b', 'c', 'x']],
    ['wakeUpNr 2',    (cpu, queue) => wakeUpNr(cpu, queue, 2), ['a', 'b', 'c', 'x', 'y']],
    ['wakeUpAll',     wakeUpAll,                               ['a', 'b', 'c', 'x', 'y']],
  ])('%s', (_, wake, woken) => {
    const cpus = cpusInOneThread(2) as [Cpu, Cpu];
    const queue = memblockAlloc(cpus[0].memory, WaitQueue.size);
    initWaitQueue(cpus[0], queue);
    let open = false;
    const log: string[] = [];
    const waits = function* (cpu: Cpu, name: string): Sleeps<void> {
      const wait = name < 'x' ? waitEvent : waitEventExclusive;
      yield* wait(cpu, queue, () => open);
      log.push(name);
    };
    for (const name of ['x', 'a', 'y', 'b', 'c']) {
      const cpu = cpus[name === 'a' ? 1 : 0];
      start(cpu, name, waits(cpu, name));
      runAll(cpus);
    }
    expect(waitQueueActive(cpus[0], queue)).toBe(true);
    open = true;
    wake(cpus[1], queue);
    runAll(cpus);
    expect([...log].sort()).toEqual(woken);
    wakeUpAll(cpus[1], queue);
    runAll(cpus);
    expect(log).toHaveLength(5);
    expect(waitQueueActive(cpus[0], queue)).toBe(false);
  });

  test('a wake-up with the condition false: the task sleeps on, and is still found', () => {
    const cpus = cpusInOneThread(1) as [Cpu];
    const queue = memblockAlloc(cpus[0].memory, WaitQueue.size);
    let open = false;
    let asked = 0;
    let passed = false;
    start(
      cpus[0],
      'w',
      (function* (): Sleeps<void> {
        yield* waitEvent(cpus[0], queue, () => (asked++, open));
        passed = true;
      })(),
    );
    runAll(cpus);
    for (let i = 0; i < 3; i++) {
      wakeUp(cpus[0], queue);
      runAll(cpus);
    }
    expect([passed, asked]).toEqual([false, 5]);
    open = true;
    wakeUp(cpus[0], queue);
    runAll(cpus);
    expect(passed).toBe(true);
  });

  test('one task on two queues', () => {
    const cpus = cpusInOneThread(1) as [Cpu];
    const [cpu] = cpus;
    const queues = [
      memblockAlloc(cpu.memory, WaitQueue.size),
      memblockAlloc(cpu.memory, WaitQueue.size),
    ] as const;
    const ready = [false, false];
    let saw = -1;
    start(
      cpu,
      'select',
      (function* (): Sleeps<void> {
        const entries = queues.map(() => initWait(cpu));
        for (;;) {
          for (let i = 0; i < 2; i++) prepareToWait(cpu, queues[i]!, entries[i]!, 1);
          saw = ready.indexOf(true);
          if (saw >= 0) break;
          yield* schedule(cpu);
        }
        for (let i = 0; i < 2; i++) finishWait(cpu, queues[i]!, entries[i]!);
      })(),
    );
    runAll(cpus);
    ready[1] = true;
    wakeUp(cpu, queues[1]);
    runAll(cpus);
    expect(saw).toBe(1);
    expect(queues.map((queue) => waitQueueActive(cpu, queue))).toEqual([false, false]);
  });

  test('entries come from a stock: as many as waited at once, used again', () => {
    const cpus = cpusInOneThread(1) as [Cpu];
    const [cpu] = cpus;
    const queue = memblockAlloc(cpu.memory, WaitQueue.size);
    const rounds = 50;
    const seen = new Set<number>();
    for (let round = 0; round < rounds; round++) {
      const entries = Array.from({ length: 3 }, () => initWait(cpu));
      for (const entry of entries) seen.add(entry);
      for (const entry of entries) finishWait(cpu, queue, entry);
    }
    expect(seen.size).toBe(3);
  });
});
