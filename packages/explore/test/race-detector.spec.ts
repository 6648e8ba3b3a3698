import { Op, SimulatedStore } from '@percpu/simulator';
import type { OperationName } from '@percpu/simulator';
import { describe, expect, test } from 'vitest';
import { RaceDetector } from '../src/findings/race/race-detector.ts';
import type { Race } from '../src/findings/race/race-detector.ts';
import { raceMessage } from '../src/findings/race/race-message.ts';

/** CPU, operation, address, and what else it takes; or who wakes whom. */
type Row =
  | readonly [cpu: number, op: OperationName, at: number, a?: number, b?: number, result?: unknown]
  | readonly [cpu: number, op: 'wakes', woken: number];

function firstRace(rows: readonly Row[], detector = new RaceDetector(3)): Race | undefined {
  detector.begin();
  for (const [step, [cpu, op, at, a = 0, b = 0, result]] of rows.entries()) {
    if (op === 'wakes') {
      detector.woke(cpu, at);
      continue;
    }
    const race = detector.performed(cpu, { op: Op[op], at, a, b, site: 0 }, result, step);
    if (race !== undefined) return race;
  }
  return undefined;
}

const [x, y, flag] = [0x1000, 0x2000, 0x3000];
const NONE = undefined;

describe('happens-before', () => {
  test.each<[string, readonly Row[], readonly [number, number] | undefined]>([
    // case                                  accesses                              steps that race
    [
      'two plain writes',
      [
        [0, 'write', x],
        [1, 'write', x],
      ],
      [0, 1],
    ],
    [
      'write and read',
      [
        [0, 'write', x],
        [1, 'read', x],
      ],
      [0, 1],
    ],
    [
      'read and write',
      [
        [0, 'read', x],
        [1, 'write', x],
      ],
      [0, 1],
    ],
    [
      'two reads',
      [
        [0, 'read', x],
        [1, 'read', x],
      ],
      NONE,
    ],
    [
      'one CPU alone',
      [
        [0, 'write', x],
        [0, 'read', x],
        [0, 'store', x],
      ],
      NONE,
    ],
    [
      'two atomics',
      [
        [0, 'store', x],
        [1, 'fetchAdd', x],
        [2, 'load', x],
      ],
      NONE,
    ],
    [
      'plain write, atomic load',
      [
        [0, 'write', x],
        [1, 'load', x],
      ],
      [0, 1],
    ],
    [
      'atomic store, plain read',
      [
        [0, 'store', x],
        [1, 'read', x],
      ],
      [0, 1],
    ],
    [
      'atomic load, plain write',
      [
        [0, 'load', x],
        [1, 'write', x],
      ],
      [0, 1],
    ],
    [
      'atomic load, plain read',
      [
        [0, 'load', x],
        [1, 'read', x],
      ],
      NONE,
    ],
    [
      'published',
      [
        [0, 'write', x],
        [0, 'store', flag],
        [1, 'load', flag],
        [1, 'read', x],
      ],
      NONE,
    ],
    [
      'twin: flag before data',
      [
        [0, 'store', flag],
        [0, 'write', x],
        [1, 'load', flag],
        [1, 'read', x],
      ],
      [1, 3],
    ],
    [
      'twin: another flag',
      [
        [0, 'write', x],
        [0, 'store', flag],
        [1, 'load', y],
        [1, 'read', x],
      ],
      [0, 3],
    ],
    [
      'twin: read before the flag',
      [
        [1, 'read', x],
        [1, 'load', flag],
        [0, 'write', x],
        [0, 'store', flag],
      ],
      [0, 2],
    ],
    [
      'a store ends what was published before',
      [
        [0, 'write', x],
        [0, 'store', flag],
        [1, 'store', flag],
        [2, 'load', flag],
        [2, 'read', x],
      ],
      [0, 4],
    ],
    [
      'an update hands it on',
      [
        [0, 'write', x],
        [0, 'store', flag],
        [1, 'fetchAdd', flag],
        [2, 'load', flag],
        [2, 'read', x],
      ],
      NONE,
    ],
    [
      'along a chain',
      [
        [0, 'write', x],
        [0, 'store', flag],
        [1, 'load', flag],
        [1, 'store', y],
        [2, 'load', y],
        [2, 'write', x],
      ],
      NONE,
    ],
    [
      'a lock',
      [
        [0, 'compareExchange', flag, 0, 1, 0],
        [0, 'write', x],
        [0, 'store', flag],
        [1, 'compareExchange', flag, 0, 1, 0],
        [1, 'write', x],
      ],
      NONE,
    ],
    [
      'a failed exchange acquires',
      [
        [0, 'write', x],
        [0, 'store', flag, 1],
        [1, 'compareExchange', flag, 0, 1, 1],
        [1, 'read', x],
      ],
      NONE,
    ],
    [
      '… and publishes nothing',
      [
        [0, 'write', x],
        [0, 'compareExchange', flag, 0, 1, 1],
        [1, 'load', flag],
        [1, 'read', x],
      ],
      [0, 3],
    ],
    [
      'a wake-up',
      [
        [0, 'write', x],
        [0, 'wakes', 1],
        [1, 'read', x],
      ],
      NONE,
    ],
    [
      '… of another',
      [
        [0, 'write', x],
        [0, 'wakes', 1],
        [2, 'read', x],
      ],
      [0, 2],
    ],
    [
      'after the wake-up',
      [
        [0, 'wakes', 1],
        [0, 'write', x],
        [1, 'read', x],
      ],
      [1, 2],
    ],
    [
      'a wait acquires',
      [
        [0, 'write', x],
        [0, 'store', flag, 1],
        [1, 'wait', flag, 0, 0, 'not-equal'],
        [1, 'read', x],
      ],
      NONE,
    ],
  ])('%s', (_title, rows, steps) => {
    const race = firstRace(rows);
    expect(race && [race.first.step, race.second.step]).toEqual(steps);
  });
});

describe('bytes', () => {
  test.each<[string, readonly Row[], boolean]>([
    [
      'neighbouring bytes',
      [
        [0, 'write8', x],
        [1, 'write8', x + 1],
      ],
      false,
    ],
    [
      'the same byte',
      [
        [0, 'write8', x + 3],
        [1, 'write8', x + 3],
      ],
      true,
    ],
    [
      'a byte of a word',
      [
        [0, 'write', x],
        [1, 'read8', x + 2],
      ],
      true,
    ],
    [
      'half words side by side',
      [
        [0, 'write16', x],
        [1, 'write16', x + 2],
      ],
      false,
    ],
    [
      'a half word and its byte',
      [
        [0, 'write16', x + 2],
        [1, 'read8', x + 3],
      ],
      true,
    ],
    [
      'the upper half of 64 bits',
      [
        [0, 'write64', x],
        [1, 'read', x + 4],
      ],
      true,
    ],
    [
      'behind 64 bits',
      [
        [0, 'write64', x],
        [1, 'read', x + 8],
      ],
      false,
    ],
    [
      'a lock in one byte does not publish its neighbour',
      [
        [0, 'write', y],
        [0, 'store8', flag, 1],
        [1, 'load8', flag + 1],
        [1, 'read', y],
      ],
      true,
    ],
    [
      '… it does publish itself',
      [
        [0, 'write', y],
        [0, 'store8', flag, 1],
        [0, 'store8', flag + 1, 1],
        [1, 'load8', flag],
        [1, 'read', y],
      ],
      false,
    ],
    [
      'a word that holds the byte',
      [
        [0, 'write', y],
        [0, 'store8', flag, 1],
        [1, 'load', flag],
        [1, 'read', y],
      ],
      false,
    ],
    [
      'an older write of one of the bytes is not forgotten',
      [
        [0, 'write', x],
        [0, 'store', flag],
        [0, 'write8', x],
        [1, 'load', flag],
        [1, 'read8', x],
      ],
      true,
    ],
    [
      '… and the others are ordered',
      [
        [0, 'write', x],
        [0, 'store', flag],
        [0, 'write8', x],
        [1, 'load', flag],
        [1, 'read8', x + 1],
      ],
      false,
    ],
    [
      'fill reaches its last byte',
      [
        [0, 'fill', x, 0, 1001],
        [1, 'read8', x + 1000],
      ],
      true,
    ],
    [
      '… and no further',
      [
        [0, 'fill', x, 0, 1001],
        [1, 'read8', x + 1001],
      ],
      false,
    ],
    [
      'fill of nothing',
      [
        [0, 'fill', x, 0, 0],
        [1, 'write', x],
      ],
      false,
    ],
    [
      'copy reads its source',
      [
        [0, 'copy', x, y, 16],
        [1, 'write', y + 12],
      ],
      true,
    ],
    [
      '… and writes its target',
      [
        [0, 'copy', x, y, 16],
        [1, 'read', x + 12],
      ],
      true,
    ],
    [
      'copy reads only',
      [
        [0, 'copy', x, y, 16],
        [1, 'read', y],
      ],
      false,
    ],
    [
      'compare-exchange of a byte that succeeds',
      [
        [0, 'write', y],
        [0, 'compareExchange8', flag, 0x1ff, 1, 0xff],
        [1, 'load8', flag],
        [1, 'read', y],
      ],
      false,
    ],
  ])('%s', (_title, rows, races) => {
    expect(firstRace(rows) !== undefined).toBe(races);
  });
});

test('a new run remembers nothing', () => {
  const detector = new RaceDetector(3);
  expect(firstRace([[0, 'write', x]], detector)).toBeUndefined();
  expect(firstRace([[1, 'write', x]], detector)).toBeUndefined();
});

describe('the report names the missing edge', () => {
  const store = new SimulatedStore(2 ** 16);
  const inbox = {
    layoutName: 'Inbox',
    size: 8,
    align: 4,
    fields: [
      { name: 'data', offset: 0, size: 4 },
      { name: 'flag', offset: 4, size: 4 },
    ],
  };
  store.describe(x, inbox, 'inbox');

  test('what was published, and what was acquired', () => {
    const race = firstRace([
      [0, 'write', x],
      [0, 'store', x + 4],
      [1, 'load', y],
      [1, 'read', x],
    ]);
    expect(raceMessage(race!, store.names)).toBe(
      [
        'race on inbox.data: CPU 0 writes it and CPU 1 reads it, and nothing orders the two',
        '  CPU 0  write inbox.data in site 0, step 0',
        '  CPU 1  read inbox.data in site 0, step 3',
        "  missing edge: nothing orders CPU 0's write before CPU 1's read: the last synchronisation of CPU 0 after its write was store inbox.flag in site 0, step 1; the last acquire of CPU 1 was load 0x00002000 in site 0, step 2",
      ].join('\n'),
    );
  });

  test('nothing at all', () => {
    const race = firstRace([
      [0, 'store', y],
      [0, 'write', x],
      [1, 'fetchAdd', x, 1],
    ]);
    const message = raceMessage(race!, store.names);
    expect(message).toContain('CPU 0 writes it and CPU 1 updates it');
    expect(message).toContain('CPU 0 has published nothing since its write');
    expect(message).toContain('the last acquire of CPU 1 was fetchAdd inbox.data');
  });
});
