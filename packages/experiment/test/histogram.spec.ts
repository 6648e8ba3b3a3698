import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  Histogram,
  HISTOGRAM_ERROR,
  MAX_LATENCY_NS,
  mergeHistograms,
  percentile,
  type HistogramRecord,
} from '../src/index.ts';

const ns = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 1e6 }),
  fc.integer({ min: 0, max: MAX_LATENCY_NS }),
);
const times = fc.array(ns, { minLength: 1, maxLength: 200 });

function histogramOf(values: readonly number[]): HistogramRecord {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram.toRecord();
}

test.each([
  // recorded                 p50              max            samples
  [[0], 0, 0, 1],
  [[63, 64, 65], 64, 65, 3],
  [[127, 127, 128], 127, 128, 3],
  [[-5, -5, 3], 0, 3, 3],
  [[1.6], 2, 2, 1],
  [[2 ** 31], 2 ** 31, 2 ** 31, 1],
  [[2 ** 50], MAX_LATENCY_NS, MAX_LATENCY_NS, 1],
])('%j', (values, p50, max, samples) => {
  const record = histogramOf(values);
  expect([percentile(record, 0.5), record.max, record.samples]).toEqual([p50, max, samples]);
});

test('a percentile is the nearest rank, within the stated error, and exact below 128', () => {
  fc.assert(
    fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
      const ascending = values.toSorted((a, b) => a - b);
      const exact = ascending[Math.max(1, Math.ceil(p * values.length)) - 1]!;
      const error = Math.abs(percentile(histogramOf(values), p) - exact);
      expect(error).toBeLessThanOrEqual(exact < 128 ? 0 : exact * HISTOGRAM_ERROR);
    }),
  );
});

test('percentiles ascend, up to the maximum', () => {
  fc.assert(
    fc.property(times, (values) => {
      const record = histogramOf(values);
      const found = [0, 0.1, 0.5, 0.9, 0.99, 1].map((p) => percentile(record, p));
      expect(found).toEqual(found.toSorted((a, b) => a - b));
      expect(found.at(-1)).toBeLessThanOrEqual(record.max);
    }),
  );
});

test('merging is as if one histogram had heard all', () => {
  fc.assert(
    fc.property(times, times, (a, b) => {
      expect(mergeHistograms([histogramOf(a), histogramOf(b)])).toEqual(histogramOf([...a, ...b]));
    }),
  );
});

test('no samples, no percentile', () => {
  expect(percentile(mergeHistograms([]), 0.5)).toBeNaN();
  expect(() => percentile(histogramOf([1]), 99)).toThrow(
    'a percentile is asked for as a share from 0 to 1; got 99',
  );
});
