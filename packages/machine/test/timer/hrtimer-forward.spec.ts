/** hrtimer_forward(), as Linux does it: a table, and the property that defines it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CLOCK_MONOTONIC,
  HrTimer,
  HRTIMER_MODE_ABS,
  HRTIMER_NORESTART,
  hrtimerForward,
  hrtimerForwardNow,
  hrtimerGetExpires,
  hrtimerSetExpires,
  hrtimerSetup,
  hrtimerStart,
} from '../../src/index.ts';
import { forward } from '../../src/timer/hrtimer-forward.ts';
import { alloc, clockedCpus, dmesgTexts } from '../support/clocked-cpus.ts';

const MAX = Number.MAX_SAFE_INTEGER;

test.each([
  // case                            expires  now      interval  overruns  new expiry
  ['not yet', 1000, 999, 100, 0, 1000],
  ['long before', 1000, -5, 100, 0, 1000],
  ['just now', 1000, 1000, 100, 1, 1100],
  ['a little late', 1000, 1099, 100, 1, 1100],
  ['one interval late', 1000, 1100, 100, 2, 1200],
  ['between two and three', 1000, 1250, 100, 3, 1300],
  ['very late', 0, 1_000_000_007, 10, 100_000_001, 1_000_000_010],
  ['interval 0 counts as 1 ns', 1000, 2000, 0, 1001, 2001],
  ['negative interval too', 1000, 1000, -50, 1, 1001],
  ['interval 1', 1000, 1000, 1, 1, 1001],
  ['negative expiry', -300, -100, 100, 3, 0],
  ['beyond 2^52, where a quotient is rounded', 0, 2 ** 52 + 1, 2 ** 52 + 2, 1, 2 ** 52 + 2],
  ['largest delta', 0, MAX - 1, 2, (MAX - 1) / 2 + 1, MAX + 1],
])('%s', (_case, expires, now, interval, overruns, expected) => {
  expect(forward(expires, now, interval)).toEqual({ expires: expected, overruns });
});

/** Linux' loop in words: add the interval until the expiry is after now, and count. */
function byCounting(expires: number, now: number, interval: number): [number, number] {
  let at = expires;
  let count = 0;
  while (at <= now) {
    at += Math.max(interval, 1);
    count++;
  }
  return [at, count];
}

/** Rounds the overruns to the nearest. */
function rounding(expires: number, now: number, interval: number): [number, number] {
  const step = Math.max(interval, 1);
  const count = now < expires ? 0 : Math.round((now - expires) / step) + 1;
  return [expires + count * step, count];
}

const inputs = [
  fc.integer({ min: -1000, max: 1000 }),
  fc.integer({ min: -1000, max: 5000 }),
  fc.integer({ min: -3, max: 700 }),
] as const;

test('is what adding the interval again and again gives', () => {
  fc.assert(
    fc.property(...inputs, (expires, now, interval) => {
      const result = forward(expires, now, interval);
      expect([result.expires, result.overruns]).toEqual(byCounting(expires, now, interval));
    }),
  );
});

test('twin: a version that rounds is caught', () => {
  const { failed } = fc.check(
    fc.property(...inputs, (expires, now, interval) => {
      expect(rounding(expires, now, interval)).toEqual(byCounting(expires, now, interval));
    }),
    { seed: 1 },
  );
  expect(failed).toBe(true);
});

describe('on a timer', () => {
  function timerAt(expires: number): {
    cpu: ReturnType<typeof clockedCpus>['cpu'];
    timer: number;
    clock: ReturnType<typeof clockedCpus>['clock'];
  } {
    const { cpu, memory, clock } = clockedCpus({ start: 1000 });
    const timer = alloc(memory, HrTimer);
    const fn = cpu.text.define('fn', () => HRTIMER_NORESTART);
    hrtimerSetup(cpu, timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
    hrtimerSetExpires(cpu, timer, expires);
    return { cpu, timer, clock };
  }

  test('moves the expiry and returns the overruns', () => {
    const { cpu, timer } = timerAt(1000);
    expect(hrtimerForward(cpu, timer, 1250, 100)).toBe(3);
    expect(hrtimerGetExpires(cpu, timer)).toBe(1300);
    expect(hrtimerForward(cpu, timer, 1299, 100)).toBe(0);
    expect(hrtimerGetExpires(cpu, timer)).toBe(1300);
  });

  test('hrtimerForwardNow takes the time it is', () => {
    const { cpu, timer, clock } = timerAt(1000);
    clock.advance(450);
    expect(hrtimerForwardNow(cpu, timer, 100)).toBe(5);
    expect(hrtimerGetExpires(cpu, timer)).toBe(1500);
  });

  test('an enqueued one stays: a warning, and 0', () => {
    const { cpu, timer } = timerAt(0);
    hrtimerStart(cpu, timer, 2000, HRTIMER_MODE_ABS);
    expect(hrtimerForward(cpu, timer, 5000, 100)).toBe(0);
    expect(hrtimerGetExpires(cpu, timer)).toBe(2000);
    expect(dmesgTexts(cpu).join('\n')).toMatch(/hrtimer_forward: .* is enqueued/);
  });

  test('an enqueued one that has not expired: 0 without a warning, as in Linux', () => {
    const { cpu, timer } = timerAt(0);
    hrtimerStart(cpu, timer, 2000, HRTIMER_MODE_ABS);
    expect(hrtimerForward(cpu, timer, 1999, 100)).toBe(0);
    expect(dmesgTexts(cpu).join('\n')).not.toContain('hrtimer_forward');
  });

  test.each([1.5, Number.NaN, Infinity])('a time of %d is refused', (bad) => {
    const { cpu, timer } = timerAt(0);
    expect(() => hrtimerForward(cpu, timer, bad, 1)).toThrow(/whole numbers of nanoseconds/);
    expect(() => hrtimerForward(cpu, timer, 1, bad)).toThrow(/whole numbers of nanoseconds/);
  });
});
