/** The explorer as the command line has it: each exploration in a thread of its own. What the thread does: serve.explore.ts. */
import { describe, expect, test } from 'vitest';
import { explorer } from '../src/explorer/index.ts';
import type { ExploreProgress } from '../src/search/explore.ts';

const module = new URL('./programs/explorations.ts', import.meta.url).href;

test('a module that knows nothing of the transform is explored', async () => {
  expect(await explorer.explore({ module, name: 'passing' })).toMatchObject({
    name: 'passing',
    strategy: 'exhaustive',
    schedules: 2,
    exhausted: true,
    failures: [],
  });
});

test('a busted twin: the finding has functions, lines and stacks of the source, and comes again from its replay string', async () => {
  const { failures } = await explorer.explore({
    module,
    name: 'passing-early',
    strategy: 'random',
  });
  expect(failures).toHaveLength(1);
  const { kind, message, table, replay } = failures[0]!;
  expect(kind).toBe('race');
  expect(message).toContain('write 0x');
  expect(message).toContain('in sendEarly (programs/explorations.ts:17)');
  expect(message).toContain('CPU 0 has published nothing since its write');
  expect(table).toMatch(/^ +at sendEarly \(programs\/explorations\.ts:17\)$/m);
  expect(table).toMatch(/^ +at receive \(programs\/explorations\.ts:21\)$/m);
  const again = await explorer.explore({ module, name: 'passing-early', replay });
  expect(again).toMatchObject({ strategy: 'replay', schedules: 1, failures: [{ message, table }] });
});

test('it tells how far it is, and stops soon after it is asked to', async () => {
  const controller = new AbortController();
  const heard: ExploreProgress[] = [];
  const endless = explorer.explore({
    module,
    name: 'endless',
    strategy: 'random',
    schedules: 1e9,
    signal: controller.signal,
    progress: (so) => {
      heard.push(so);
      if (heard.length === 2) controller.abort(new Error('enough'));
    },
  });
  await expect(endless).rejects.toThrow('enough');
  expect(heard[1]!.schedules).toBeGreaterThan(heard[0]!.schedules);
  const late = explorer.explore({ module, name: 'endless', signal: controller.signal });
  await expect(late).rejects.toThrow('enough');
});

test('a program that never yields ends with its thread, and is told about', async () => {
  const never = explorer.explore({ module, name: 'never-yields', patienceSeconds: 1 });
  await expect(never).rejects.toThrow(
    /nothing heard of it for 1 s, after 0 schedules.*Look for a loop/,
  );
});

describe('what was asked for is not there, and the thread says what its module would', () => {
  test.each([
    [{ name: 'passing', strategy: 'lucky' }, 'ChoiceError', 'unknown strategy "lucky"'],
    [
      { name: 'passing', patienceSeconds: 1e9 },
      'RangeError',
      'patienceSeconds is 1000000000; accepted are numbers above 0',
    ],
    [
      { name: 'passing', strategy: 'pct', seed: 0.5 },
      'RangeError',
      'seed is 0.5; accepted are whole numbers from 0',
    ],
    [{ name: 'passing', replay: 'x' }, 'ReplayError', 'is no replay string of this version'],
  ])('%j', async (change, error, message) => {
    const asked = explorer.explore({ module, ...change });
    const reason = await asked.then(String, String);
    expect(reason).toMatch(new RegExp(`^${error}: `));
    expect(reason).toContain(message);
  });
});
