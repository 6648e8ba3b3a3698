/**
 * All schedules of all litmus tests: exactly the outcomes of sequential consistency, and as many runs as there are
 * different ones. With plain accesses each is a race, found in its first run.
 */
import { expect, test } from 'vitest';
import { explorations } from '../src/explorations/index.ts';
import { hasPlainForm, litmusName } from '../src/litmus/litmus-test.ts';
import { LITMUS_TESTS } from '../src/litmus/tests.ts';
import { explore } from '../src/vitest/index.ts';

/** Pinned: a change here is news. */
const SCHEDULES: Readonly<Record<string, number>> = {
  'litmus-mp': 3,
  'litmus-sb': 3,
  'litmus-lb': 3,
  'litmus-r': 3,
  'litmus-s': 3,
  'litmus-2-2w': 3,
  'litmus-wrc': 7,
  'litmus-isa2': 7,
  'litmus-iriw': 15,
  'litmus-rwc': 7,
  'litmus-w-rwc': 7,
  'litmus-wwc': 9,
  'litmus-z6': 7,
  'litmus-3sb': 7,
  'litmus-3lb': 7,
  'litmus-corr': 3,
  'litmus-corr2': 72,
  'litmus-coww': 1,
  'litmus-corw1': 1,
  'litmus-corw2': 3,
  'litmus-cowr': 3,
  'litmus-atomicity': 2,
};

for (const exploration of explorations) {
  if (exploration.mustFind === undefined)
    explore(exploration, { schedules: SCHEDULES[exploration.name] ?? 0 });
  else explore(exploration, { schedules: 1, strategy: ['exhaustive', 'random', 'pct'] });
}

test('every test is there, with its plain form where there is one', () => {
  const names = explorations.map(({ name }) => name);
  expect(names.filter((name) => !name.endsWith('-plain'))).toEqual(Object.keys(SCHEDULES));
  expect(names.filter((name) => name.endsWith('-plain'))).toEqual(
    LITMUS_TESTS.filter(hasPlainForm).map(({ called }) => litmusName(called, 'plain')),
  );
});

test('no test allows what it is known to forbid', () => {
  for (const { allowed, forbidden } of LITMUS_TESTS)
    expect(allowed.split(' ')).not.toContain(forbidden);
});
