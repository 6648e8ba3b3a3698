/** All explorations of this package: what is right in all its schedules, busted twins within a budget. */
import { explore } from '@percpu/explore/vitest';
import { describe, expect, test } from 'vitest';
import { explorations } from '../src/explorations/index.ts';

/** Pinned: a change here is news. */
const SCHEDULES: Readonly<Record<string, number>> = {
  'tas-excludes-2-spinning': 6,
  'ttas-excludes-2-spinning': 6,
  'ticket-excludes-2-spinning': 22,
  'mcs-excludes-2-spinning': 82,
  'tas-0-attempts-excludes-2-sleeping': 58,
  'tas-0-attempts-excludes-2-spin-then-sleep': 14,
  'ticket-excludes-2-sleeping': 62,
  'ticket-excludes-2-spin-then-sleep': 66,
  'mcs-excludes-2-sleeping': 626,
  'mcs-excludes-2-spin-then-sleep': 730,
  'tas-0-attempts-excludes-3-sleeping': 1094,
  'ttas-excludes-3-sleeping': 258,
  'ticket-excludes-3-sleeping': 1110,
  'mcs-excludes-3-sleeping': 1254,
  'tas-excludes-3-spinning': 210,
  'ttas-excludes-3-spinning': 210,
  'ticket-excludes-3-spinning': 2526,
  'mcs-excludes-3-spinning': 672,
  'tas-taken-twice': 30,
  'ttas-taken-twice': 47,
  'ticket-taken-twice': 153,
  'mcs-taken-twice': 1763,
  'tas-hand-over': 6,
  'ttas-hand-over': 6,
  'ticket-hand-over': 22,
  'mcs-hand-over': 82,
  'tas-trylock': 68,
  'ttas-trylock': 225,
  'ticket-trylock': 241,
  'mcs-trylock': 696,
  'tas-trylock-irqsave': 6,
  'tas-trylock-irq': 6,
  'tas-trylock-bh': 6,
  'ttas-trylock-irqsave': 8,
  'ttas-trylock-irq': 8,
  'ttas-trylock-bh': 8,
  'ticket-trylock-irqsave': 14,
  'ticket-trylock-irq': 14,
  'ticket-trylock-bh': 14,
  'mcs-trylock-irqsave': 45,
  'mcs-trylock-irq': 45,
  'mcs-trylock-bh': 45,
  'ticket-two-locks-in-one-order': 242,
  'mcs-two-locks-in-one-order': 366,
  'tas-irq-interrupted': 6,
  'tas-irqsave-interrupted': 6,
  'tas-try-irqsave-interrupted': 6,
  'tas-bh-interrupted': 10,
  'tas-try-bh-interrupted': 10,
  'ttas-irq-interrupted': 6,
  'ttas-irqsave-interrupted': 6,
  'ttas-try-irqsave-interrupted': 6,
  'ttas-bh-interrupted': 10,
  'ttas-try-bh-interrupted': 11,
  'ticket-irq-interrupted': 6,
  'ticket-irqsave-interrupted': 6,
  'ticket-try-irqsave-interrupted': 6,
  'ticket-bh-interrupted': 13,
  'ticket-try-bh-interrupted': 13,
  'mcs-irq-interrupted': 6,
  'mcs-irqsave-interrupted': 6,
  'mcs-try-irqsave-interrupted': 6,
  'mcs-bh-interrupted': 10,
  'mcs-try-bh-interrupted': 11,
  'ticket-interrupted-by-another-lock': 651,
  'mcs-interrupted-by-another-lock': 552,
  'ticket-irqsave-interrupted-and-contended': 1216,
  'mcs-irqsave-interrupted-and-contended': 1416,
  'tas-with-hooks': 12,
  'ttas-with-hooks': 32,
  'ticket-with-hooks': 26,
  'mcs-with-hooks': 168,
  'mutex-excludes-2': 232,
  'mutex-excludes-3': 1086,
  'mutex-overtaken': 545,
  'mutex-two-tasks-of-a-cpu': 72,
  'mutex-trylock': 133,
  'mutex-hand-over': 232,
  'completion-wakes-its-waiter': 1324,
  'completion-in-an-interrupt': 6,
  'completion-complete-all': 420,
  'completion-counts': 490,
  'completion-timeout': 25,
  'completion-try-wait': 6,
  'wait-queue-wakes-its-waiter': 852,
  'wait-queue-wakes-all': 267,
  'wait-queue-exclusive': 120,
  'wait-queue-timeout': 25,
  'percpu-counter-folds': 14,
  'percpu-counter-sum': 17,
  'percpu-counter-read': 2,
  'percpu-counter-interrupted': 8,
  'mcs-in-steps-excludes-2-sleeping': 626,
};

/** Schedules within which each strategy finds what is wrong with a twin. */
const BUDGET = 1000;
/** Drawn where the preemptions of the exhaustive search are bounded. */
const DRAWS = 300;

const right = explorations.filter(({ mustFind }) => mustFind === undefined);
const twins = explorations.filter(({ mustFind }) => mustFind !== undefined);

describe('all schedules', () => {
  for (const exploration of right)
    explore(exploration, { schedules: SCHEDULES[exploration.name] ?? 0 });
});

describe('beyond the bound', () => {
  for (const exploration of right.filter(({ limits }) => limits.preemptions !== Infinity))
    explore(exploration, { schedules: DRAWS, strategy: ['pct', 'pos'] });
});

describe('busted twins', () => {
  for (const twin of twins) explore(twin, { schedules: BUDGET, strategy: ['exhaustive', 'pct'] });
});

test('all that is pinned is there', () => {
  expect(right.map(({ name }) => name)).toEqual(Object.keys(SCHEDULES));
});
