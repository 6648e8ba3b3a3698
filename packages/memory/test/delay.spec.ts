import { expect, test } from 'vitest';
import { Delay } from '../src/delay.ts';
import { withLine } from './every-memory.ts';

const NS_A_LOOK = 30;
const NS_A_CALL = 4;

/** A host whose time passes only in its loop and in looks at its clock. */
function fakeHost(nsPerRound: number): { delay: Delay; took: (ns: number) => number } {
  let time = 0;
  const clock = (): number => {
    time += NS_A_LOOK;
    return time - NS_A_LOOK / 2;
  };
  const spin = (rounds: number, seed: number): number => {
    time += NS_A_CALL + rounds * nsPerRound;
    return seed;
  };
  const delay = new Delay(clock, () => spin);
  const took = (ns: number): number => {
    const start = time;
    delay.burn(ns);
    return time - start;
  };
  // The first call calibrates.
  delay.burn(1);
  return { delay, took };
}

test.each([
  // ns, at most so far off: one round of the loop, and half a look where the clock is asked
  [20, 3],
  [50, 3],
  [200, 3],
  [1_999, 3],
  [2_000, 20],
  [5_000, 20],
  [1_000_000, 20],
])('burns %i ns on a fast and on a slow host', (ns, tolerance) => {
  for (const nsPerRound of [0.7, 2.5, 5]) {
    const off = Math.abs(fakeHost(nsPerRound).took(ns) - ns);
    expect(off).toBeLessThanOrEqual(Math.max(tolerance, nsPerRound));
  }
});

test('nothing is nothing, and less than a call is a call at most', () => {
  const { took } = fakeHost(2.5);
  expect(took(0)).toBe(0);
  expect(took(3)).toBeLessThanOrEqual(NS_A_CALL + 2.5);
});

test('a clock that stands still during calibration does not make the loop endless', () => {
  let asked = 0;
  let most = 0;
  const spin = (rounds: number): number => {
    most = Math.max(most, rounds);
    return 0;
  };
  const delay = new Delay(
    () => {
      asked++;
      return 0;
    },
    () => spin,
  );
  delay.burn(1_000);
  expect(asked).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(2_000);
});

test('on the real host it comes to an end, even on a machine whose clock stands still', () => {
  const { memory } = withLine({ backend: 'wasm', clock: () => 0 });
  for (const ns of [0, 1, 100, 5_000]) memory.delay(ns);
});
