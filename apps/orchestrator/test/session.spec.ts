/** The order in which points are measured, and what becomes of those that fail. No machine: a stub engine. */
import type { CpuMeasurement } from '@percpu/experiment';
import { expect, test } from 'vitest';
import { RunError } from '../src/cli/errors.ts';
import type { Engine, Order } from '../src/measure/engine.ts';
import { runSession } from '../src/measure/session.ts';
import type { SessionResult } from '../src/measure/once.ts';
import type { SessionOptions } from '../src/measure/session.ts';
import type { Point } from '../src/measure/select.ts';
import { findDemo } from './helpers/points.ts';

const found = findDemo('demo-add');

function point(variant: string, cpus: number): Point {
  return { found, variant, cpus, clock: 'parallel', knobs: {}, oversubscribed: false };
}

const points = [point('shared', 1), point('own', 1), point('shared', 2), point('own', 2)];

function fine({ cell }: Order): CpuMeasurement[] {
  return cell.cpus.map((cpu) => ({
    cpu,
    repeats: [{ operations: 1000, beganNs: 0, endedNs: 1e6 }],
  }));
}

interface Stub {
  readonly log: string[];
  readonly failed: string[];
  run(change?: Partial<SessionOptions>): Promise<SessionResult>;
}

function stub(answer: (order: Order, count: number) => CpuMeasurement[]): Stub {
  const log: string[] = [];
  const failed: string[] = [];
  const engine: Engine = {
    measure: async (order) => {
      log.push(`${order.cell.variant} ${order.cell.cpus.length}`);
      return { cpus: answer(order, log.length) };
    },
  };
  return {
    log,
    failed,
    run: (change = {}) =>
      runSession({
        engine,
        points,
        effort: { warmUpSeconds: 0.01, measureSeconds: 0.01, repeats: 3 },
        budget: { seconds: undefined, measureSeconds: 0.01, repeats: 3 },
        calls: undefined,
        seed: 1,
        signal: new AbortController().signal,
        now: () => 0,
        watch: {
          planned: () => undefined,
          begins: () => undefined,
          done: () => undefined,
          failed: ({ variant, cpus, message }) => failed.push(`${variant} ${cpus}: ${message}`),
        },
        ...change,
      }),
  };
}

test('rounds: variants side by side, another one first each time', async () => {
  const { log, run } = stub(fine);
  const { cells, interrupted } = await run();
  expect(log).toEqual([
    ...['shared 1', 'own 1', 'shared 2', 'own 2'],
    ...['own 1', 'shared 1', 'own 2', 'shared 2'],
    ...['shared 1', 'own 1', 'shared 2', 'own 2'],
  ]);
  expect(cells.map(({ repeats }) => repeats.length)).toEqual([3, 3, 3, 3]);
  expect(interrupted).toBe(false);
});

test('each repeat has a seed of its own', async () => {
  const seeds: number[] = [];
  const { run } = stub((order) => {
    seeds.push(order.cell.seed);
    return fine(order);
  });
  await run({ points: points.slice(0, 1), seed: 40 });
  expect(seeds).toEqual([40, 41, 42]);
});

test('a point that fails is reported once and not tried again; the others go on', async () => {
  const { log, failed, run } = stub((order) => {
    if (order.cell.variant === 'own') throw new RunError('the sum is wrong');
    return fine(order);
  });
  const { cells, failures } = await run();
  expect(cells.map(({ variant, cpus }) => `${variant} ${cpus}`)).toEqual(['shared 1', 'shared 2']);
  expect(failed).toEqual(['own 1: the sum is wrong', 'own 2: the sum is wrong']);
  expect(failures).toHaveLength(2);
  expect(log.filter((name) => name === 'own 1')).toHaveLength(1);
});

test('a point that fails later is dropped with what it had: its figures are not to be trusted', async () => {
  const { run } = stub((order, count) => {
    if (count > 4 && order.cell.variant === 'own') throw new RunError('the sum is wrong');
    return fine(order);
  });
  const { cells } = await run();
  expect(cells.map(({ variant }) => variant)).toEqual(['shared', 'shared']);
});

test('a repeat in which nothing was done is tried again', async () => {
  const idle = (order: Order): CpuMeasurement[] =>
    fine(order).map(({ cpu }) => ({ cpu, repeats: [{ operations: 0, beganNs: 0, endedNs: 1e6 }] }));
  const once = stub((order, count) => (count === 1 ? idle(order) : fine(order)));
  expect((await once.run()).failures).toEqual([]);
  const always = stub(idle);
  const { cells, failures } = await always.run({ points: points.slice(0, 1) });
  expect(cells).toEqual([]);
  expect(failures[0]?.message).toMatch(/completed 0 operations .* measure longer/);
});

test('an abort keeps what was measured', async () => {
  const controller = new AbortController();
  const { log, failed, run } = stub((order, count) => {
    if (count === 3) {
      controller.abort();
      throw new RunError('the machine was shut down');
    }
    return fine(order);
  });
  const { cells, failures, interrupted } = await run({ signal: controller.signal });
  expect(log).toHaveLength(3);
  expect(cells.map(({ variant }) => variant)).toEqual(['shared', 'own']);
  expect([...failures, ...failed]).toEqual([]);
  expect(interrupted).toBe(true);
});

test('points that share cores come last, and are left out when the time is used up', async () => {
  let seconds = 0;
  const slow = (order: Order): CpuMeasurement[] => {
    seconds += 10;
    return fine(order);
  };
  const crowded = { ...point('shared', 4), oversubscribed: true };
  const budget = { seconds: 25, measureSeconds: undefined, repeats: undefined };
  const late = stub(slow);
  const result = await late.run({ points: [crowded, ...points], now: () => seconds, budget });
  expect(late.log).toEqual(['shared 1', 'own 1', 'shared 2', 'own 2']);
  expect(result.skipped).toEqual([crowded]);
  const unhurried = stub(fine);
  expect((await unhurried.run({ points: [crowded, ...points] })).skipped).toEqual([]);
  expect(unhurried.log.slice(0, 5).at(-1)).toBe('shared 4');
});

test('when the time is used up the round under way is the last, but the first is finished', async () => {
  let seconds = 0;
  const slow = (order: Order): CpuMeasurement[] => {
    seconds += 10;
    return fine(order);
  };
  const budget = { seconds: 25, measureSeconds: undefined, repeats: undefined };
  const { log, run } = stub(slow);
  const { cells } = await run({ now: () => seconds, budget });
  expect(log).toHaveLength(4);
  expect(cells.map(({ repeats }) => repeats.length)).toEqual([1, 1, 1, 1]);
});
