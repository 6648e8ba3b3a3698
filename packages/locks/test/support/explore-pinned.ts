import type { Exploration } from '@percpu/experiment';
import { describe, expect, test } from 'vitest';
import { explorations } from '../../src/explorations/index.ts';

/** Schedules within which each of two strategies finds what is wrong with a twin. */
const BUDGET = 1000;
/** Drawn where the preemptions of the exhaustive search are bounded. */
const DRAWS = 150;

/** `explore` of @percpu/explore/vitest, which only `*.explore.ts` may import. */
type Explore = (
  exploration: Exploration,
  options: {
    readonly schedules: number;
    readonly strategy?: readonly ('exhaustive' | 'pct' | 'pos')[];
  },
) => void;

/** Registers the explorations on this ground. `schedules`: how many there are of each that is right; a change is news. */
export function explorePinned(
  explore: Explore,
  ground: Exploration['on'],
  schedules: Readonly<Record<string, number>>,
): void {
  const chosen = explorations.filter(({ on }) => on === ground);
  const right = chosen.filter(({ mustFind }) => mustFind === undefined);
  const twins = chosen.filter(({ mustFind }) => mustFind !== undefined);

  describe('all schedules', () => {
    for (const exploration of right)
      explore(exploration, { schedules: schedules[exploration.name] ?? 0 });
  });

  describe('beyond the bound', () => {
    for (const exploration of right.filter(({ limits }) => limits.preemptions !== Infinity))
      explore(exploration, { schedules: DRAWS, strategy: ['pct', 'pos'] });
  });

  describe('busted twins', () => {
    for (const twin of twins) explore(twin, { schedules: BUDGET, strategy: ['exhaustive', 'pct'] });
  });

  test('all that is pinned is there', () => {
    expect(right.map(({ name }) => name)).toEqual(Object.keys(schedules));
  });
}
