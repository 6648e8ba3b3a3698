/** Tasklets of one CPU, and of two that a test steps by hand. On threads: tasklet-threads.spec.ts. */
import type { Ptr } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import {
  openSoftirq,
  BLOCK_SOFTIRQ,
  localSoftirqPending,
  raiseSoftirq,
  takeoverTasklets,
  Tasklet,
  TASKLET_RUN,
  TASKLET_SCHED,
  TASKLET_SOFTIRQ,
  taskletDisable,
  taskletDisableNosync,
  taskletEnable,
  taskletHiSchedule,
  taskletInit,
  taskletKill,
  taskletSchedule,
  offlineCpu,
} from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { alloc, clockedCpus, dmesgTexts } from '../support/clocked-cpus.ts';

interface Bench {
  readonly cpus: readonly Cpu[];
  readonly cpu: Cpu;
  /** `data@cpu` of each run, in order. */
  readonly ran: string[];
  /** A tasklet that writes down its runs, and does `also` in them. */
  make(data: number, also?: (cpu: Cpu, tasklet: Ptr) => void): Ptr;
}

function bench(cpuCount = 1): Bench {
  const { cpus, cpu, memory } = clockedCpus({ cpus: cpuCount });
  const ran: string[] = [];
  const make: Bench['make'] = (data, also) => {
    const tasklet = alloc(memory, Tasklet);
    let func = 0;
    for (const each of cpus) {
      func = each.text.define(`tasklet ${data}`, (self, given) => {
        ran.push(`${given}@${self.id}`);
        also?.(self, tasklet);
      });
    }
    taskletInit(cpu, tasklet, func, data);
    return tasklet;
  };
  return { cpus, cpu, ran, make };
}

const state = (cpu: Cpu, tasklet: Ptr): number => cpu.memory.load(tasklet + Tasklet.state);

describe('schedule', () => {
  test.each([
    // case                  scheduled            runs
    ['once', ['a'], ['1@0']],
    ['twice before it ran', ['a', 'a'], ['1@0']],
    ['two, in order', ['a', 'b'], ['1@0', '2@0']],
    ['hi first', ['a', 'hi b'], ['2@0', '1@0']],
    ['hi counts as scheduled', ['hi a', 'a'], ['1@0']],
  ])('%s', (_case, scheduled, runs) => {
    const { cpu, ran, make } = bench();
    const [a, b] = [make(1), make(2)];
    cpu.localBhDisable();
    for (const one of scheduled) {
      const schedule = one.startsWith('hi') ? taskletHiSchedule : taskletSchedule;
      schedule(cpu, one.endsWith('a') ? a : b);
    }
    expect(ran).toEqual([]);
    cpu.localBhEnable();
    expect(ran).toEqual(runs);
    expect([state(cpu, a), state(cpu, b)]).toEqual([0, 0]);
  });

  test('from its own function: once more', () => {
    const { cpu, ran, make } = bench();
    let again = true;
    const tasklet = make(7, (self, at) => {
      if (again) taskletSchedule(self, at);
      again = false;
    });
    taskletSchedule(cpu, tasklet);
    cpu.takeInterrupts();
    expect(ran).toEqual(['7@0', '7@0']);
  });

  test('runs where it was scheduled', () => {
    const { cpus, ran, make } = bench(2);
    const tasklet = make(3);
    taskletSchedule(cpus[1]!, tasklet);
    cpus[0]!.takeInterrupts();
    expect(ran).toEqual([]);
    cpus[1]!.takeInterrupts();
    expect(ran).toEqual(['3@1']);
  });

  test('not while it runs on another CPU: it waits its turn there', () => {
    const { cpus, ran, make } = bench(2);
    const [first, second] = cpus as [Cpu, Cpu];
    const tasklet = make(5, (self, at) => {
      if (self.id !== 0 || ran.length > 1) return;
      expect(state(self, at)).toBe(TASKLET_RUN);
      taskletSchedule(second, at);
      second.takeInterrupts();
      expect(ran).toEqual(['5@0']);
    });
    taskletSchedule(first, tasklet);
    first.takeInterrupts();
    expect(localSoftirqPending(second)).toBe(1 << TASKLET_SOFTIRQ);
    second.takeInterrupts();
    expect(ran).toEqual(['5@0', '5@1']);
  });
});

describe('disable', () => {
  test('keeps it from running until enabled as often; it then runs once', () => {
    const { cpu, ran, make } = bench();
    const tasklet = make(1);
    taskletDisable(cpu, tasklet);
    taskletDisableNosync(cpu, tasklet);
    taskletSchedule(cpu, tasklet);
    cpu.takeInterrupts();
    taskletEnable(cpu, tasklet);
    cpu.takeInterrupts();
    expect(ran).toEqual([]);
    taskletEnable(cpu, tasklet);
    cpu.takeInterrupts();
    expect(ran).toEqual(['1@0']);
  });

  test('does not keep others from running', () => {
    const { cpu, ran, make } = bench();
    const [off, on] = [make(1), make(2)];
    taskletDisable(cpu, off);
    taskletSchedule(cpu, off);
    taskletSchedule(cpu, on);
    cpu.takeInterrupts();
    expect(ran).toEqual(['2@0']);
  });

  test('from its own function: a warning instead of a hang', () => {
    const { cpu, make } = bench();
    const tasklet = make(1, (self, at) => taskletDisable(self, at));
    taskletSchedule(cpu, tasklet);
    cpu.takeInterrupts();
    expect(dmesgTexts(cpu).join('\n')).toContain('taskletDisable: called from the tasklet itself');
  });

  test('more enables than disables are a BUG', () => {
    const { cpu, make } = bench();
    expect(() => taskletEnable(cpu, make(1))).toThrow(/enabled more often than disabled/);
  });
});

describe('kill', () => {
  test('waits for a scheduled one, and leaves it ready for use', () => {
    const { cpu, ran, make } = bench();
    const tasklet = make(1);
    taskletSchedule(cpu, tasklet);
    const ends: string[] = [];
    cpu.scheduler.start('killer', taskletKill(cpu, tasklet), () => ends.push('killed'));
    for (let turn = 0; turn < 4; turn++) {
      cpu.scheduler.runNext();
      cpu.takeInterrupts();
    }
    expect([ends, ran, state(cpu, tasklet)]).toEqual([['killed'], ['1@0'], 0]);
    taskletSchedule(cpu, tasklet);
    cpu.takeInterrupts();
    expect(ran).toHaveLength(2);
  });

  test('does not return while it is scheduled and cannot run', () => {
    const { cpu, make } = bench();
    const tasklet = make(1);
    taskletDisable(cpu, tasklet);
    taskletSchedule(cpu, tasklet);
    const kill = taskletKill(cpu, tasklet);
    for (let turn = 0; turn < 20; turn++) expect(kill.next().done).toBe(false);
    taskletEnable(cpu, tasklet);
    cpu.takeInterrupts();
    expect(kill.next().done).toBe(true);
  });
});

test('those of a CPU that went away run on the one that takes them over', () => {
  const { cpus, ran, make } = bench(2);
  const [here, gone] = cpus as [Cpu, Cpu];
  const [a, b, c] = [make(1), make(2), make(3)];
  taskletSchedule(gone, a);
  taskletSchedule(gone, b);
  taskletHiSchedule(gone, c);
  offlineCpu(gone);
  takeoverTasklets(here, gone.id);
  here.takeInterrupts();
  expect(ran).toEqual(['3@0', '1@0', '2@0']);
  expect([a, b, c].map((one) => state(here, one))).toEqual([0, 0, 0]);
});

test('one that runs without being scheduled is a BUG', () => {
  const { cpu, make } = bench();
  const tasklet = make(1);
  taskletSchedule(cpu, tasklet);
  cpu.memory.fetchAnd(tasklet + Tasklet.state, ~TASKLET_SCHED >>> 0);
  expect(() => cpu.takeInterrupts()).toThrow(/Fatal exception in interrupt/);
  expect(dmesgTexts(cpu).join('\n')).toContain('runs unscheduled');
});

test('other soft irqs go on while a tasklet is disabled', () => {
  const { cpu, make } = bench();
  let blocks = 0;
  openSoftirq(cpu, BLOCK_SOFTIRQ, () => blocks++);
  const tasklet = make(1);
  taskletDisable(cpu, tasklet);
  taskletSchedule(cpu, tasklet);
  raiseSoftirq(cpu, BLOCK_SOFTIRQ);
  cpu.takeInterrupts();
  expect(blocks).toBe(1);
});
