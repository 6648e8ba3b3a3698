import type { ExplorationFailure, ExplorationResult } from '@percpu/experiment';
import { expect, test } from 'vitest';
import { complaint, failureText, isPinned, pinComplaint } from '../src/search/verdict.ts';

const race: ExplorationFailure = {
  kind: 'race',
  message: 'race on inbox.data: …',
  replay: 'percpu1:4f2a9c1d:0>-',
  table: 'step  CPU 0',
};

const result = (changes: Partial<ExplorationResult>): ExplorationResult => ({
  name: 'passing',
  strategy: 'exhaustive',
  schedules: 3,
  exhausted: true,
  accesses: 12,
  seconds: 1,
  schedulesPerSecond: 3,
  accessesPerSecond: 12,
  failures: [],
  ...changes,
});

const correct = { mustFind: undefined };
const busted = { mustFind: { kind: 'race', message: /inbox/ } } as const;

test.each([
  // definition, result                                            complaint
  [correct, result({}), undefined],
  [correct, result({ failures: [race] }), failureText(race)],
  [busted, result({ failures: [race] }), undefined],
  [
    busted,
    result({}),
    'mustFind: no race with a message like /inbox/ in all 3 schedules there are',
  ],
  [
    { mustFind: { kind: 'race' } as const },
    result({ exhausted: false, strategy: 'pct' }),
    'mustFind: no race in 3 schedules (pct)',
  ],
  [
    { mustFind: { kind: 'leak' } as const },
    result({ failures: [race] }),
    `mustFind: no leak in all 3 schedules there are; found instead:\n\n${failureText(race)}`,
  ],
])('%j with %j', (definition, found, expected) => {
  expect(complaint(definition, found)).toBe(expected);
});

test.each([
  [result({}), 3, undefined],
  [result({}), undefined, 'no failure in all 3 schedules there are; pin them: schedules: 3'],
  [result({}), 4, 'no failure, but 3 schedules where 4 are pinned: something is interleaved'],
  [result({ exhausted: false }), 3, 'no failure in 3 schedules, but they are not all there are'],
])('of %j, pinned %s', (found, pinned, expected) => {
  const said = pinComplaint(found, pinned);
  if (expected === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(expected);
});

test('only an exhaustive search of what is right is pinned', () => {
  expect(isPinned(correct, 'exhaustive')).toBe(true);
  expect(isPinned(correct, 'random')).toBe(false);
  expect(isPinned(busted, 'exhaustive')).toBe(false);
});

test('a failure reads from top to bottom, and ends with how to have it again', () => {
  expect(failureText(race)).toBe(
    "race on inbox.data: …\n\nstep  CPU 0\n\nthis schedule again: replay: 'percpu1:4f2a9c1d:0>-'",
  );
  expect(failureText({ ...race, replay: '', table: '' })).toBe('race on inbox.data: …');
});
