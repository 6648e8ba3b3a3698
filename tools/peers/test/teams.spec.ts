/** Locks on real threads: those we compare must keep every update, and a broken one must be refused. */
import { chooseBackend } from '@percpu/memory';
import { expect, test } from 'vitest';
import { machineTeam } from '../src/machine-team.ts';
import { playRounds } from '../src/rounds.ts';
import type { Plan } from '../src/rounds.ts';
import { whyNotImportable } from '../src/subjects.ts';
import type { Side, Subject } from '../src/subjects.ts';
import type { Team } from '../src/team.ts';
import { verify } from '../src/verify.ts';
import { workerTeam } from '../src/worker-team.ts';

const window = { warmUpMs: 5, measureMs: 20 };
const peer = (name: string): URL => new URL(`../src/programs/${name}.ts`, import.meta.url);
const fixture = (name: string): URL => new URL(`./fixtures/${name}.ts`, import.meta.url);

const { backend } = chooseBackend();
const teams: readonly [string, (threads: number) => Promise<Team>][] = [
  ['tas', (threads) => machineTeam('tas', threads, backend)],
  ['ttas', (threads) => machineTeam('ttas', threads, backend)],
  ['ticket', (threads) => machineTeam('ticket', threads, backend)],
  ['mcs', (threads) => machineTeam('mcs', threads, backend)],
  ['mutex', (threads) => machineTeam('mutex', threads, backend)],
  ['threads-mutex', (threads) => workerTeam(peer('threads-mutex'), threads)],
  ['naive-futex', (threads) => workerTeam(peer('futex-mutex'), threads)],
  ['multithreading', (threads) => workerTeam(peer('multithreading'), threads)],
  ['atomics-sync (a stand-in)', (threads) => workerTeam(fixture('sync-lock'), threads)],
];

test.each(teams)('%s keeps every update, window after window', async (_, start) => {
  for (const threads of [1, 2, 4]) {
    const team = await start(threads);
    try {
      for (let i = 0; i < 3; i++) {
        const report = await team.run(window);
        expect(report.reports).toHaveLength(threads);
        expect(verify(report)).toBeGreaterThanOrEqual(threads);
        for (const { started, ended } of report.reports) expect(ended).toBeGreaterThan(started);
      }
    } finally {
      await team.end();
    }
  }
});

const work = { work: 'contended', threads: 2, about: '' };
const subject = (who: string, start: Subject['start'], side: Side = 'npm'): Subject => ({
  ...{ who, side, start },
});
const plan = (subjects: readonly Subject[], more: Partial<Plan> = {}): Plan => ({
  works: [work],
  subjects,
  rounds: 2,
  window,
  signal: new AbortController().signal,
  say: () => {},
  ...more,
});

test.each([
  ['broken-lock', /^broken-lock, contended: no lock: 2 threads/],
  ['stuck-lock', /^stuck-lock, contended: the threads were not done after 500 ms/],
  ['throwing-lock', /^throwing-lock, contended: this lock is out of order/],
  ['exiting-lock', /^exiting-lock, contended: a thread ended, with code 3,/],
  ['no-such-lock', /^no-such-lock, contended: Cannot find module/],
])('%s ends the run', async (name, why) => {
  const start = (threads: number): Promise<Team> => workerTeam(fixture(name), threads, 500);
  await expect(playRounds(plan([subject(name, start)]))).rejects.toThrow(why);
});

/** Tells what is done with it, in order. */
function recorded(name: string, log: string[]): Subject {
  const report = { warmUp: 0, ops: 1, started: 0, ended: 10 };
  return subject(name, async () => ({
    run: async () => {
      log.push(name);
      return { reports: [report], counted: 1 };
    },
    end: async () => void log.push(`${name} ends`),
  }));
}

test('rounds are interleaved, and the first is not counted', async () => {
  const log: string[] = [];
  const series = await playRounds(plan(['a', 'b', 'c'].map((name) => recorded(name, log))));
  expect(log.join(' ')).toBe('a b c a b c a b c a ends b ends c ends');
  expect(series.map(({ samples }) => samples.length)).toEqual([2, 2, 2]);
});

test('stopped in the middle: every team is ended', async () => {
  const log: string[] = [];
  const stop = new AbortController();
  const say = (line: string): void => {
    if (line === 'round 2 of 2') stop.abort(new Error('enough'));
  };
  const subjects = ['a', 'b'].map((name) => recorded(name, log));
  await expect(playRounds(plan(subjects, { signal: stop.signal, say }))).rejects.toThrow('enough');
  expect(log.join(' ')).toBe('a b a b a ends b ends');
});

test('a package that is not there is missing, with the reason', () => {
  expect(whyNotImportable('multithreading')).toBeUndefined();
  expect(whyNotImportable('percpu-no-such-package')).toMatch(
    /not installed \(ERR_MODULE_NOT_FOUND\)/,
  );
});
