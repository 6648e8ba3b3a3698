/** High-resolution timers, the tick, and the next event, on a clock that the test moves. */
import type { Ptr } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import {
  CLOCK_MONOTONIC,
  HrTimer,
  HRTIMER_MODE_ABS,
  HRTIMER_MODE_REL,
  HRTIMER_NORESTART,
  HRTIMER_RESTART,
  hrtimerActive,
  hrtimerCancel,
  hrtimerForward,
  hrtimerGetExpires,
  hrtimerGetRemaining,
  hrtimerInit,
  hrtimerIsQueued,
  hrtimerSetExpires,
  hrtimerSetFunction,
  hrtimerStart,
  hrtimerTryToCancel,
  KTIME_MAX,
  migrateTimers,
  modTimer,
  offlineCpu,
  offTick,
  onTick,
  TimerList,
  timerSetup,
} from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { alloc, clockedCpus, dmesgTexts } from '../support/clocked-cpus.ts';
import type { ClockedCpus } from '../support/clocked-cpus.ts';

const { ABS, REL } = { ABS: HRTIMER_MODE_ABS, REL: HRTIMER_MODE_REL };

interface Bench extends ClockedCpus {
  /** `name@cpu:ns` of each call. */
  readonly ran: string[];
  make(name: string, also?: (cpu: Cpu, timer: Ptr) => number): Ptr;
  goTo(ns: number): void;
}

function bench(cpuCount = 1): Bench {
  const machine = clockedCpus({ cpus: cpuCount });
  const { cpus, cpu, memory, clock } = machine;
  const ran: string[] = [];
  const make: Bench['make'] = (name, also) => {
    const timer = alloc(memory, HrTimer);
    let fn = 0;
    for (const each of cpus) {
      fn = each.text.define(name, (self, at) => {
        expect([at, self.inHardirq(), self.irqsDisabled()]).toEqual([timer, true, true]);
        ran.push(`${name}@${self.id}:${self.now()}`);
        return also?.(self, at) ?? HRTIMER_NORESTART;
      });
    }
    hrtimerInit(cpu, timer, CLOCK_MONOTONIC, ABS);
    hrtimerSetFunction(cpu, timer, fn);
    return timer;
  };
  const goTo = (ns: number): void => {
    clock.ns = ns;
    for (const each of cpus) each.takeInterrupts();
  };
  return { ...machine, ran, make, goTo };
}

describe('expiry', () => {
  test.each([
    // case      start at  ns     mode  runs at
    ['absolute', 100, 700, ABS, 700],
    ['relative', 100, 700, REL, 800],
    ['absolute in the past: at once', 100, 50, ABS, 100],
    ['relative 0: at once', 100, 0, REL, 100],
    ['relative negative: at once', 100, -70, REL, 100],
  ])('%s', (_case, start, ns, mode, at) => {
    const { cpu, ran, make, goTo } = bench();
    goTo(start);
    const timer = make('h');
    hrtimerStart(cpu, timer, ns, mode);
    if (at > start) {
      goTo(at - 1);
      expect([ran, hrtimerActive(cpu, timer)]).toEqual([[], true]);
    }
    goTo(at);
    expect([ran, hrtimerActive(cpu, timer)]).toEqual([[`h@0:${at}`], false]);
  });

  test('in order, equals in order of start; starting again moves it', () => {
    const { cpu, ran, make, goTo } = bench();
    const [a, b, c] = [make('a'), make('b'), make('c')];
    hrtimerStart(cpu, a, 10, ABS);
    hrtimerStart(cpu, b, 10, ABS);
    hrtimerStart(cpu, c, 5, ABS);
    hrtimerStart(cpu, a, 10, ABS);
    goTo(20);
    expect(ran).toEqual(['c@0:20', 'b@0:20', 'a@0:20']);
  });

  test('a sum too large is for ever', () => {
    const { cpu, ran, make, goTo } = bench();
    goTo(1000);
    const timer = make('h');
    hrtimerStart(cpu, timer, KTIME_MAX, REL);
    expect(hrtimerGetExpires(cpu, timer)).toBe(KTIME_MAX);
    expect(cpu.nextEvent).toBe(Infinity);
    goTo(1e15);
    expect(ran).toEqual([]);
  });

  test('not with interrupts off', () => {
    const { cpu, ran, make, goTo } = bench();
    hrtimerStart(cpu, make('h'), 10, ABS);
    cpu.localIrqDisable();
    goTo(50);
    expect(ran).toEqual([]);
    cpu.localIrqEnable();
    expect(ran).toEqual(['h@0:50']);
  });
});

describe('restart', () => {
  test('with hrtimerForward: no drift, overruns counted', () => {
    const { cpu, ran, make, goTo } = bench();
    const overruns: number[] = [];
    const timer = make('h', (self, at) => {
      overruns.push(hrtimerForward(self, at, self.now(), 100));
      return HRTIMER_RESTART;
    });
    hrtimerStart(cpu, timer, 100, ABS);
    for (const ns of [100, 205, 299, 650, 700]) goTo(ns);
    expect(ran).toEqual(['h@0:100', 'h@0:205', 'h@0:650', 'h@0:700']);
    expect(overruns).toEqual([1, 1, 4, 1]);
    expect([hrtimerGetExpires(cpu, timer), hrtimerActive(cpu, timer)]).toEqual([800, true]);
  });

  test('without moving it, in the past: again at once, but not without end', () => {
    const { cpu, ran, make, goTo, clock } = bench();
    hrtimerStart(
      cpu,
      make('stuck', () => HRTIMER_RESTART),
      10,
      ABS,
    );
    goTo(10);
    expect(ran.length).toBeLessThan(100);
    expect(dmesgTexts(cpu).join('\n')).toContain('hrtimer: interrupt took 0 ns');
    const before = ran.length;
    for (let look = 0; look < 50; look++) cpu.takeInterrupts();
    expect(ran).toHaveLength(before);
    clock.advance(1_000_000);
    cpu.takeInterrupts();
    expect(ran.length).toBeGreaterThan(before);
  });

  test('catching up with set expiries runs each', () => {
    const { cpu, ran, make, goTo } = bench();
    const timer = make('h', (self, at) => {
      hrtimerSetExpires(self, at, hrtimerGetExpires(self, at) + 10);
      return hrtimerGetExpires(self, at) > 50 ? HRTIMER_NORESTART : HRTIMER_RESTART;
    });
    hrtimerStart(cpu, timer, 10, ABS);
    goTo(1000);
    expect(ran).toHaveLength(5);
  });

  test('started by its own callback: that start counts, RESTART changes nothing', () => {
    const { cpu, ran, make, goTo } = bench();
    const timer = make('h', (self, at) => {
      if (ran.length === 1) hrtimerStart(self, at, 70, ABS);
      return ran.length === 1 ? HRTIMER_RESTART : HRTIMER_NORESTART;
    });
    hrtimerStart(cpu, timer, 10, ABS);
    goTo(10);
    expect(hrtimerGetExpires(cpu, timer)).toBe(70);
    goTo(70);
    expect(ran).toEqual(['h@0:10', 'h@0:70']);
  });

  test('an answer that is none: a warning, and no restart', () => {
    const { cpu, make, goTo } = bench();
    const timer = make('odd', () => 7);
    hrtimerStart(cpu, timer, 1, ABS);
    goTo(1);
    expect(hrtimerActive(cpu, timer)).toBe(false);
    expect(dmesgTexts(cpu).join('\n')).toContain('hrtimer: odd+0x0/0x10 returned 7');
  });
});

describe('cancel', () => {
  test('what it returns: queued, idle, from the callback itself', () => {
    const { cpu, ran, make, goTo } = bench();
    const seen: number[] = [];
    const timer = make('h', (self, at) => {
      seen.push(hrtimerTryToCancel(self, at), hrtimerCancel(self, at));
      expect([hrtimerActive(self, at), hrtimerIsQueued(self, at)]).toEqual([true, false]);
      return HRTIMER_NORESTART;
    });
    hrtimerStart(cpu, timer, 10, ABS);
    expect([hrtimerTryToCancel(cpu, timer), hrtimerTryToCancel(cpu, timer)]).toEqual([1, 0]);
    hrtimerStart(cpu, timer, 10, ABS);
    expect([hrtimerCancel(cpu, timer), hrtimerCancel(cpu, timer)]).toEqual([1, 0]);
    goTo(20);
    expect(ran).toEqual([]);
    hrtimerStart(cpu, timer, 30, ABS);
    goTo(30);
    expect(seen).toEqual([-1, -1]);
    expect(dmesgTexts(cpu).join('\n')).toContain('waited for in its own function');
  });

  test('hrtimerGetRemaining counts down and below', () => {
    const { cpu, make, clock } = bench();
    const timer = make('h');
    hrtimerStart(cpu, timer, 100, ABS);
    clock.ns = 40;
    expect(hrtimerGetRemaining(cpu, timer)).toBe(60);
    clock.ns = 130;
    expect(hrtimerGetRemaining(cpu, timer)).toBe(-30);
  });
});

describe('two CPUs', () => {
  test('starting brings it to the caller', () => {
    const { cpus, ran, make, goTo } = bench(2);
    const timer = make('h');
    hrtimerStart(cpus[0]!, timer, 10, ABS);
    hrtimerStart(cpus[1]!, timer, 20, ABS);
    goTo(15);
    goTo(20);
    expect(ran).toEqual(['h@1:20']);
  });

  test('started elsewhere while its callback runs: it stays there, and that CPU is told', () => {
    const { cpus, ran, make, goTo } = bench(2);
    const [first, second] = cpus as [Cpu, Cpu];
    const timer = make('h', (_self, at) => {
      if (ran.length === 1) {
        hrtimerStart(second, at, 50, ABS);
        expect(hrtimerTryToCancel(second, at)).toBe(-1);
      }
      return HRTIMER_NORESTART;
    });
    hrtimerStart(first, timer, 10, ABS);
    goTo(10);
    expect(first.nextEvent).toBe(50);
    goTo(50);
    expect(ran).toEqual(['h@0:10', 'h@0:50']);
  });

  test('those of a CPU that went away move', () => {
    const { cpus, ran, make, goTo } = bench(2);
    hrtimerStart(cpus[1]!, make('a'), 30, ABS);
    hrtimerStart(cpus[1]!, make('b'), 20, ABS);
    offlineCpu(cpus[1]!);
    cpus[1]!.setNextEvent(Infinity);
    expect(migrateTimers(cpus[0]!, 1)).toBe(2);
    expect(cpus[0]!.nextEvent).toBe(20);
    goTo(30);
    expect(ran).toEqual(['b@0:30', 'a@0:30']);
  });
});

describe('next event and tick', () => {
  const JIFFY = 4_000_000;

  test('the earliest of hrtimer, timer and tick; a sleeper does not wake for the tick', () => {
    const { cpu, memory, make } = bench();
    expect([cpu.nextEvent, cpu.nextWake]).toEqual([Infinity, Infinity]);
    onTick(cpu, () => undefined);
    expect([cpu.nextEvent, cpu.nextWake]).toEqual([JIFFY, Infinity]);
    const timer = alloc(memory, TimerList);
    timerSetup(
      cpu,
      timer,
      cpu.text.define('t', () => undefined),
    );
    modTimer(cpu, timer, 3);
    expect([cpu.nextEvent, cpu.nextWake]).toEqual([JIFFY, 3 * JIFFY]);
    hrtimerStart(cpu, make('h'), 777, ABS);
    expect([cpu.nextEvent, cpu.nextWake, cpu.idleTimeout()]).toEqual([777, 777, 777]);
  });

  test('ticks at each jiffy while the CPU looks; those it slept through come as one', () => {
    const { cpu, goTo } = bench();
    const ticks: number[] = [];
    const handler = (self: Cpu): void => {
      expect(self.inHardirq()).toBe(true);
      ticks.push(self.now() / JIFFY);
    };
    onTick(cpu, handler);
    for (const j of [0.5, 1, 1.5, 2, 7.25, 7.5, 8]) goTo(j * JIFFY);
    expect(ticks).toEqual([1, 2, 7.25, 8]);
    offTick(cpu, handler);
    goTo(20 * JIFFY);
    expect(ticks).toHaveLength(4);
    expect(cpu.nextEvent).toBe(Infinity);
  });

  test('handlers run in order, and one may take itself away', () => {
    const { cpu, goTo } = bench();
    const seen: string[] = [];
    const once = (self: Cpu): void => {
      seen.push('once');
      offTick(self, once);
    };
    onTick(cpu, once);
    onTick(cpu, () => seen.push('always'));
    goTo(JIFFY);
    goTo(2 * JIFFY);
    expect(seen).toEqual(['once', 'always', 'always']);
  });

  test('relax looks at the clock within 32 turns', () => {
    const { cpu, ran, make, clock } = bench();
    hrtimerStart(cpu, make('h'), 10, ABS);
    clock.ns = 10;
    for (let turn = 0; turn < 32; turn++) cpu.relax();
    expect(ran).toEqual(['h@0:10']);
  });
});

describe('bad input', () => {
  test.each<[string, (cpu: Cpu, timer: Ptr) => unknown, RegExp]>([
    ['clock', (c, t) => hrtimerInit(c, t, 0, ABS), /clock 0; accepted is CLOCK_MONOTONIC/],
    ['mode', (c, t) => hrtimerInit(c, t, CLOCK_MONOTONIC, 2), /mode 2; accepted are/],
    ['start mode', (c, t) => hrtimerStart(c, t, 1, 9), /mode 9; accepted are/],
    ['fraction', (c, t) => hrtimerStart(c, t, 0.5, REL), /whole numbers of nanoseconds/],
    ['no function', (c, t) => hrtimerSetFunction(c, t, 0), /no function/],
    ['never set up', (c) => hrtimerStart(c, alloc(c.memory, HrTimer), 1, ABS), /has no function/],
  ])('%s', (_case, does, message) => {
    const { cpu, make } = bench();
    expect(() => does(cpu, make('h'))).toThrow(message);
  });
});
