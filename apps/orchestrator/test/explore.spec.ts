/** `percpu explore`, with an explorer and explorations that a project brings itself. */
import { describe, expect, test } from 'vitest';
import { judge } from '../src/explore/judge.ts';
import type { ExplorationFailure, ExplorationResult, MustFind } from '@percpu/experiment';
import { run, runProcess } from './helpers/command.ts';
import type { Outcome } from './helpers/command.ts';
import { FIXTURE_EXPLORATIONS, FIXTURE_EXPLORER } from './helpers/fixture-explorer.ts';
import { projectWith } from './helpers/packages.ts';

const folder = projectWith('made-explorer', {
  explorer: FIXTURE_EXPLORER,
  explorations: FIXTURE_EXPLORATIONS,
});

function explore(...args: string[]): Promise<Outcome> {
  return run(['explore', ...args], folder);
}

test('list shows them', async () => {
  const { stdout } = await run(['list', '--json'], folder);
  const { explorations } = JSON.parse(stdout) as { explorations: unknown[] };
  expect(explorations).toContainEqual({
    name: 'made-race',
    package: 'made-explorer',
    description: 'About made-race.',
  });
});

test('--json: the result as the explorer gave it, nothing else on standard output', async () => {
  const { code, stdout, stderr } = await runProcess(['explore', 'made-clean', '--json'], folder);
  expect(JSON.parse(stdout)).toEqual({
    name: 'made-clean',
    strategy: 'exhaustive',
    schedules: 34,
    exhausted: true,
    accesses: 340,
    seconds: 2,
    schedulesPerSecond: 17,
    accessesPerSecond: 170,
    failures: [],
  });
  expect(stderr).toMatch(/made-clean: 10 schedules, 20 s, 0.500\/s/);
  expect(code).toBe(0);
});

test.concurrent.each([
  // name                  verdict                                                            code
  ['made-clean', /^ok {2}made-clean {2}no failure, whatever the schedule/, 0],
  ['made-race', /^not ok {2}made-race {2}found: race/, 1],
  ['made-race-twin', /^ok {2}made-race-twin {2}found, as it must be: race \(\/inside\/\)/, 0],
  ['made-deadlock-twin', /^not ok .* not found: race; found instead: deadlock/, 1],
  ['made-quiet-twin', /^not ok .* not found: race/, 1],
])('%s', async (name, says, expected) => {
  const { code, stdout } = await explore(name);
  expect(stdout).toMatch(says);
  expect(code).toBe(expected);
});

test('a failure is shown with its table and the line that replays it', async () => {
  const { stdout } = await explore('made-race');
  expect(stdout).toContain(`
  race: both were inside

  step  CPU 0  CPU 1
     1  lock
     2         lock

  again: percpu explore made-race --replay 'v1:0>lock#1 it'\\''s 1>lock#1'
`);
});

test('a search that was cut short does not claim more than it did', async () => {
  const { stdout } = await explore(
    'made-clean',
    '--schedules',
    '5',
    '--strategy',
    'random',
    '--seed',
    '3',
  );
  expect(stdout).toMatch(/no failure in 5 schedules .*5 schedules by random 3; /);
});

test('several names: all are run, one that crashes does not stop the rest', async () => {
  const names = ['made-crashes', 'made-clean', 'made-race-twin', 'made-race'];
  const { code, stdout, stderr } = await explore(...names);
  expect(stderr).toMatch(/made-crashes: shared access outside a controlled frame/);
  expect(stdout).toMatch(/explorations +3 of 4/);
  // The table of the failure that should not be, and not that of the twin.
  expect(stdout.match(/step {2}CPU 0/g)).toHaveLength(1);
  expect(stdout).toMatch(/not as expected +1: made-race/);
  expect(code).toBe(1);
  const json = await explore('made-clean', 'made-race-twin', '--json');
  expect((JSON.parse(json.stdout) as { name: string }[]).map(({ name }) => name)).toEqual([
    'made-clean',
    'made-race-twin',
  ]);
  expect(json.code).toBe(0);
});

test('Ctrl-C ends it and keeps what was found', async () => {
  const args = ['explore', 'made-clean', 'made-forever', '--json'];
  const { code, stdout } = await runProcess(args, folder);
  expect((JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)).toEqual([
    'made-clean',
  ]);
  expect(code).toBe(130);
});

test('--replay runs one schedule', async () => {
  const { code, stdout } = await explore('made-race', '--replay', 'v1:0>lock#1', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ schedules: 1, failures: [{ kind: 'race' }] });
  expect(code).toBe(1);
});

test.concurrent.each([
  // command line                                  what the message must hold
  [['made-clea'], /unknown exploration "made-clea"\. Did you mean "made-clean"\?/],
  [[], /needs a NAME, or --package .*there are:[^]*made-explorer: made-clean made-race/],
  [['made-clean', '--strategy', 'randon'], /unknown strategy "randon"\. Did you mean "random"/],
  [['made-clean', '--replay', 'x'], /--replay: made for other code: expected v1:, met x/],
  [
    ['--package', 'made-explorr'],
    /unknown package with explorations "made-explorr".*made-explorer/,
  ],
])('percpu explore %j is refused', async (args, says) => {
  const { code, stdout, stderr } = await explore(...args);
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('a broken explorer is named', async () => {
  const broken = projectWith('bad-explorer', {
    explorer: 'export const explorer = {}',
    explorations: FIXTURE_EXPLORATIONS,
  });
  const { code, stderr } = await run(['explore', 'made-clean'], broken);
  expect(stderr).toMatch(
    /explorer of bad-explorer .*must export "explorer" with strategies and explore/,
  );
  expect(code).toBe(2);
});

describe('the verdict', () => {
  const failure = (kind: ExplorationFailure['kind'], message = 'x'): ExplorationFailure => ({
    kind,
    message,
    replay: '',
    table: '',
  });

  test.each<[string, MustFind | undefined, ExplorationFailure[], boolean]>([
    ['correct, clean', undefined, [], true],
    ['correct, but a failure', undefined, [failure('race')], false],
    ['busted, found', { kind: 'race' }, [failure('race')], true],
    ['busted, found among others', { kind: 'race' }, [failure('leak'), failure('race')], true],
    ['busted, clean', { kind: 'race' }, [], false],
    ['busted, another kind', { kind: 'race' }, [failure('deadlock')], false],
    ['busted, the right words', { kind: 'race', message: /data/ }, [failure('race', 'data')], true],
    ['busted, other words', { kind: 'race', message: /data/ }, [failure('race', 'head')], false],
  ])('%s', (_, mustFind, failures, expected) => {
    const result = { failures, exhausted: true, schedules: 1 } as unknown as ExplorationResult;
    expect(judge({ mustFind }, result).expected).toBe(expected);
  });
});
