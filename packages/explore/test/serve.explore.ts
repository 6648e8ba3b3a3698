/** What the thread of the explorer does, here without the thread: which module, which exploration, how far. */
import { describe, expect, test } from 'vitest';
import { serve } from '../src/explorer/serve.ts';

const module = new URL('./programs/explorations.ts', import.meta.url).href;
const nothing = (): void => undefined;

test('all schedules of what has an end', async () => {
  expect(await serve({ module, name: 'passing' }, nothing)).toMatchObject({
    schedules: 2,
    exhausted: true,
    failures: [],
  });
});

test('a budget ends a search that has no end, and it does not claim to be exhausted', async () => {
  const bySchedules = await serve({ module, name: 'endless', schedules: 100 }, nothing);
  expect(bySchedules).toMatchObject({ schedules: 100, exhausted: false });
  const byTime = await serve({ module, name: 'endless', seconds: 0.2 }, nothing);
  expect(byTime.exhausted).toBe(false);
  expect(byTime.schedules).toBeGreaterThan(0);
});

describe('what was asked for is not there', () => {
  test.each([
    [{ name: 'pasing' }, 'ChoiceError', 'unknown exploration "pasing". Did you mean "passing"?'],
    [{ name: 'passing', replay: 'x' }, 'ReplayError', 'is no replay string of this version'],
    [
      { name: 'passing', module: new URL('./support/tiny-program.ts', import.meta.url).href },
      'TypeError',
      'must export explorations, a list of what exploration() returns',
    ],
    [{ name: 'passing', module: 'file:///nowhere.ts' }, 'Error', 'Cannot find module'],
  ])('%j', async (change, error, message) => {
    const reason = await serve({ module, ...change }, nothing).then(String, String);
    expect(reason).toMatch(new RegExp(`^${error}: `));
    expect(reason).toContain(message);
  });
});
