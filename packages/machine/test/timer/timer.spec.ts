/** Timers on a clock that the test moves: a jiffy is 4 ms. */
import type { Ptr } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import {
  addTimer,
  addTimerOn,
  delTimer,
  delTimerSync,
  irqEnter,
  irqExit,
  jiffies,
  localSoftirqPending,
  migrateTimers,
  modTimer,
  offlineCpu,
  setTimerExpires,
  timerExpires,
  TIMER_IRQSAFE,
  TIMER_SOFTIRQ,
  TimerList,
  timerPending,
  timerSetup,
  tryToDelTimerSync,
} from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { alloc, clockedCpus, dmesgTexts } from '../support/clocked-cpus.ts';
import type { ClockedCpus } from '../support/clocked-cpus.ts';

const JIFFY = 4_000_000;

interface Bench extends ClockedCpus {
  /** `name@cpu:jiffy` of each run. */
  readonly ran: string[];
  make(name: string, also?: (cpu: Cpu, timer: Ptr) => void, flags?: number): Ptr;
  /** Moves the clock to the start of jiffy `j` (and `ns` more); every CPU looks. */
  goTo(j: number, ns?: number): void;
}

function bench(cpuCount = 1): Bench {
  const machine = clockedCpus({ cpus: cpuCount, start: 123_456_789 });
  const { cpus, cpu, memory, clock } = machine;
  const ran: string[] = [];
  const make: Bench['make'] = (name, also, flags = 0) => {
    const timer = alloc(memory, TimerList);
    let fn = 0;
    for (const each of cpus) {
      fn = each.text.define(name, (self, at) => {
        expect(at).toBe(timer);
        expect(self.inServingSoftirq()).toBe(true);
        ran.push(`${name}@${self.id}:${jiffies(self)}`);
        also?.(self, at);
      });
    }
    timerSetup(cpu, timer, fn, flags);
    return timer;
  };
  const goTo = (j: number, ns = 0): void => {
    clock.ns = cpu.machine.bootTime + j * JIFFY + ns;
    for (const each of cpus) each.takeInterrupts();
  };
  return { ...machine, ran, make, goTo };
}

describe('expiry', () => {
  test('exactly at the start of its jiffy, never before, once', () => {
    const { cpu, ran, make, goTo } = bench();
    const timer = make('t');
    expect(modTimer(cpu, timer, 5)).toBe(0);
    goTo(5, -1);
    expect([ran, timerPending(cpu, timer)]).toEqual([[], true]);
    goTo(5);
    expect([ran, timerPending(cpu, timer)]).toEqual([['t@0:5'], false]);
    goTo(9);
    expect(ran).toHaveLength(1);
  });

  test('in order of expiry, equals in order of arming; late ones are not lost', () => {
    const { cpu, ran, make, goTo } = bench();
    for (const [name, j] of [
      ['a', 7],
      ['b', 3],
      ['c', 7],
      ['d', 3],
      ['e', 900],
    ] as const) {
      modTimer(cpu, make(name), j);
    }
    goTo(500);
    expect(ran).toEqual(['b@0:500', 'd@0:500', 'a@0:500', 'c@0:500']);
    goTo(900);
    expect(ran.at(-1)).toBe('e@0:900');
  });

  test('one that lies in the past runs at the next look', () => {
    const { cpu, ran, make, goTo } = bench();
    goTo(10);
    modTimer(cpu, make('t'), 2);
    cpu.takeInterrupts();
    expect(ran).toEqual(['t@0:10']);
  });

  test('armed from its own function for now: next jiffy, so the soft irq ends', () => {
    const { cpu, ran, make, goTo } = bench();
    const timer = make('t', (self, at) => modTimer(self, at, jiffies(self)));
    modTimer(cpu, timer, 1);
    goTo(1);
    expect(ran).toEqual(['t@0:1']);
    expect(timerExpires(cpu, timer)).toBe(1);
    goTo(1, JIFFY - 1);
    expect(ran).toHaveLength(1);
    goTo(2);
    expect(ran).toEqual(['t@0:1', 't@0:2']);
  });

  test('a periodic one keeps its period', () => {
    const { cpu, ran, make, goTo } = bench();
    modTimer(
      cpu,
      make('t', (self, at) => modTimer(self, at, timerExpires(self, at) + 10)),
      10,
    );
    for (let j = 1; j <= 45; j++) goTo(j);
    expect(ran).toEqual(['t@0:10', 't@0:20', 't@0:30', 't@0:40']);
  });

  test('waits while bottom halves are off, and the look does not repeat itself', () => {
    const { cpu, ran, make, goTo } = bench();
    modTimer(cpu, make('t'), 1);
    cpu.localBhDisable();
    goTo(2);
    expect([ran, localSoftirqPending(cpu)]).toEqual([[], 1 << TIMER_SOFTIRQ]);
    expect(cpu.nextEvent).toBe(Infinity);
    cpu.localBhEnable();
    expect(ran).toEqual(['t@0:2']);
  });

  test.each([
    ['with interrupts on', 0, false],
    ['with interrupts off if TIMER_IRQSAFE', TIMER_IRQSAFE, true],
  ])('the function runs %s', (_case, flags, off) => {
    const { cpu, make, goTo } = bench();
    const seen: boolean[] = [];
    modTimer(
      cpu,
      make('t', (self) => seen.push(self.irqsDisabled()), flags),
      1,
    );
    goTo(1);
    expect([seen, cpu.irqsDisabled()]).toEqual([[off], false]);
  });

  test('a thousand at once', () => {
    const { cpu, ran, make, goTo } = bench();
    const names = Array.from({ length: 1000 }, (_, i) => `t${String((i * 7919) % 1000)}`);
    for (const name of names) modTimer(cpu, make(name), 10 + Number(name.slice(1)));
    goTo(2000);
    expect(ran).toEqual(Array.from({ length: 1000 }, (_, i) => `t${String(i)}@0:2000`));
  });
});

describe('what the calls return', () => {
  test.each<[string, (cpu: Cpu, timer: Ptr) => number[], number[], boolean]>([
    // case            calls                                                                 return   pending after
    ['mod mod', (c, t) => [modTimer(c, t, 5), modTimer(c, t, 6)], [0, 1], true],
    [
      'mod del del',
      (c, t) => [modTimer(c, t, 5), delTimer(c, t), delTimer(c, t)],
      [0, 1, 0],
      false,
    ],
    ['delSync of pending', (c, t) => [modTimer(c, t, 5), delTimerSync(c, t)], [0, 1], false],
    ['delSync of idle', (c, t) => [delTimerSync(c, t)], [0], false],
    ['tryToDelSync', (c, t) => [modTimer(c, t, 5), tryToDelTimerSync(c, t)], [0, 1], false],
  ])('%s', (_case, calls, returned, pending) => {
    const { cpu, ran, make, goTo } = bench();
    const timer = make('t');
    expect(calls(cpu, timer)).toEqual(returned);
    expect(timerPending(cpu, timer)).toBe(pending);
    goTo(10);
    expect(ran).toHaveLength(pending ? 1 : 0);
  });

  test('in its function it is not pending, and delTimer is no wait', () => {
    const { cpu, make, goTo } = bench();
    const seen: unknown[] = [];
    const timer = make('t', (self, at) => {
      seen.push(timerPending(self, at), delTimer(self, at), tryToDelTimerSync(self, at));
    });
    modTimer(cpu, timer, 1);
    goTo(1);
    expect(seen).toEqual([false, 0, -1]);
  });

  test('addTimer takes the jiffy from the struct; when pending it warns and does nothing', () => {
    const { cpu, ran, make, goTo } = bench();
    const timer = make('t');
    setTimerExpires(cpu, timer, 4);
    addTimer(cpu, timer);
    addTimer(cpu, timer);
    expect(dmesgTexts(cpu).join('\n')).toMatch(/add_timer: timer 0x[0-9a-f]{8} is pending/);
    goTo(4);
    expect(ran).toEqual(['t@0:4']);
  });
});

describe('deadlocks that would be', () => {
  test('delTimerSync from the function itself: a warning and -1', () => {
    const { cpu, make, goTo } = bench();
    const seen: number[] = [];
    modTimer(
      cpu,
      make('t', (self, at) => seen.push(delTimerSync(self, at))),
      1,
    );
    goTo(1);
    expect(seen).toEqual([-1]);
    expect(dmesgTexts(cpu).join('\n')).toContain('waited for in its own function');
  });

  test.each([
    ['a warning', 0, true],
    ['none for TIMER_IRQSAFE', TIMER_IRQSAFE, false],
  ])('delTimerSync in a hard interrupt: %s', (_case, flags, warns) => {
    const { cpu, make } = bench();
    const timer = make('t', undefined, flags);
    const saved = irqEnter(cpu, 'hardirq');
    expect(delTimerSync(cpu, timer)).toBe(0);
    irqExit(cpu, 'hardirq', saved);
    expect(dmesgTexts(cpu).join('\n').includes('waited for in an interrupt')).toBe(warns);
  });

  test('a function that leaks its preempt count: a warning with its name, and it is put right', () => {
    const { cpu, make, goTo } = bench();
    modTimer(
      cpu,
      make('leaky', (self) => self.preemptDisable()),
      1,
    );
    goTo(1);
    expect(cpu.preemptCount()).toBe(0);
    expect(dmesgTexts(cpu).join('\n')).toContain('timer: leaky+0x0/0x10 preempt leak');
  });
});

describe('two CPUs', () => {
  test('addTimerOn: it runs there, and that CPU is told', () => {
    const { cpus, ran, make, goTo } = bench(2);
    const timer = make('t');
    setTimerExpires(cpus[0]!, timer, 3);
    addTimerOn(cpus[0]!, timer, 1);
    cpus[1]!.takeInterrupts();
    expect(cpus[1]!.nextEvent).toBe(cpus[1]!.machine.bootTime + 3 * JIFFY);
    goTo(3);
    expect(ran).toEqual(['t@1:3']);
  });

  test('modTimer brings it to the caller; the other queue forgets it', () => {
    const { cpus, ran, make, goTo } = bench(2);
    const timer = make('t');
    modTimer(cpus[0]!, timer, 3);
    expect(modTimer(cpus[1]!, timer, 5)).toBe(1);
    goTo(4);
    expect(ran).toEqual([]);
    goTo(5);
    expect(ran).toEqual(['t@1:5']);
  });

  test('armed elsewhere while its function runs: it stays where that is, so one wait covers both', () => {
    const { cpus, ran, make, goTo } = bench(2);
    const [first, second] = cpus as [Cpu, Cpu];
    const timer = make('t', (_self, at) => {
      if (ran.length > 1) return;
      modTimer(second, at, 6);
      expect(tryToDelTimerSync(second, at)).toBe(-1);
    });
    modTimer(first, timer, 3);
    goTo(3);
    goTo(6);
    expect(ran).toEqual(['t@0:3', 't@0:6']);
  });

  test('those of a CPU that went away move, with their expiry', () => {
    const { cpus, ran, make, goTo } = bench(2);
    const [here, gone] = cpus as [Cpu, Cpu];
    for (const [name, j] of [
      ['a', 8],
      ['b', 2],
      ['c', 5],
    ] as const)
      modTimer(gone, make(name), j);
    offlineCpu(gone);
    gone.setNextEvent(Infinity);
    expect(migrateTimers(here, gone.id)).toBe(3);
    goTo(8);
    expect(ran).toEqual(['b@0:8', 'c@0:8', 'a@0:8']);
  });

  test('addTimerOn an offline CPU: a warning, and it runs here', () => {
    const { cpus, ran, make, goTo } = bench(2);
    const timer = make('t');
    offlineCpu(cpus[1]!);
    setTimerExpires(cpus[0]!, timer, 1);
    addTimerOn(cpus[0]!, timer, 1);
    expect(dmesgTexts(cpus[0]!).join('\n')).toContain('add_timer_on: CPU 1 is offline');
    goTo(1);
    expect(ran).toEqual(['t@0:1']);
  });

  test('migrating the timers of a CPU that is online is a BUG', () => {
    const { cpus } = bench(2);
    expect(() => migrateTimers(cpus[0]!, 1)).toThrow(/CPU 1 is online/);
  });
});

describe('bad input', () => {
  test.each<[string, (cpu: Cpu, timer: Ptr) => unknown, RegExp]>([
    ['fractional jiffy', (c, t) => modTimer(c, t, 1.5), /whole numbers of jiffies/],
    ['NaN', (c, t) => modTimer(c, t, Number.NaN), /whole numbers of jiffies/],
    ['unknown flag', (c, t) => timerSetup(c, t, 16, 1), /TIMER_IRQSAFE and TIMER_PINNED/],
    ['no function', (c, t) => timerSetup(c, t, 0), /no function/],
    ['no such CPU', (c, t) => addTimerOn(c, t, 9), /CPU 9; this machine has 0 to 0/],
    ['never set up', (c) => modTimer(c, alloc(c.memory, TimerList), 1), /never set up/],
  ])('%s', (_case, does, message) => {
    const { cpu, make } = bench();
    expect(() => does(cpu, make('t'))).toThrow(message);
  });
});
