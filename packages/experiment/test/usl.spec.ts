import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boundaries,
  EXTRAPOLATION,
  fitUsl,
  judgeUsl,
  seededRandom,
  uslRate,
  type Run,
  type UslFit,
} from '../src/index.ts';
import { curves, type CurveData } from './support/curves.ts';

function runsOf({ cpus, rates }: CurveData): Run[] {
  return cpus.map((n, i) => ({ cpus: n, opsPerSecond: rates[i]! }));
}

function half({ low, high }: { low: number; high: number }): number {
  return (high - low) / 2;
}

describe('published data: parameters, half widths of their 95 % intervals, error, peak', () => {
  test.each([
    // data                γ       α        ±       β          ±         MAPE %  n*
    ['spec-sdm91', 89.995, 0.02773, 0.025, 1.044e-4, 5.5e-5, 8.9, 96.5],
    ['locktorture stock', 2.083, 0.307, 0.079, 3.4e-4, 3.6e-4, 4.7, 45],
    ['locktorture CNA', 1.714, 0.143, 0.047, 1.5e-4, 1.8e-4, 6.3, 76],
    ['lock2 stock', 2.012, 0.237, 0.31, 0.0134, 0.0093, 20, 7.5],
    ['leveldb stock', 0.621, 0.477, 0.3, 0.0068, 0.0045, 13, 8.7],
    ['vmalloc one lock', 250, 0.155, 0.26, 0, 0.0046, 14, undefined],
  ] as const)('%s', (name, gamma, alpha, alphaHalf, beta, betaHalf, mape, peak) => {
    const fit = fitUsl(runsOf(curves[name]));
    const close = (found: number, printed: number): void => {
      // As many digits as were printed: two at least.
      expect(Math.abs(found - printed)).toBeLessThanOrEqual(0.025 * Math.abs(printed));
    };
    close(fit.gamma.value, gamma);
    close(fit.alpha.value, alpha);
    close(half(fit.alpha), alphaHalf);
    close(fit.beta.value, beta);
    close(half(fit.beta), betaHalf);
    close(fit.mape * 100, mape);
    if (peak === undefined) expect(fit.peak).toBeUndefined();
    else close(fit.peak!.value, peak);
  });

  // Published from more points than are listed here: the intervals must hold the published values.
  test.each([
    ['atomic counter, Xeon 8176', 5.87, 0.0023],
    ['atomic counter, Milan', 2.74, 0.016],
    ['per-CPU counter, Xeon 8176', 0.0053, 0],
  ] as const)('%s, a part of the points', (name, alpha, beta) => {
    const fit = fitUsl(runsOf(curves[name]));
    for (const [found, published] of [
      [fit.alpha, alpha],
      [fit.beta, beta],
    ] as const) {
      expect(found.low).toBeLessThanOrEqual(published);
      expect(found.high).toBeGreaterThanOrEqual(published);
    }
  });
});

describe('fitting', () => {
  const truth = fc.record({
    gamma: fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
    alpha: fc.double({ min: 0, max: 0.9, noNaN: true }),
    beta: fc.double({ min: 0, max: 0.05, noNaN: true }),
  });
  const counts = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

  test('finds the law again from its own curve', () => {
    fc.assert(
      fc.property(truth, (law) => {
        const fit = fitUsl(counts.map((cpus) => ({ cpus, opsPerSecond: uslRate(law, cpus) })));
        expect(fit.mape).toBeLessThan(1e-5);
        expect(Math.abs(fit.gamma.value / law.gamma - 1)).toBeLessThan(1e-3);
        expect(Math.abs(fit.alpha.value - law.alpha)).toBeLessThan(1e-3);
        expect(Math.abs(fit.beta.value - law.beta)).toBeLessThan(1e-4);
      }),
    );
  });

  test('its 95 % intervals hold the truth about as often', () => {
    const law = { gamma: 1000, alpha: 0.1, beta: 0.002 };
    const held = { gamma: 0, alpha: 0, beta: 0, peak: 0 };
    for (let seed = 1; seed <= 200; seed++) {
      const random = seededRandom(seed);
      const noise = (): number => random.fraction() + random.fraction() + random.fraction() - 1.5;
      const runs = counts.flatMap((cpus) =>
        [1, 2, 3].map(() => ({ cpus, opsPerSecond: uslRate(law, cpus) + 100 * noise() })),
      );
      const fit = fitUsl(runs);
      const inside = ({ low, high }: { low: number; high: number }, value: number): number =>
        low <= value && value <= high ? 1 : 0;
      for (const name of ['gamma', 'alpha', 'beta'] as const)
        held[name] += inside(fit[name], law[name]);
      held.peak += inside(fit.peak!, Math.sqrt((1 - law.alpha) / law.beta));
    }
    for (const count of Object.values(held)) {
      expect(count).toBeGreaterThan(180);
      expect(count).toBeLessThan(200);
    }
  });

  test('the unit of the rates does not matter', () => {
    const runs = runsOf(curves['spec-sdm91']);
    const [small, large] = [1e-12, 1e12].map((unit) =>
      fitUsl(runs.map((run) => ({ ...run, opsPerSecond: run.opsPerSecond * unit }))),
    );
    expect(small!.alpha.value).toBeCloseTo(large!.alpha.value, 9);
    expect((small!.gamma.value / large!.gamma.value) * 1e24).toBeCloseTo(1, 9);
  });

  test.each([
    [
      [
        [1, 1],
        [2, 2],
        [4, 3],
      ],
      'a fit needs at least 4 runs at three CPU counts; got 3 runs',
    ],
    [
      [
        [1, 1],
        [1, 1],
        [2, 2],
        [2, 2],
      ],
      'at three CPU counts; got 4 runs',
    ],
    [
      [
        [0, 1],
        [2, 2],
        [4, 3],
        [8, 4],
      ],
      'a fit needs CPU counts of 1 or more; got 0',
    ],
    [
      [
        [1, 1],
        [2, 0],
        [4, 3],
        [8, 4],
      ],
      'a fit needs positive rates; got 0',
    ],
    [
      [
        [1, 1],
        [2, NaN],
        [4, 3],
        [8, 4],
      ],
      'a fit needs positive rates; got NaN',
    ],
  ])('%j is refused', (points, message) => {
    expect(() =>
      fitUsl(points.map(([cpus, opsPerSecond]) => ({ cpus: cpus!, opsPerSecond: opsPerSecond! }))),
    ).toThrow(message);
  });
});

describe('publication', () => {
  test.each([
    // data                     boundaries          published, or why not
    ['spec-sdm91', [], true],
    ['locktorture stock', [18, 36, 54, 72], true],
    ['locktorture CNA', [18, 36, 54, 72], true],
    [
      'lock2 stock',
      [18, 36, 54, 72],
      'the law misses the data by 20.1 % on average; allowed are 10 %',
    ],
    ['leveldb stock', [18, 36, 54, 72], 'the law misses the data by 13.0 % on average'],
    ['vmalloc one lock', [], 'the law misses the data by 13.8 %'],
    ['atomic counter, Xeon 8176', [28], 'the contention α would be 6.74, outside 0 ≤ α < 1'],
    ['atomic counter, Milan', [28], 'the contention α would be 2.90, outside 0 ≤ α < 1'],
    ['per-CPU counter, Xeon 8176', [], true],
    [
      'per-CPU counter, Xeon 8176',
      [28, 56, 84, 112, 140, 168, 196, 224],
      'all data from 28 to 112 CPUs lie above the law (across the boundary at 28)',
    ],
    [
      'per-CPU counter, Xeon 8176',
      undefined,
      'all data from 28 to 112 CPUs lie above the law (the topology of the host is not known)',
    ],
    ['rwlock read, Xeon 8176', [28], 'the law misses the data by 49.1 %'],
  ] as const)('%s with boundaries %j', (name, knees, verdict) => {
    const judged = judgeUsl(runsOf(curves[name]), knees);
    if (verdict === true)
      expect(judged).toMatchObject({
        published: true,
        law: { limit: EXTRAPOLATION * curves[name].cpus.at(-1)! },
      });
    else expect(judged.reason).toContain(verdict);
    expect(judged.published).toBe(verdict === true);
    expect('law' in judged).toBe(judged.published);
    expect(judged.piecewise[0]?.from).toBe(1);
    expect(judged.piecewise.at(-1)?.to).toBe(curves[name].cpus.at(-1));
  });

  test('fewer than six counts are never fitted, however many runs', () => {
    const runs = [1, 2, 4, 6, 8].flatMap((cpus) =>
      Array.from({ length: 20 }, () => ({
        cpus,
        opsPerSecond: uslRate({ gamma: 1, alpha: 0.1, beta: 0 }, cpus),
      })),
    );
    expect(judgeUsl(runs, [])).toMatchObject({
      published: false,
      runs: 100,
      reason: "5 CPU counts within the host's cores; a fit needs 6",
    });
    expect(judgeUsl([{ cpus: 1, opsPerSecond: 1 }], [])).toMatchObject({
      reason: "1 CPU count within the host's cores; a fit needs 6",
    });
    expect(judgeUsl([], [])).toMatchObject({ published: false, cpuCounts: [], piecewise: [] });
  });

  test.each([
    // β           what the data, up to 32 CPUs, can say about the peak
    [0.01, true],
    [0.0001, false],
  ])('a peak beyond twice the largest count is not told (β = %d)', (beta, told) => {
    const runs = [1, 2, 4, 8, 16, 24, 32].map((cpus) => ({
      cpus,
      opsPerSecond: uslRate({ gamma: 1, alpha: 0.01, beta }, cpus),
    }));
    const judged = judgeUsl(runs, []);
    expect(judged.published).toBe(true);
    expect(judged.law?.peak !== undefined).toBe(told);
  });

  test('the steeper the cliff from one CPU to two, the larger α: at some point it is refused', () => {
    const withCliff = (factor: number): UslFit =>
      fitUsl(
        [1, 2, 4, 8, 16, 32].map((cpus) => ({
          cpus,
          opsPerSecond: cpus === 1 ? 100 * factor : 100,
        })),
      );
    expect(withCliff(1).alpha.value).toBeCloseTo(1, 6);
    expect(withCliff(4).alpha.value).toBeGreaterThan(1);
  });
});

test.each([
  // host                                                                              boundaries
  [{ known: false }, undefined],
  [{ known: true }, undefined],
  [{ known: true, sockets: 1, coresPerSocket: 8, threadsPerCore: 1 }, []],
  [{ known: true, sockets: 1, coresPerSocket: 8, threadsPerCore: 2 }, [8]],
  [{ known: true, sockets: 4, coresPerSocket: 18, threadsPerCore: 2 }, [18, 36, 54, 72]],
  [{ known: true, sockets: 2, coresPerSocket: 16, threadsPerCore: 1, coresPerLlc: 8 }, [8, 16, 24]],
])('boundaries of %j', (topology, expected) => {
  expect(boundaries(topology)).toEqual(expected);
});
