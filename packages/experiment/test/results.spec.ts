import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chooseCell,
  compareRecordings,
  fitCurves,
  parseRecording,
  parseSummary,
  recordCell,
  RecordError,
  repeatRate,
  summariseCell,
  type CellRecord,
  type ModelDetails,
  type Recording,
} from '../src/index.ts';
import { counter, lawfulCell, lawfulRecording, recordingOf } from './support/recordings.ts';

const TIMED = { kind: 'time', warmUpNs: 0, measureNs: 1000 } as const;
const WORK = { kind: 'work', warmUpCalls: 0, calls: 10 } as const;

describe('rates', () => {
  test.each([
    // case                                    window  drivers  CPUs [operations, began, ended]        /s     ns/op  fairness
    [
      'two equal CPUs',
      TIMED,
      'all',
      [
        [100, 0, 1000],
        [100, 0, 1000],
      ],
      2e8,
      10,
      1,
    ],
    [
      'one CPU came late and stayed longer',
      TIMED,
      'all',
      [
        [100, 0, 1000],
        [100, 500, 1500],
      ],
      2e8,
      10,
      1,
    ],
    [
      'one CPU starved',
      TIMED,
      'all',
      [
        [100, 0, 1000],
        [0, 0, 1000],
      ],
      1e8,
      20,
      0.5,
    ],
    [
      'only the leader drives',
      TIMED,
      'one',
      [
        [100, 0, 1000],
        [9, 0, 1000],
      ],
      1e8,
      10,
      1,
    ],
    [
      'work ends with the slowest',
      WORK,
      'all',
      [
        [100, 0, 500],
        [100, 0, 2000],
      ],
      1e8,
      20,
      0.73529,
    ],
    [
      'work of the leader',
      WORK,
      'one',
      [
        [100, 0, 500],
        [100, 0, 2000],
      ],
      2e8,
      5,
      1,
    ],
  ] as const)('%s', (_case, window, drivers, cpus, perSecond, nsPerOp, fairness) => {
    const records = cpus.map(([operations, beganNs, endedNs]) => ({
      operations,
      beganNs,
      endedNs,
    }));
    const cell: CellRecord = {
      ...lawfulCell('atomic', 2),
      window,
      drivers,
      repeats: [{ cpus: records }],
    };
    const result = summariseCell(cell);
    expect(result.opsPerSecond.median).toBeCloseTo(perSecond, 3);
    expect(result.nsPerOp.median).toBeCloseTo(nsPerOp, 9);
    expect(result.fairness).toBeCloseTo(fairness, 4);
    expect(result).not.toHaveProperty('latency');
  });

  test('a repeat in which nothing was completed is no measurement', () => {
    const cell = lawfulCell('atomic', 1);
    const nothing = { cpus: [{ operations: 0, beganNs: 0, endedNs: 1000 }] };
    expect(() => repeatRate(cell, nothing)).toThrow(
      'counter (atomic, 1 CPU): a repeat completed 0 operations in 1000 ns; measure longer',
    );
  });
});

describe('a cell', () => {
  test('becomes one result of the schema, and nothing else', () => {
    expect(summariseCell(lawfulCell('atomic', 2))).toEqual({
      experiment: 'counter',
      package: '@percpu/made-up',
      variant: 'atomic',
      clock: 'parallel',
      cpus: 2,
      opsPerSecond: { median: 19011406, low: 18821292, high: 19201520 },
      nsPerOp: { median: 2e9 / 19011406, low: 2e9 / 19201520, high: 2e9 / 18821292 },
      fairness: 1,
      latency: { p50: 49, p90: 89, p99: 98, p999: 99, max: 99, samples: 600 },
      oversubscribed: false,
      repeats: 3,
    });
  });

  test('says which knobs were set away from their default', () => {
    expect(lawfulCell('atomic', 1, { knobs: { heldNs: 100 } })).toMatchObject({
      set: { heldNs: 100 },
      knobs: { heldNs: 100 },
    });
    expect(lawfulCell('atomic', 1, { knobs: { heldNs: 0 } })).not.toHaveProperty('set');
  });

  test.each([
    [[], 'counter: CPU 0 sent no repeats; 2 were asked for'],
    [
      [{ cpu: 0, repeats: [{ operations: 1, beganNs: 0, endedNs: 1 }] }],
      'counter: CPU 0 sent 1 repeats; 2 were asked for',
    ],
  ])('is refused when a CPU is missing: %j', (measured, message) => {
    const cell = chooseCell(counter, { variant: 'atomic', cpus: 1, repeats: 2 });
    expect(() =>
      recordCell(counter, cell, measured, { package: 'p', oversubscribed: false }),
    ).toThrow(message);
  });
});

describe('fits', () => {
  test('one a curve, over all runs within the cores', () => {
    const { fits } = lawfulRecording();
    expect(
      fits.map(({ variant, published, runs, cpuCounts }) => ({
        variant,
        published,
        runs,
        cpuCounts,
      })),
    ).toEqual(
      ['atomic', 'per-cpu'].map((variant) => ({
        variant,
        published: true,
        runs: 18,
        cpuCounts: [1, 2, 4, 8, 16, 32],
      })),
    );
    expect(fits[0]!.law!.alpha.value).toBeCloseTo(0.05, 2);
    expect(fits[0]!.law!.peak!.value).toBeCloseTo(Math.sqrt(0.95 / 0.001), 0);
  });

  test('oversubscribed points never enter, however wild they are', () => {
    const within = [1, 2, 4, 8, 16, 32].map((cpus) => lawfulCell('atomic', cpus));
    const wild = { ...lawfulCell('atomic', 64, { speed: 100 }), oversubscribed: true };
    expect(fitCurves([...within, wild], () => [])).toEqual(fitCurves(within, () => []));
    // The twin: the same point taken for a sound one spoils the fit.
    expect(fitCurves([...within, { ...wild, oversubscribed: false }], () => [])[0]!.published).toBe(
      false,
    );
  });

  test('only oversubscribed points: no fit, and it says so', () => {
    expect(fitCurves([lawfulCell('atomic', 64)], () => [])).toMatchObject([
      { published: false, runs: 0, piecewise: [] },
    ]);
  });

  test('different knobs are different curves', () => {
    const cells = [lawfulCell('atomic', 1), lawfulCell('atomic', 1, { knobs: { heldNs: 100 } })];
    expect(fitCurves(cells, () => [])).toHaveLength(2);
  });
});

test('headlines are named after their experiment; those without a number are left out', () => {
  expect(lawfulRecording().headlines).toEqual([
    { experiment: 'counter', package: '@percpu/made-up', label: 'points', value: 14, unit: '' },
  ]);
});

describe('modelled results', () => {
  const model: ModelDetails = {
    profile: 'made-up',
    seconds: 0.1,
    accesses: 100,
    cpuNs: 1000,
    where: { compute: 400, transfer: 300, lockWait: 200, ipi: 0, idle: 100 },
    lines: [
      {
        name: 'counter',
        fields: [
          {
            name: 'value',
            accesses: 90,
            transfers: 30,
            transferNs: 300,
            waitNs: 50,
            lockWaitNs: 200,
          },
        ],
        transferNs: 300,
        waitNs: 50,
      },
    ],
  };
  const modelled = (cpus: number): CellRecord => ({
    ...lawfulCell('atomic', cpus),
    clock: 'model',
    profile: 'made-up',
    model,
  });

  test('say where their time went', () => {
    expect(summariseCell(modelled(2)).model).toEqual(model);
    expect(summariseCell(lawfulCell('atomic', 2))).not.toHaveProperty('model');
  });

  test('have fits and headlines of their own', () => {
    const cells = [1, 2, 4].flatMap((cpus) => [lawfulCell('atomic', cpus), modelled(cpus)]);
    const { fits, headlines } = recordingOf(cells);
    expect(fits.map(({ clock, runs }) => [clock, runs])).toEqual([
      ['parallel', 9],
      ['model', 9],
    ]);
    expect(headlines.map(({ profile, value }) => [profile, value])).toEqual([
      [undefined, 3],
      ['made-up', 3],
    ]);
  });

  test.each([
    // where                                       what stands there   what is said
    ['profile', 7, 'expected text; got 7'],
    ['where.idle', -1, 'expected a number, 0 or more; got -1'],
    ['lines.0.fields.0.accesses', 0.5, 'expected a whole number, 0 or more; got 0.5'],
    ['lines.0.transferNs', undefined, 'expected a number, 0 or more; got nothing'],
    ['lines.0.why', 7, 'expected text; got 7'],
    ['lines.0.distances', { socket: -1 }, 'expected a whole number, 0 or more; got -1'],
  ])('a record with a wrong model.%s is refused', (path, value, says) => {
    const record = JSON.parse(JSON.stringify(recordingOf([modelled(2)]))) as object;
    expect(() => parseRecording(record)).not.toThrow();
    const at = ['cells', '0', 'model', ...path.split('.')];
    const last = at.pop() ?? '';
    const holder = at.reduce<Record<string, unknown>>(
      (within, key) => within[key] as Record<string, unknown>,
      record as Record<string, unknown>,
    );
    holder[last] = value;
    expect(() => parseRecording(record)).toThrow(says);
  });
});

describe('reading a record back', () => {
  const text = JSON.stringify(lawfulRecording());
  const fresh = (): unknown => JSON.parse(text);

  test('what was written is read, and fields of a later version are let be', () => {
    expect(parseRecording(fresh())).toEqual(lawfulRecording());
    expect(parseSummary({ ...(fresh() as object), colour: 'blue' })).toHaveProperty(
      'colour',
      'blue',
    );
  });

  test.each([
    // where                                    what stands there    what is said
    ['schema', 2, 'schema: this version reads 1; the record says 2'],
    ['host', undefined, 'host: expected an object; got nothing'],
    ['host.cores', 0, 'host.cores: expected a whole number, 1 or more; got 0'],
    [
      'host.topology.sockets',
      'two',
      'host.topology.sockets: expected a whole number, 1 or more; got "two"',
    ],
    ['host.load', [1, 'high'], 'host.load[1]: expected a number, 0 or more; got "high"'],
    ['host.versions', { a: 1 }, 'host.versions.a: expected text; got 1'],
    ['results', {}, 'results: expected a list; got [object Object]'],
    [
      'results.3.opsPerSecond.median',
      'fast',
      'results[3].opsPerSecond.median: expected a positive number; got "fast"',
    ],
    [
      'results.3.opsPerSecond.median',
      null,
      'results[3].opsPerSecond.median: expected a positive number; got null',
    ],
    [
      'results.3.nsPerOp',
      { median: 9, low: 1, high: 2 },
      'results[3].nsPerOp: the median 9 lies outside its interval 1 … 2',
    ],
    [
      'results.0.clock',
      'explore',
      'results[0].clock: expected "parallel" or "model"; got "explore"',
    ],
    [
      'results.0.fairness',
      1.2,
      'results[0].fairness: expected a number above 0 and at most 1; got 1.2',
    ],
    [
      'results.0.oversubscribed',
      'no',
      'results[0].oversubscribed: expected true or false; got "no"',
    ],
    ['results.0.latency.p99', -1, 'results[0].latency.p99: expected a number, 0 or more; got -1'],
    [
      'fits.0.law',
      undefined,
      'fits[0]: a fit has a law when it is published, and otherwise a reason and no law',
    ],
    [
      'fits.0.published',
      false,
      'fits[0]: a fit has a law when it is published, and otherwise a reason and no law',
    ],
    ['headlines.0.value', NaN, 'headlines[0].value: expected a finite number; got NaN'],
    [
      'created',
      'yesterday',
      'created: expected a date as in 2026-11-20T13:00:00Z; got "yesterday"',
    ],
    ['command', 'percpu scale', 'command: expected a list; got "percpu scale"'],
    [
      'cells.1.window',
      { kind: 'time', warmUpNs: 1 },
      'cells[1].window.measureNs: expected a whole number, 1 or more; got nothing',
    ],
    [
      'cells.1.window.kind',
      'forever',
      'cells[1].window.kind: expected "time" or "work"; got "forever"',
    ],
    ['cells.1.cpus', 3, 'cells[1].repeats[0].cpus: expected 3 CPUs; got 2'],
    ['cells.1.repeats', [], 'cells[1].repeats: expected at least 1 items; got 0'],
    [
      'cells.1.repeats.0.latency.counts',
      [[1]],
      'cells[1].repeats[0].latency.counts[0]: expected a pair [bucket, count]; got a list',
    ],
    [
      'cells.1.knobs.heldNs',
      null,
      'cells[1].knobs.heldNs: expected a number, text or boolean; got null',
    ],
  ])('%s = %j', (path, value, message) => {
    const damaged = fresh();
    const steps = path.split('.');
    const last = steps.pop()!;
    let at = damaged as Record<string, unknown>;
    for (const step of steps) at = at[step] as Record<string, unknown>;
    at[last] = value;
    expect(() => parseRecording(damaged)).toThrow(RecordError);
    expect(() => parseRecording(damaged)).toThrow(message);
  });

  test.each([[null], [undefined], [7], ['text'], [[]], [{}], [{ results: [] }]])(
    '%j is no record',
    (foreign) => {
      expect(() => parseRecording(foreign)).toThrow(
        'this is no record of percpu: expected an object with a field schema',
      );
    },
  );

  test('whatever it is given, it answers with a record or a RecordError', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (host, cells) => {
        expect(() => parseRecording({ ...(fresh() as object), host, cells })).toThrow(RecordError);
      }),
    );
  });
});

describe('comparing two recordings', () => {
  test('says which points changed, and which were measured only once', () => {
    const first = recordingOf([
      lawfulCell('atomic', 1),
      lawfulCell('atomic', 2),
      lawfulCell('per-cpu', 1),
    ]);
    const slower = lawfulCell('atomic', 2, { speed: 0.5 });
    const second = recordingOf([
      lawfulCell('atomic', 1),
      slower,
      lawfulCell('per-cpu', 1, { knobs: { heldNs: 100 } }),
    ]);
    const { points, onlyFirst, onlySecond } = compareRecordings(first, second);
    expect(points).toMatchObject([
      { variant: 'atomic', cpus: 1, ratio: { median: 1 }, exceedsNoise: false },
      { variant: 'atomic', cpus: 2, exceedsNoise: true },
    ]);
    expect(points[1]!.ratio.median).toBeCloseTo(0.5, 6);
    expect(onlyFirst).toEqual(['@percpu/made-up/counter per-cpu parallel 1 CPU heldNs=0']);
    expect(onlySecond).toEqual(['@percpu/made-up/counter per-cpu parallel 1 CPU heldNs=100']);
  });

  test('modelled figures need no repeats to be compared: they have no noise', () => {
    const modelled = (speed: number): Recording => {
      const cell = lawfulCell('atomic', 2, { speed });
      const repeats = cell.repeats.slice(0, 1);
      return recordingOf([{ ...cell, clock: 'model', profile: 'made-up', repeats }]);
    };
    const verdict = (a: number, b: number): boolean | undefined =>
      compareRecordings(modelled(a), modelled(b)).points[0]?.exceedsNoise;
    expect([verdict(1, 1), verdict(1, 1.01), verdict(1, 1.1), verdict(1, 0.9)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test('a recording compared with itself has no change', () => {
    const recording: Recording = lawfulRecording();
    const { points, onlyFirst, onlySecond } = compareRecordings(recording, recording);
    expect(points.filter((point) => point.exceedsNoise)).toEqual([]);
    expect([points.length, onlyFirst, onlySecond]).toEqual([14, [], []]);
  });
});
