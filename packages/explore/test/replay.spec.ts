import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { replay, ReplayError, Runner, search } from '../src/index.ts';
import type { RunOutcome } from '../src/index.ts';
import { FixedSchedule } from '../src/replay/fixed-schedule.ts';
import { readReplay, writeReplay } from '../src/replay/replay-text.ts';
import type { Segment } from '../src/replay/replay-text.ts';
import { SegmentSchedule } from '../src/replay/segment-schedule.ts';
import { shrink, writeRun } from '../src/replay/shrink.ts';
import { RandomWalk } from '../src/strategies/random-walk.ts';
import { textOf } from './support/all-runs.ts';
import { waitingPrograms } from './support/arbitrary-programs.ts';
import { tiny } from './support/tiny-program.ts';
import type { Instruction, TinyProgram } from './support/tiny-program.ts';

const X = 0;
const Y = 1;
const load = (word: number, to = 0): Instruction => ({ do: 'load', word, to });
const store = (word: number, value: number): Instruction => ({ do: 'store', word, value });
const storeNext = (word: number, from = 0): Instruction => ({ do: 'storeNext', word, from });
const repeat = (times: number, ...program: Instruction[]): Instruction[] =>
  Array.from({ length: times }, () => program).flat();

const choicesText = ({ choices }: RunOutcome): string =>
  choices.map(({ cpu, kind, n }) => `${cpu} ${kind} ${n}`).join();

function replayOf(runner: Runner, segments: readonly Segment[]): RunOutcome {
  const text = writeReplay('tiny', segments);
  const schedule = new SegmentSchedule(readReplay('tiny', text), runner.names);
  schedule.begin();
  return runner.run(schedule);
}

test('any run can be written as a line, and the line makes the same run', () => {
  fc.assert(
    fc.property(
      waitingPrograms,
      fc.nat(),
      fc.constantFrom({}, { timeouts: true }, { spurious: 1 }, { deaths: 1 }),
      (programs, seed, choices) => {
        const runner = new Runner(tiny(programs, choices));
        const { segments, outcome } = writeRun(runner, new RandomWalk(seed));
        const first = `${choicesText(outcome)} ${textOf(outcome)}`;
        const again = replayOf(runner, segments);
        expect(`${choicesText(again)} ${textOf(again)}`).toBe(first);
      },
    ),
    { numRuns: 500 },
  );
});

test('what happens anyway is not written down', () => {
  const runner = new Runner(
    tiny([
      [store(X, 1), load(Y)],
      [store(Y, 1), load(X)],
    ]),
  );
  expect(writeReplay('tiny', writeRun(runner, new FixedSchedule([])).segments)).toMatch(
    /^percpu1:[0-9a-f]{8}:$/,
  );
});

/** Two updates of one word, each in two steps: CPU 1 must come in between. */
const LOST: TinyProgram[] = [
  [...repeat(6, load(Y, 1)), load(X), storeNext(X)],
  [load(X), storeNext(X), ...repeat(6, load(Y, 1))],
  [...repeat(5, store(2, 1))],
];
const lostUpdate = (programs = LOST): ReturnType<typeof tiny> =>
  tiny(programs, {
    after({ memory }) {
      if (memory.load(0x2000) !== 2) throw new Error(`an update is lost`);
    },
  });

describe('shrinking', () => {
  test.each(['exhaustive', 'random', 'pct', 'pos'] as const)('%s', (strategy) => {
    const { failures } = search(lostUpdate(), { strategy, seed: 5, schedules: 5000 });
    const [failure] = failures;
    expect(failure?.finding.message).toBe('after: an update is lost');
    const segments = readReplay('tiny', failure!.replay);
    // Up to the update, the whole of the other, and the rest happens anyway.
    expect(segments.length).toBeLessThanOrEqual(2);
    expect(replay(lostUpdate(), failure!.replay).outcome.finding).toEqual(failure!.finding);
  });

  test('keeps the kind of finding, or leaves the schedule alone', () => {
    const runner = new Runner(lostUpdate());
    const { segments } = writeRun(runner, new RandomWalk(1));
    expect(shrink(runner, segments, { kind: 'deadlock', message: '' })).toEqual(segments);
  });
});

describe('a replay string', () => {
  const exploration = lostUpdate();
  const { failures } = search(exploration, { schedules: 5000 });
  const text = failures[0]!.replay;

  test('gives the events of the run', () => {
    const { events, names, outcome } = replay(exploration, text);
    expect(events).toHaveLength(outcome.accesses);
    expect(events[0]).toMatchObject({ cpu: 0, kind: 'access', step: 0 });
    expect(events[0]?.stack).toContain('execute');
    expect(names.nameOf(0x2000)).toBe('0x00002000');
  });

  test('survives an edit that has nothing to do with it', () => {
    const [first, second, third] = LOST;
    const edited = lostUpdate([
      [{ do: 'add', word: Y, to: 1 }, ...first!],
      second!,
      [...third!, load(Y)],
    ]);
    expect(replay(edited, text).outcome.finding?.message).toBe('after: an update is lost');
  });

  const sum = text.split(':')[1]!;
  test.each([
    [
      'no replay string',
      'hello',
      /"hello" is no replay string of this version; accepted is percpu1:/,
    ],
    ['another version', `percpu9:${sum}:0>-`, /is no replay string of this version/],
    [
      'of another exploration',
      'percpu1:00000000:',
      /it was made for another exploration than tiny: checksum 00000000/,
    ],
    [
      'a segment that says nothing',
      `percpu1:${sum}:0>-;what`,
      /segment 2, "what", cannot be read; accepted are/,
    ],
    [
      'an event that there is not',
      `percpu1:${sum}:0!reboot`,
      /segment 1, "0!reboot", cannot be read/,
    ],
    [
      'a CPU that there is not',
      `percpu1:${sum}:7>,load,#1`,
      /segment 1 of 1, 7>,load,#1, does not fit this code: there is no CPU 7/,
    ],
    [
      'a CPU that there is not, which runs out',
      `percpu1:${sum}:7>-`,
      /segment 1 of 1, 7>-, does not fit this code: there is no CPU 7/,
    ],
    [
      'an access that never comes',
      `percpu1:${sum}:0>,exchange,#1`,
      /segment 1 of 1, 0>,exchange,#1, does not fit this code: it cannot go on/,
    ],
    [
      'an access that is over',
      `percpu1:${sum}:0>,load,#2;0>,load,#1`,
      /segment 2 of 2, 0>,load,#1, does not fit this code: it has gone past it; CPU 0 is at ,load,/,
    ],
    [
      'an interrupt where there is none',
      `percpu1:${sum}:0!interrupt`,
      /0!interrupt, does not fit this code: that cannot happen there/,
    ],
    [
      'an answer that nobody asked for',
      `percpu1:${sum}:1=2`,
      /1=2, does not fit this code: that cannot happen there/,
    ],
  ])('%s', (_, wrong, message) => {
    expect(() => replay(exploration, wrong)).toThrow(message);
    expect(() => replay(exploration, wrong)).toThrow(ReplayError);
  });
});
