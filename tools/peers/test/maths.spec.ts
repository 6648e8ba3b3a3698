/** From what threads report to what is printed. */
import { expect, test } from 'vitest';
import { MAX_BATCH, nextBatch } from '../src/in-window.ts';
import { windowFor } from '../src/plan.ts';
import { sampleOf } from '../src/rounds.ts';
import type { Series } from '../src/rounds.ts';
import type { Side } from '../src/subjects.ts';
import { summarise } from '../src/summary.ts';
import { figure, formatSummary } from '../src/table.ts';
import type { ThreadReport, WindowReport } from '../src/team.ts';
import { LostUpdates, verify } from '../src/verify.ts';
import { isOversubscribed } from '../src/works.ts';

const thread = (ops: number, warmUp = 0, started = 0, ended = 1000): ThreadReport => ({
  ...{ warmUp, ops, started, ended },
});
const report = (counted: number, ...reports: ThreadReport[]): WindowReport => ({
  reports,
  counted,
});

test.each<[string, WindowReport, number | RegExp]>([
  ['one thread', report(10, thread(10)), 10],
  ['the warm-up counts too, but is not measured', report(37, thread(10, 5), thread(20, 2)), 30],
  ['the counter is a u32', report(7, thread(2 ** 32), thread(7)), 2 ** 32 + 7],
  [
    'one update lost',
    report(29, thread(10), thread(20)),
    /no lock: 2 threads.*30 increments.*grew by 29$/,
  ],
  ['one too many', report(31, thread(10), thread(20)), /30 increments.*grew by 31$/],
  ['lost beyond 2^32', report(6, thread(2 ** 32), thread(7)), /grew by 6 \(modulo 2\^32\)$/],
])('verify: %s', (_, window, expected) => {
  if (typeof expected === 'number') {
    expect(verify(window)).toBe(expected);
    return;
  }
  expect(() => verify(window)).toThrow(LostUpdates);
  expect(() => verify(window)).toThrow(expected);
});

test.each([
  // case                      threads                                               ns/op  fairness
  ['one thread', [thread(50, 0, 2000, 3000)], 20, 1],
  ['two, from the first start', [thread(10, 0, 0, 900), thread(10, 0, 100, 1000)], 50, 1],
  ['one got all but one', [thread(99), thread(1)], 10, 10_000 / (2 * 9802)],
])('a sample: %s', (_, threads, nsPerOp, fairness) => {
  const counted = threads.reduce((sum, { ops }) => sum + ops, 0);
  const sample = sampleOf(report(counted, ...threads));
  expect(sample.nsPerOp).toBeCloseTo(nsPerOp);
  expect(sample.fairness).toBeCloseTo(fairness);
});

test.each([
  // case                         size   took, ns     next
  ['begins small', 1, 20, 2],
  ['grows by doubling', 400, 8_000, 800],
  ['up to the limit', 800, 16_000, MAX_BATCH],
  ['stays there', 1000, 20_000, MAX_BATCH],
  ['shrinks at once', 1000, 5_000_000, 10],
  ['to one at the least', 1000, 5e9, 1],
  ['no time at all', 8, 0, 16],
])('a batch %s', (_, size, took, next) => {
  expect(nextBatch(size, took)).toBe(next);
});

test('all windows fit into the time given', () => {
  const { warmUpMs, measureMs } = windowFor(40, 30, 9);
  expect((warmUpMs + measureMs) * 30 * 10).toBeCloseTo(40_000);
  expect(measureMs / warmUpMs).toBeCloseTo(4);
});

test('oversubscribed means more threads than cores', () => {
  expect([1, 2, 3].map((threads) => isOversubscribed(threads, 2))).toEqual([false, false, true]);
});

const series = (work: string, side: Side, who: string, times: readonly number[]): Series => ({
  work: { work, threads: work === 'alone' ? 1 : 2, about: 'in a test' },
  ...{ who, side },
  samples: times.map((nsPerOp) => ({ nsPerOp, fairness: 0.5 })),
});

const measured = [
  series('alone', 'ours', 'ticket', [20, 10, 30]),
  series('alone', 'npm', 'rival', [50, 40, 45]),
  series('alone', 'c', 'pthread', [5, 5, 5]),
  series('pair', 'ours', 'ticket', [100]),
  series('pair', 'npm', 'rival', [250]),
];
const missing = [{ who: 'other', why: 'nobody knows it' }];

test('the document: medians with intervals, the peer’s time over ours, in the same work only', () => {
  const { results, ratios, ...rest } = summarise(measured, missing);
  expect(rest).toEqual({ missing });
  expect(results.map(({ work, who, threads }) => [work, who, threads])).toEqual([
    ['alone', 'ticket', 1],
    ['alone', 'rival', 1],
    ['alone', 'pthread', 1],
    ['pair', 'ticket', 2],
    ['pair', 'rival', 2],
  ]);
  expect(results[0]!.nsPerOp).toEqual({ median: 20, low: 10, high: 30 });
  expect(results[0]!.fairness).toBe(0.5);
  expect(ratios).toEqual([
    { work: 'alone', ours: 'ticket', peer: 'rival', ratio: 2.25 },
    { work: 'alone', ours: 'ticket', peer: 'pthread', ratio: 0.25 },
    { work: 'pair', ours: 'ticket', peer: 'rival', ratio: 2.5 },
  ]);
});

test('the table', () => {
  const works = [measured[0]!.work, measured[3]!.work];
  const lines = formatSummary(summarise(measured, missing), works).split('\n');
  expect(lines).toContain('alone: in a test');
  expect(lines).toContain('  ticket    20.0      10.0–30.0');
  expect(lines).toContain('  ticket   2.25     0.25');
  expect(lines).toContain('  rival     250        250–250      0.50');
  expect(lines.at(-1)).toBe('missing: other: nobody knows it');
});

test.each([
  [0.0612, '0.06'],
  [3.456, '3.46'],
  [34.56, '34.6'],
  [345.6, '346'],
  [34_567.8, '34568'],
])('%d is shown as %s', (value, shown) => {
  expect(figure(value)).toBe(shown);
});
