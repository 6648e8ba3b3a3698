import type { Exploration } from '@percpu/experiment';
import { explorations } from '@percpu/machine/explorations';
import { describe } from 'vitest';
import { explore } from '../../src/vitest.ts';

export interface Pins {
  /** What must be right, with the number of its schedules: a change here is news. */
  readonly schedules: Readonly<Record<string, number>>;
  /** Busted twins, with the runs within which the exhaustive search and pct both find what is wrong. */
  readonly twins: Readonly<Record<string, number>>;
  /** Too much for an exhaustive search: runs in which pct and pos find what is wrong with a twin, and nothing otherwise. */
  readonly drawn?: Readonly<Record<string, number>>;
}

/** Drawn where the preemptions of the exhaustive search are bounded. */
const DRAWS = 300;

/** Registers explorations of the machine by name. */
export function exploreNamed({ schedules, twins, drawn = {} }: Pins): void {
  const right = Object.entries(schedules).map(([name, pinned]) => ({ ...named(name), pinned }));
  describe('all schedules', () => {
    for (const { pinned, ...exploration } of right) explore(exploration, { schedules: pinned });
  });
  describe('beyond the bound', () => {
    for (const exploration of right)
      if (exploration.limits.preemptions !== Infinity)
        explore(exploration, { schedules: DRAWS, strategy: ['pct', 'pos'] });
  });
  describe('busted twins', () => {
    for (const [name, budget] of Object.entries(twins))
      explore(named(name), { schedules: budget, strategy: ['exhaustive', 'pct'] });
    for (const [name, budget] of Object.entries(drawn))
      explore(named(name), { schedules: budget, strategy: ['pct', 'pos'] });
  });
}

function named(name: string): Exploration {
  const found = explorations.find((exploration) => exploration.name === name);
  if (found === undefined) throw new Error(`no exploration of the machine is called ${name}`);
  return found;
}
