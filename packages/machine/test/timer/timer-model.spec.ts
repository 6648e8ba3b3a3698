/**
 * Timers of two CPUs against a model: random arming, moving, deleting and passing of time. The model is a
 * list; a timer in it has a jiffy, an order of arming, and a CPU.
 */
import type { Ptr } from '@percpu/memory';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addTimerOn,
  delTimer,
  delTimerSync,
  jiffies,
  modTimer,
  setTimerExpires,
  TimerList,
  timerPending,
  timerSetup,
} from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { alloc, clockedCpus } from '../support/clocked-cpus.ts';

const JIFFY = 4_000_000;
const TIMERS = 6;
const CPUS = 2;

type Step =
  | {
      readonly does: 'mod' | 'addOn';
      readonly cpu: number;
      readonly timer: number;
      readonly in: number;
    }
  | { readonly does: 'del' | 'delSync'; readonly cpu: number; readonly timer: number }
  | { readonly does: 'pass'; readonly jiffies: number };

const which = { cpu: fc.nat(CPUS - 1), timer: fc.nat(TIMERS - 1) };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('mod' as const),
      ...which,
      in: fc.integer({ min: -3, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('addOn' as const), ...which, in: fc.nat(9) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constantFrom('del' as const, 'delSync' as const), ...which }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('pass' as const), jiffies: fc.nat(5) }) },
);

interface Armed {
  timer: number;
  cpu: number;
  due: number;
  order: number;
}

class Model {
  armed: Armed[] = [];
  ran: string[] = [];
  now = 0;
  /** The jiffy each CPU has handled last, −1 before its first timer ran. */
  private readonly handled = Array<number>(CPUS).fill(-1);
  private orders = 0;

  /** Returns what modTimer does. */
  arm(timer: number, cpu: number, expires: number): number {
    const before = this.remove(timer);
    const due = Math.max(expires, this.handled[cpu]! + 1);
    this.armed.push({ timer, cpu, due, order: this.orders++ });
    return before;
  }

  remove(timer: number): number {
    const rest = this.armed.filter((one) => one.timer !== timer);
    const found = this.armed.length - rest.length;
    this.armed = rest;
    return found;
  }

  pending(timer: number): boolean {
    return this.armed.some((one) => one.timer === timer);
  }

  /** Every CPU looks, CPU 0 first. */
  look(): void {
    for (let cpu = 0; cpu < CPUS; cpu++) {
      const due = this.armed
        .filter((one) => one.cpu === cpu && one.due <= this.now)
        .sort((a, b) => a.due - b.due || a.order - b.order);
      if (due.length > 0) this.handled[cpu] = this.now;
      for (const one of due) {
        this.remove(one.timer);
        this.ran.push(`${one.timer}@${cpu}:${this.now}`);
      }
    }
  }
}

type ModTimer = typeof modTimer;

/** Runs the steps on both; undefined, or how they differ. */
function compare(steps: readonly Step[], mod: ModTimer): string | undefined {
  const { cpus, cpu, memory, clock } = clockedCpus({ cpus: CPUS });
  const ran: string[] = [];
  const timers: Ptr[] = [];
  for (let index = 0; index < TIMERS; index++) {
    let fn = 0;
    for (const each of cpus) {
      fn = each.text.define(`timer ${index}`, (self) =>
        ran.push(`${index}@${self.id}:${jiffies(self)}`),
      );
    }
    timers.push(alloc(memory, TimerList));
    timerSetup(cpu, timers[index]!, fn);
  }
  const model = new Model();
  for (const [index, one] of steps.entries()) {
    const difference = doStep(one);
    if (difference !== undefined) return `step ${index}: ${difference}`;
  }
  return undefined;

  function doStep(one: Step): string | undefined {
    if (one.does === 'pass') {
      clock.advance(one.jiffies * JIFFY);
      model.now += one.jiffies;
    } else {
      const answers = act(one, cpus[one.cpu]!, timers[one.timer]!);
      if (answers[0] !== answers[1]) return `${one.does} returned ${answers[0]}, not ${answers[1]}`;
    }
    for (const each of cpus) each.takeInterrupts();
    model.look();
    if (ran.join() !== model.ran.join()) return `ran ${ran.join()}, not ${model.ran.join()}`;
    const wrong = timers.findIndex((at, i) => timerPending(cpu, at) !== model.pending(i));
    return wrong === -1 ? undefined : `timer ${wrong} pending: ${!model.pending(wrong)}`;
  }

  /** What the real thing answered, and the model. */
  function act(one: Exclude<Step, { does: 'pass' }>, on: Cpu, timer: Ptr): [number, number] {
    switch (one.does) {
      case 'mod': {
        const expires = model.now + one.in;
        return [mod(on, timer, expires), model.arm(one.timer, on.id, expires)];
      }
      case 'addOn': {
        if (model.pending(one.timer)) return [0, 0];
        setTimerExpires(on, timer, model.now + one.in);
        addTimerOn(on, timer, 1 - on.id);
        return [0, model.arm(one.timer, 1 - on.id, model.now + one.in)];
      }
      case 'del':
        return [delTimer(on, timer), model.remove(one.timer)];
      case 'delSync':
        return [delTimerSync(on, timer), model.remove(one.timer)];
    }
  }
}

const steps = fc.array(step, { maxLength: 60 });

test('timers do what a sorted list does', () => {
  fc.assert(
    fc.property(steps, (all) => {
      expect(compare(all, modTimer)).toBeUndefined();
    }),
    { numRuns: 150 },
  );
});

test.each<[string, ModTimer]>([
  ['a jiffy late', (cpu, timer, expires) => modTimer(cpu, timer, expires + 1)],
  ['always says it was idle', (cpu, timer, expires) => (modTimer(cpu, timer, expires), 0)],
  [
    'leaves a pending one alone',
    (cpu, timer, e) => (timerPending(cpu, timer) ? 1 : modTimer(cpu, timer, e)),
  ],
])('twin, caught: one that %s', (_case, mod) => {
  const { failed } = fc.check(
    fc.property(steps, (all) => compare(all, mod) === undefined),
    { numRuns: 150, seed: 1 },
  );
  expect(failed).toBe(true);
});
