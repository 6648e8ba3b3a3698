/** Jiffies and their conversions, and what the boot parameter accepts. */
import { expect, test } from 'vitest';
import {
  hz,
  jiffies,
  jiffiesToMsecs,
  jiffiesToNsecs,
  MAX_JIFFY_OFFSET,
  msecsToJiffies,
  nsecsToJiffies,
  tickNsec,
} from '../../src/index.ts';
import { clockedCpus } from '../support/clocked-cpus.ts';

const machine = (rate: number): ReturnType<typeof clockedCpus> =>
  clockedCpus({ parameters: { 'timer.hz': rate }, start: 5e9 });

test.each([
  // HZ, ns since boot, jiffies
  [250, 0, 0],
  [250, 3_999_999, 0],
  [250, 4_000_000, 1],
  [100, 10_000_000, 1],
  [1000, 86_400e9, 86_400_000],
  // 1/300 s is no whole number of ns: jiffies are 3,333,333 ns, as TICK_NSEC is.
  [300, 3_333_332, 0],
  [300, 3_333_333, 1],
])('HZ %i, %i ns after boot: jiffy %i', (rate, ns, expected) => {
  const { cpu, clock } = machine(rate);
  clock.advance(ns);
  expect([hz(cpu), jiffies(cpu)]).toEqual([rate, expected]);
});

test.each([
  // HZ, ms, jiffies (rounded up)
  [250, 0, 0],
  [250, 1, 1],
  [250, 4, 1],
  [250, 5, 2],
  [1000, 7, 7],
  [100, 1, 1],
  [250, -1, MAX_JIFFY_OFFSET],
  [250, Number.MAX_VALUE, MAX_JIFFY_OFFSET],
])('HZ %i: %d ms are %d jiffies', (rate, ms, expected) => {
  expect(msecsToJiffies(machine(rate).cpu, ms)).toBe(expected);
});

test.each([
  // HZ, jiffies, ms (rounded up), ns
  [250, 1, 4, 4_000_000],
  [1000, 3, 3, 3_000_000],
  [300, 1, 4, 3_333_333],
])('HZ %i: %d jiffies are %d ms, %d ns', (rate, j, ms, ns) => {
  const { cpu } = machine(rate);
  expect([jiffiesToMsecs(cpu, j), jiffiesToNsecs(cpu, j)]).toEqual([ms, ns]);
});

test.each([
  [0, 0],
  [1, 1],
  [4_000_000, 1],
  [4_000_001, 2],
  [-5, MAX_JIFFY_OFFSET],
])('a wait of %d ns takes %d jiffies', (ns, expected) => {
  const { cpu } = machine(250);
  expect(nsecsToJiffies(cpu, ns)).toBe(expected);
  expect(tickNsec(cpu)).toBe(4_000_000);
});

test.each([0, 10_001, 2.5, -1])('timer.hz=%d is refused', (rate) => {
  expect(() => machine(rate)).toThrow(/timer\.hz.*1 to 10000/);
});
