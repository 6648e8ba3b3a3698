/** How a run is made to fit into its time. */
import { describe, expect, test } from 'vitest';
import { guessSeconds, planEffort, planRounds, PROFILES } from '../src/measure/budget.ts';
import type { Budget, Cost } from '../src/measure/budget.ts';
import type { Point } from '../src/measure/select.ts';
import { findDemo } from './helpers/points.ts';

const CORES = 2;
const found = findDemo('demo-add');

function points(count: number, cpus = 1): Point[] {
  return Array.from({ length: count }, (_, k) => ({
    found,
    variant: `v${k}`,
    cpus,
    clock: 'parallel',
    knobs: {},
    oversubscribed: cpus > CORES,
  }));
}

const open: Budget = { seconds: undefined, measureSeconds: undefined, repeats: undefined };

describe('planEffort', () => {
  test.each([
    // points   budget s   given                    repeats   seconds of one repeat
    [1, 95, {}, 5, 0.5],
    [60, 95, {}, 5, 0.142],
    [500, 95, {}, 5, 0.05],
    [60, 95, { repeats: 10 }, 10, 0.05],
    [60, 95, { measureSeconds: 2 }, 5, 2],
    [60, undefined, { measureSeconds: 0.01, repeats: 2 }, 2, 0.01],
  ])('%i points in %s s with %j', (count, seconds, given, repeats, measureSeconds) => {
    const effort = planEffort(points(count), { ...open, seconds, ...given });
    expect(effort).toMatchObject({ repeats, measureSeconds });
    expect(effort.warmUpSeconds).toBeGreaterThan(0);
  });

  test('the default profile leaves time for start and report within two minutes', () => {
    const seconds = PROFILES.default;
    const some = [...points(40), ...points(10, 4)];
    const effort = planEffort(some, { ...open, seconds });
    const each = some.map((point) => guessSeconds(point, effort));
    const whole = effort.repeats * each.reduce((sum, one) => sum + one, 0);
    expect(whole).toBeLessThan(120);
  });
});

describe('planRounds', () => {
  function costs(normal: number, oversubscribed: number, roundsDone = 1): Cost[] {
    return [
      ...points(2).map((point) => ({ point, roundsDone, seconds: normal })),
      ...points(2, 16).map((point) => ({ point, roundsDone, seconds: oversubscribed })),
    ];
  }

  test.each([
    // seconds left   a usual point, an oversubscribed one   rounds of each
    [undefined, 1, 9, [5, 5, 5, 5]],
    [100, 1, 9, [5, 5, 5, 5]],
    [65, 1, 9, [5, 5, 4, 4]],
    [45, 1, 9, [5, 5, 3, 3]],
    [43, 1, 9, [4, 4, 3, 3]],
    [5, 1, 9, [3, 3, 3, 3]],
    [-3, 1, 9, [3, 3, 3, 3]],
  ])('with %s s left', (left, normal, oversubscribed, expected) => {
    const rounds = planRounds(costs(normal, oversubscribed), 5, left);
    expect([...rounds.values()]).toEqual(expected);
  });

  test('who asks for two repeats gets two', () => {
    expect([...planRounds(costs(1, 9), 2, 0).values()]).toEqual([2, 2, 2, 2]);
  });
});
