/** A package's explorations as tests, with what is expected of each in one table. */
import type { Exploration } from '@percpu/experiment';
import { describe, expect, test } from 'vitest';
import { explore } from './explore.ts';

export interface Pins {
  /** What must be right, with the number of its schedules: a change here is news. */
  readonly schedules: Readonly<Record<string, number>>;
  /** Busted twins, with the runs within which the exhaustive search and pct both find what is wrong. */
  readonly twins?: Readonly<Record<string, number>>;
  /** Too much for an exhaustive search: runs in which pct and pos find what is wrong with a twin, and nothing otherwise. */
  readonly drawn?: Readonly<Record<string, number>>;
}

/** Drawn where the preemptions of the exhaustive search are bounded. */
const DRAWS = 200;

/** Registers all of `explorations`; one that no pin names, or a pin that names none, fails. */
export function explorePinned(
  explorations: readonly Exploration[],
  { schedules, twins = {}, drawn = {} }: Pins,
): void {
  const chosen = (pins: Readonly<Record<string, number>>): Exploration[] =>
    explorations.filter(({ name }) => pins[name] !== undefined);
  const right = chosen(schedules);
  const bounded = right.filter(({ limits }) => limits.preemptions !== Infinity);

  suite('all schedules', right, (one) => explore(one, { schedules: schedules[one.name]! }));
  suite('beyond the bound', bounded, (one) =>
    explore(one, { schedules: DRAWS, strategy: ['pct', 'pos'] }),
  );
  suite('busted twins', chosen(twins), (one) =>
    explore(one, { schedules: twins[one.name]!, strategy: ['exhaustive', 'pct'] }),
  );
  suite('drawn', chosen(drawn), (one) =>
    explore(one, { schedules: drawn[one.name]!, strategy: ['pct', 'pos'] }),
  );

  test('each exploration is pinned, in the table where it belongs', () => {
    const pinned = [schedules, twins, drawn].flatMap((table) => Object.keys(table));
    const names = explorations.map(({ name }) => name);
    expect(names.filter((name) => !pinned.includes(name))).toEqual([]);
    expect(pinned.filter((name) => !names.includes(name))).toEqual([]);
    expect(right.filter(({ mustFind }) => mustFind !== undefined)).toEqual([]);
    expect(chosen(twins).filter(({ mustFind }) => mustFind === undefined)).toEqual([]);
  });
}

/** Vitest takes a suite without tests for a mistake. */
function suite(
  title: string,
  explorations: readonly Exploration[],
  register: (one: Exploration) => void,
): void {
  if (explorations.length > 0) describe(title, () => explorations.forEach(register));
}
