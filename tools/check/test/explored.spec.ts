/** The page of explorations agrees with the tests in everything but seconds. */
import { expect, test } from 'vitest';
import { explorationsPage, withoutSeconds } from '../src/explored/page.ts';
import type { ExploredFile } from '../src/explored/record.ts';

const right = { name: 'lock-excludes', twin: false, budget: 22, preemptions: 2, seconds: 0.5 };
const twin = { name: 'lock-leaks', twin: true, budget: 50, preemptions: null, seconds: 0.25 };

const files: ExploredFile[] = [
  {
    package: '@percpu/locks',
    file: 'test/explore/spin.explore.ts',
    explored: [
      { ...right, strategy: 'exhaustive', schedules: 22 },
      { ...right, strategy: 'pct', schedules: 200, budget: 200 },
      { ...twin, strategy: 'exhaustive', schedules: 3 },
      { ...twin, strategy: 'pct', schedules: 7 },
    ],
  },
];

const page = explorationsPage(files, 'a processor, Node 26');

test.each([
  ['1 explorations that must hold and 1 busted twins: 4 searches in 2 s of one core'],
  ['## @percpu/locks\n\n### spin\n'],
  ['| `lock-excludes` |  | 22 | 2 | pct 200 | 1.00 |'],
  ['| `lock-leaks` | twin | ≤ 50 |  | pct 50 | 0.50 |'],
])('the page says: %s', (line) => {
  expect(page).toContain(line);
});

test('seconds and the machine are free, numbers of schedules are not', () => {
  const changed = (change: object): string =>
    explorationsPage(
      files.map((file) => ({
        ...file,
        explored: file.explored.map((one) => ({ ...one, ...change })),
      })),
      'another one (boosted), Node 27',
    );
  expect(withoutSeconds(changed({ seconds: 12.345 }))).toBe(withoutSeconds(page));
  expect(withoutSeconds(changed({ schedules: 23 }))).not.toBe(withoutSeconds(page));
  expect(withoutSeconds(changed({ budget: 51 }))).not.toBe(withoutSeconds(page));
});
