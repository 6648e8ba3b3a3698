import { describe, expect, test } from 'vitest';
import {
  condResched,
  currentTask,
  kthreadCreateOnCpu,
  kthreadRun,
  putTaskStruct,
  readDmesg,
  rtMutexSetprio,
  schedule,
  setCurrentState,
  Task,
  TaskClass,
  taskPrio,
  TaskState,
  tryGetTaskStruct,
  waitForTask,
  wakeUpProcess,
} from '../../src/index.ts';
import type { Cpu, Sleeps } from '../../src/index.ts';
import { cpusInOneThread, runAll, spawn } from '../support/cpus-in-one-thread.ts';

function* logging(cpu: Cpu, log: string[], name: string, turns: number): Sleeps<string> {
  for (let turn = 0; turn < turns; turn++) {
    log.push(`${name}${turn}`);
    yield* schedule(cpu);
  }
  return name;
}

/** Sleeps until `wanted()`, by the pattern of task-layout.ts. */
function* sleepUntil(cpu: Cpu, wanted: () => boolean): Sleeps<number> {
  let sleeps = 0;
  for (;;) {
    setCurrentState(cpu, TaskState.interruptible);
    if (wanted()) break;
    sleeps++;
    yield* schedule(cpu);
  }
  setCurrentState(cpu, TaskState.running);
  return sleeps;
}

test('tasks of a CPU take turns in the order they came', () => {
  const [cpu] = cpusInOneThread(1) as [Cpu];
  const log: string[] = [];
  const a = spawn(cpu, 'a', logging(cpu, log, 'a', 2));
  const b = spawn(cpu, 'b', logging(cpu, log, 'b', 3));
  runAll([cpu]);
  expect(log).toEqual(['a0', 'b0', 'a1', 'b1', 'b2']);
  expect([a.value, b.value]).toEqual(['a', 'b']);
});

describe('a wake-up from another CPU at every point of the sleeper pattern', () => {
  // `at` = where CPU 1 makes the condition true and wakes the task.
  test.each([
    { at: 'before the state is set', sleeps: 0, woken: false },
    { at: 'between state and condition', sleeps: 0, woken: true },
    { at: 'between condition and schedule', sleeps: 1, woken: true },
    { at: 'after the task is off the run queue', sleeps: 1, woken: true },
  ])('$at', ({ at, sleeps, woken }) => {
    const [cpu, other] = cpusInOneThread(2) as [Cpu, Cpu];
    let ready = false;
    let seenAsleep: boolean | undefined;
    const wake = (here: string): void => {
      if (here !== at) return;
      ready = true;
      seenAsleep = wakeUpProcess(other, sleeper.at);
    };
    const sleeper = spawn(cpu, 'sleeper', sleeping());
    function* sleeping(): Sleeps<number> {
      let slept = 0;
      for (;;) {
        wake('before the state is set');
        setCurrentState(cpu, TaskState.uninterruptible);
        wake('between state and condition');
        if (ready) break;
        wake('between condition and schedule');
        slept++;
        yield* schedule(cpu);
      }
      setCurrentState(cpu, TaskState.running);
      return slept;
    }
    runAll([cpu]);
    wake('after the task is off the run queue');
    runAll([cpu]);
    expect({ sleeps: sleeper.value, woken: seenAsleep }).toEqual({ sleeps, woken });
  });

  test('busted twin: condition before state loses the wake-up, and the task hangs', () => {
    const [cpu, other] = cpusInOneThread(2) as [Cpu, Cpu];
    let ready = false;
    const sleeper = spawn(cpu, 'sleeper', bustedSleep());
    function* bustedSleep(): Sleeps<void> {
      while (!ready) {
        ready = true;
        wakeUpProcess(other, sleeper.at); // finds it running: nothing to do
        setCurrentState(cpu, TaskState.uninterruptible);
        yield* schedule(cpu);
      }
      setCurrentState(cpu, TaskState.running);
    }
    runAll([cpu]);
    expect(cpu.memory.load(sleeper.at + Task.state)).toBe(TaskState.uninterruptible);
    expect(cpu.scheduler.hasWork()).toBe(false);
  });
});

test('of several wakers one wins, and the task is queued once', () => {
  const [cpu, one, two] = cpusInOneThread(3) as [Cpu, Cpu, Cpu];
  let ready = false;
  const sleeper = spawn(
    cpu,
    'sleeper',
    sleepUntil(cpu, () => ready),
  );
  runAll([cpu]);
  ready = true;
  expect([wakeUpProcess(one, sleeper.at), wakeUpProcess(two, sleeper.at)]).toEqual([true, false]);
  expect(runAll([cpu])).toBe(1);
  expect(sleeper.value).toBe(1);
});

test('a stale entry on the wake list is forwarded to the CPU of the slot’s next tenant', () => {
  // Four slots: two for the CPUs themselves, so the slot of the first task is soon used again.
  const [cpu, other] = cpusInOneThread(2, { 'tasks.max': 3 }) as [Cpu, Cpu];
  let ready = false;
  const first = spawn(cpu, 'first', first2());
  function* first2(): Sleeps<void> {
    setCurrentState(cpu, TaskState.interruptible);
    wakeUpProcess(other, first.at); // puts us on the wake list …
    yield* []; // … and we end without the CPU looking there
  }
  cpu.scheduler.runNext();
  const second = spawn(
    other,
    'second',
    sleepUntil(other, () => ready),
  );
  expect(second.at).toBe(first.at);
  runAll([other]);
  ready = true;
  wakeUpProcess(cpu, second.at); // finds it queued on CPU 0's list
  runAll([cpu, other]);
  expect(second.value).toBe(1);
});

test('cpu.block runs a sleep from plain code, and others meanwhile', () => {
  const [cpu] = cpusInOneThread(1) as [Cpu];
  const log: string[] = [];
  let ready = false;
  spawn(cpu, 'other', logging(cpu, log, 'other', 2));
  spawn(cpu, 'waker', waker());
  function* waker(): Sleeps<void> {
    yield* schedule(cpu);
    ready = true;
    wakeUpProcess(cpu, plain.at);
  }
  const plain = spawn(cpu, 'plain', plainly());
  function* plainly(): Sleeps<number> {
    log.push('before');
    const slept = cpu.block(sleepUntil(cpu, () => ready));
    log.push('after');
    return slept;
  }
  runAll([cpu]);
  expect(log).toEqual(['other0', 'before', 'other1', 'after']);
  expect(plain.value).toBe(1);
});

test('cpu.block outside of all tasks is swapper sleeping', () => {
  const [cpu] = cpusInOneThread(1) as [Cpu];
  const joined = spawn(cpu, 'joined', logging(cpu, [], 'x', 3));
  expect(cpu.block(waitForTask(cpu, joined.at))).toBe(0);
  expect(joined.value).toBe('x');
  expect(cpu.memory.read(currentTask(cpu) + Task.pid)).toBe(0);
});

test('who was woken during a turn goes before the task that yields it', () => {
  const [cpu] = cpusInOneThread(1) as [Cpu];
  const log: string[] = [];
  const say = cpu.text.define('say', (_cpu, word) => log.push(`kthread ${word}`));
  function* body(how: string): Sleeps<void> {
    kthreadRun(cpu, say, 1, 'say');
    log.push(how);
    yield* schedule(cpu);
    log.push('again');
  }
  spawn(cpu, 'body', body('task'));
  runAll([cpu]);
  cpu.block(body('block'));
  runAll([cpu]);
  expect(log).toEqual(['task', 'kthread 1', 'again', 'block', 'kthread 1', 'again']);
});

test('condResched gives a turn only when somebody wants it, and always tells the hooks', () => {
  const [cpu] = cpusInOneThread(1) as [Cpu];
  const seen: boolean[] = [];
  let switches = 0;
  cpu.scheduler.hooks.onTaskSwitch.push(() => switches++);
  function* body(): Sleeps<void> {
    seen.push(yield* condResched(cpu));
    spawn(cpu, 'other', logging(cpu, [], 'x', 0));
    seen.push(yield* condResched(cpu));
  }
  spawn(cpu, 'body', body());
  runAll([cpu]);
  expect(seen).toEqual([false, true]);
  // to body, body to body, to other, to body, to swapper
  expect(switches).toBe(5);
});

describe('scheduling while atomic is reported in the words of the kernel', () => {
  test.each([
    [
      'a spin lock held',
      (cpu: Cpu) => cpu.preemptDisable(),
      /scheduling while atomic: bad\/\d+\/0x00000001/,
    ],
    [
      'interrupts off',
      (cpu: Cpu) => cpu.localIrqDisable(),
      /scheduling while atomic: bad\/\d+\/0x00000000, interrupts off/,
    ],
  ])('%s', (_, enter, report) => {
    for (const asleep of ['schedule', 'bare yield', 'block'] as const) {
      const [cpu] = cpusInOneThread(1, { panic_on_oops: false }) as [Cpu];
      const task = spawn(cpu, 'bad', bad());
      function* bad(): Sleeps<void> {
        enter(cpu);
        if (asleep === 'schedule') yield* schedule(cpu);
        else if (asleep === 'block') cpu.block(schedule(cpu));
        else yield;
      }
      runAll([cpu]);
      expect(String(task.error)).toMatch(report);
      expect(
        readDmesg(cpu.memory, cpu.machine.dmesg)
          .lines.map((line) => line.text)
          .join('\n'),
      ).toMatch(report);
      // The CPU is fit for the next task.
      expect([cpu.preemptCount(), cpu.irqsDisabled()]).toEqual([0, false]);
    }
  });
});

test('a sleep in a soft irq or interrupt ends the machine, as any oops there does', () => {
  const [cpu] = cpusInOneThread(1, { panic_on_oops: false }) as [Cpu];
  cpu.setVector(8, () => cpu.block(schedule(cpu)));
  cpu.raise(0, 8);
  expect(() => cpu.takeInterrupts()).toThrow(/Fatal exception in interrupt/);
  expect(
    readDmesg(cpu.memory, cpu.machine.dmesg)
      .lines.map((line) => line.text)
      .join('\n'),
  ).toMatch(/BUG: scheduling while atomic: swapper\/0\/0\/0x00010000, interrupts off/);
});

describe('a real-time kthread preempts', () => {
  test.each([
    // preemption off?  what the interrupted task sees
    // At once: before the wake-up returns.
    { off: false, seen: ['kthread ran', 'woken', 'loop ended'] },
    { off: true, seen: ['woken', 'still alone', 'kthread ran', 'loop ended'] },
  ])('preemption off: $off', ({ off, seen }) => {
    const [cpu] = cpusInOneThread(1) as [Cpu];
    const log: string[] = [];
    let ran = false;
    const func = cpu.text.define('urgent', () => {
      log.push('kthread ran');
      ran = true;
    });
    function* busy(): Sleeps<void> {
      const urgent = kthreadCreateOnCpu(cpu, 0, func, 0, 'urgent', { class: TaskClass.realtime });
      if (off) cpu.preemptDisable();
      wakeUpProcess(cpu, urgent);
      log.push('woken');
      if (off) {
        for (let i = 0; i < 100; i++) cpu.relax();
        log.push('still alone');
        cpu.preemptEnable();
      }
      while (!ran) cpu.relax();
      log.push('loop ended');
      yield* [];
    }
    spawn(cpu, 'busy', busy());
    runAll([cpu]);
    expect(log).toEqual(seen);
  });
});

test('task slots are a limit, reached with a clear error and free again after the end', () => {
  const [cpu] = cpusInOneThread(1, { 'tasks.max': 3 }) as [Cpu];
  const held = spawn(cpu, 'one', logging(cpu, [], 'x', 1));
  spawn(cpu, 'two', logging(cpu, [], 'x', 1));
  expect(() => spawn(cpu, 'three', logging(cpu, [], 'x', 1))).toThrow(
    /task three: all 3 task slots are taken.*tasks\.max/,
  );
  expect(tryGetTaskStruct(cpu, held.at)).toBe(true);
  runAll([cpu]);
  spawn(cpu, 'four', logging(cpu, [], 'x', 0));
  expect(() => spawn(cpu, 'five', logging(cpu, [], 'x', 0))).toThrow(/taken/);
  putTaskStruct(cpu, held.at);
  spawn(cpu, 'six', logging(cpu, [], 'x', 0));
});

describe('priorities', () => {
  const turns = (cpu: Cpu, log: string[], name: string): number =>
    cpu.text.define(name, function* () {
      for (let turn = 0; turn < 2; turn++) {
        log.push(name);
        yield* schedule(cpu);
      }
    });
  const realtime = (cpu: Cpu, log: string[], name: string, rtPriority: number): number =>
    kthreadCreateOnCpu(cpu, 0, turns(cpu, log, name), 0, name, {
      class: TaskClass.realtime,
      rtPriority,
    });

  test('the better one first; equals take turns', () => {
    const [cpu] = cpusInOneThread(1) as [Cpu];
    const log: string[] = [];
    cpu.preemptDisable();
    for (const [name, rtPriority] of [
      ['low', 1],
      ['a', 50],
      ['b', 50],
      ['high', 99],
    ] as const)
      wakeUpProcess(cpu, realtime(cpu, log, name, rtPriority));
    cpu.preemptEnable();
    runAll([cpu]);
    expect(log).toEqual(['high', 'high', 'a', 'b', 'a', 'b', 'low', 'low']);
  });

  test.each([
    { from: 'its own CPU', by: 0 },
    { from: 'another CPU', by: 1 },
  ])(
    'what is lent from $from moves a task that waits for its turn, and is given back',
    ({ by }) => {
      const cpus = cpusInOneThread(2) as [Cpu, Cpu];
      const [cpu] = cpus;
      const log: string[] = [];
      cpu.preemptDisable();
      const low = realtime(cpu, log, 'low', 1);
      wakeUpProcess(cpu, realtime(cpu, log, 'middle', 50));
      wakeUpProcess(cpu, low);
      rtMutexSetprio(cpus[by]!, low, 10);
      expect(taskPrio(cpu, low)).toBe(10);
      cpu.preemptEnable();
      cpu.takeInterrupts();
      expect(log.slice(0, 2)).toEqual(['low', 'low']);
      runAll(cpus);
      expect(log).toEqual(['low', 'low', 'middle', 'middle']);
    },
  );

  test.each([
    [TaskClass.normal, 5, /only a task of class realtime/],
    [TaskClass.realtime, 0, /accepted are whole numbers from 1 to 99/],
    [TaskClass.realtime, 100, /accepted are whole numbers from 1 to 99/],
    [TaskClass.realtime, 1.5, /accepted are whole numbers from 1 to 99/],
  ])('class %i, rtPriority %d is refused', (level, rtPriority, message) => {
    const [cpu] = cpusInOneThread(1) as [Cpu];
    const create = (): number =>
      kthreadCreateOnCpu(cpu, 0, 0, 0, 'x', { class: level, rtPriority });
    expect(create).toThrow(message);
  });
});
