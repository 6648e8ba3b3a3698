import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareSamples,
  jainIndex,
  mad,
  median,
  medianInterval,
  minMaxRatio,
  piecewise,
  quantile,
  seededRandom,
  studentT,
} from '../src/index.ts';

const finite = fc.double({ min: -1e12, max: 1e12, noNaN: true });
const sample = fc.array(finite, { minLength: 1, maxLength: 40 });
const rate = fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e12, noNaN: true }));
const rates = fc.array(rate, { minLength: 1, maxLength: 64 });

/** About normal, sd 1: the sum of twelve uniform ones (Irwin and Hall). */
function normals(seed: number, n: number, mean: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => {
    let sum = mean - 6;
    for (let i = 0; i < 12; i++) sum += random.fraction();
    return sum;
  });
}

describe('quantiles', () => {
  // R 4: quantile(c(...), p, type = 7)
  test.each([
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.1, 1.9],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.25, 3.25],
    [[10, 1, 7, 3], 0.5, 5],
    [[10, 1, 7, 3], 0.9, 9.1],
    [[10, 1, 7, 3], 0, 1],
    [[10, 1, 7, 3], 1, 10],
    [[42], 0.3, 42],
    [[1, Infinity, Infinity], 0.75, Infinity],
  ])('of %j at %d is %d', (values, p, expected) => {
    expect(quantile(values, p)).toBeCloseTo(expected, 12);
  });

  test('are what Hyndman and Fan define: linear in the rank (n−1)p', () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
        const ascending = [...values].sort((a, b) => a - b);
        const rank = (values.length - 1) * p;
        const [below, above] = [ascending[Math.floor(rank)]!, ascending[Math.ceil(rank)]!];
        const naive = below * (1 - (rank - Math.floor(rank))) + above * (rank - Math.floor(rank));
        expect(Math.abs(quantile(values, p) - naive)).toBeLessThanOrEqual(
          1e-9 * Math.max(1, Math.abs(below), Math.abs(above)),
        );
      }),
    );
  });

  test('MAD', () => {
    expect(mad([1, 1, 2, 2, 4, 6, 9])).toBe(1);
    fc.assert(fc.property(sample, (values) => mad(values) >= 0));
  });

  test.each([
    [() => quantile([], 0.5), 'the quantile of no values does not exist'],
    [() => median([]), 'the median of no values does not exist'],
    [() => mad([1, NaN]), 'the MAD of values with a NaN among them does not exist'],
    [() => quantile([1], 1.1), 'a quantile is asked for as a share from 0 to 1; got 1.1'],
  ])('%s', (ask, message) => expect(ask).toThrow(message));
});

describe('bootstrap interval of the median', () => {
  test('contains the median, lies within the data, and is the same every time', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const interval = medianInterval(values, { resamples: 200 });
        expect(interval.median).toBe(median(values));
        expect(interval.low).toBeLessThanOrEqual(interval.median);
        expect(interval.high).toBeGreaterThanOrEqual(interval.median);
        expect(interval.low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(interval.high).toBeLessThanOrEqual(Math.max(...values));
        expect(medianInterval(values, { resamples: 200 })).toEqual(interval);
      }),
      { numRuns: 50 },
    );
  });

  /** Share of 400 samples of 15 whose interval holds the true median. */
  function coverage(confidence: number): number {
    let held = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const { low, high } = medianInterval(normals(seed, 15, 100), { confidence, resamples: 400 });
      if (low <= 100 && 100 <= high) held++;
    }
    return held / 400;
  }

  test('holds the true median about as often as it says', () => {
    expect(coverage(0.95)).toBeGreaterThan(0.9);
    // The twin: an interval that claims less holds it less often.
    expect(coverage(0.5)).toBeLessThan(0.7);
  });

  test('one value has no interval to speak of', () => {
    expect(medianInterval([7])).toEqual({ median: 7, low: 7, high: 7 });
  });
});

describe('fairness', () => {
  test.each([
    // rates              Jain     min/max
    [[5, 5, 5, 5], 1, 1],
    [[1, 0, 0, 0], 0.25, 0],
    [[2, 1], 0.9, 0.5],
    [[0, 0], 1, 1],
    [[1e300, 1e300], 1, 1],
    [[1e-300, 0], 0.5, 0],
  ])('%j', (shares, jain, ratio) => {
    expect(jainIndex(shares)).toBeCloseTo(jain, 12);
    expect(minMaxRatio(shares)).toBe(ratio);
  });

  test('lies between 1/n and 1, whatever the order and the unit', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: -20, max: 20 }), (shares, exponent) => {
        const jain = jainIndex(shares);
        expect(jain).toBeGreaterThanOrEqual((1 - 1e-9) / shares.length);
        expect(jain).toBeLessThanOrEqual(1);
        expect(jainIndex(shares.toReversed())).toBeCloseTo(jain, 9);
        const rescaled = shares.map((share) => share * 2 ** exponent);
        expect(jainIndex(rescaled)).toBeCloseTo(jain, 9);
      }),
    );
  });

  test.each([
    [() => jainIndex([]), 'the fairness of no rates does not exist'],
    [() => minMaxRatio([]), 'the fairness of no rates does not exist'],
    [() => jainIndex([1, -1]), 'a rate is 0 or more; got -1'],
  ])('%s', (ask, message) => expect(ask).toThrow(message));
});

describe('comparison', () => {
  const base = [100, 101, 99, 100.5, 99.5];
  test.each([
    // case                       second                            exceeds  reason
    ['the same', base, false, 'the interval of the ratio holds 1'],
    ['twice as fast', base.map((x) => x * 2), true, 'the interval of the ratio leaves out 1'],
    ['half as fast', base.map((x) => x / 2), true, 'the interval of the ratio leaves out 1'],
    [
      'shifted within the noise',
      base.map((x) => x + 0.4),
      false,
      'the interval of the ratio holds 1',
    ],
    [
      'a small steady shift',
      [101.6, 101.7, 101.65, 101.62, 101.6],
      false,
      'the change is below 2 %',
    ],
    ['too few', [200, 200], false, '2 of the 3 repeats needed on each side'],
  ])('%s', (_case, second, exceedsNoise, reason) => {
    expect(compareSamples(base, second)).toMatchObject({ exceedsNoise, reason });
  });

  test('the ratio is second over first, and swapping the sides does not change the verdict', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0.8, max: 1.25, noNaN: true }),
        (seed, factor) => {
          const [a, b] = [normals(seed, 7, 50), normals(seed + 1, 7, 50 * factor)];
          const there = compareSamples(a, b, { resamples: 200 });
          const back = compareSamples(b, a, { resamples: 200 });
          expect(there.ratio.median).toBeCloseTo(1 / back.ratio.median, 9);
          expect(there.ratio.median).toBeCloseTo(median(b) / median(a), 9);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('noise of 5 % is seldom taken for a change; a change of 30 % never missed', () => {
    let wrong = 0;
    let missed = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const first = normals(seed, 7, 20);
      if (compareSamples(first, normals(seed + 1000, 7, 20), { resamples: 400 }).exceedsNoise)
        wrong++;
      if (!compareSamples(first, normals(seed + 1000, 7, 26), { resamples: 400 }).exceedsNoise)
        missed++;
    }
    expect(wrong).toBeLessThan(20);
    expect(missed).toBe(0);
  });

  test('rates are positive', () => {
    expect(() => compareSamples([1, 0], [1])).toThrow(
      'only positive values can be compared as a ratio; got 0',
    );
  });
});

describe("Student's t", () => {
  // Printed tables, two-sided.
  test.each([
    [0.95, 1, 12.7062],
    [0.95, 2, 4.30265],
    [0.95, 4, 2.77645],
    [0.95, 7, 2.36462],
    [0.95, 30, 2.04227],
    [0.95, 1000, 1.96234],
    [0.99, 5, 4.03214],
    [0.5, 3, 0.764892],
  ])('%d at %i degrees of freedom', (confidence, freedom, t) => {
    expect(studentT(confidence, freedom)).toBeCloseTo(t, 4);
  });

  test.each([
    [0.95, 0, 'degrees of freedom are whole and positive; got 0'],
    [1, 4, 'a confidence is between 0 and 1; got 1'],
  ])('%d at %i is refused', (confidence, freedom, message) => {
    expect(() => studentT(confidence, freedom)).toThrow(message);
  });
});

test.each([
  // curve                    points                                           pieces [from, to, exponent]
  ['one point', [[1, 5]], []],
  [
    'scales',
    [
      [1, 1],
      [2, 2],
      [4, 4],
      [8, 8],
    ],
    [[1, 8, 1]],
  ],
  [
    'scales but for noise',
    [
      [1, 1],
      [2, 2.1],
      [4, 3.9],
      [8, 8],
    ],
    [[1, 8, 1]],
  ],
  [
    'a cliff, then flat',
    [
      [1, 8],
      [2, 4],
      [4, 4],
      [8, 4],
    ],
    [
      [1, 2, -1],
      [2, 8, 0],
    ],
  ],
  [
    'up, then collapse',
    [
      [1, 1],
      [4, 4],
      [8, 1],
      [16, 0.25],
    ],
    [
      [1, 4, 1],
      [4, 16, -2],
    ],
  ],
])('a curve in pieces: %s', (_case, points, pieces) => {
  const found = piecewise(
    points.map(([cpus, opsPerSecond]) => ({ cpus: cpus!, opsPerSecond: opsPerSecond! })),
  );
  const rounded = found.map(({ from, to, exponent }) => [
    from,
    to,
    Math.round(exponent * 100) / 100 + 0,
  ]);
  expect(rounded).toEqual(pieces);
});

test('random numbers: any 16 streams of any seed start differently, and are spread evenly', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (seed) => {
      const first = Array.from({ length: 16 }, (_, stream) => seededRandom(seed, stream).next());
      expect(new Set(first).size).toBe(16);
      const random = seededRandom(seed);
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < 4000; i++) counts[random.below(4)]!++;
      for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
    }),
    { numRuns: 30 },
  );
});
