/** What becomes of points under the model clock: side by side, small ones first, within a time. A stub engine. */
import { availableParallelism } from 'node:os';
import type { Measured } from '@percpu/experiment';
import { expect, test } from 'vitest';
import type { Engine, Order } from '../src/measure/engine.ts';
import { runModelSession } from '../src/measure/modelled.ts';
import type { ModelSessionOptions } from '../src/measure/modelled.ts';
import type { SessionResult } from '../src/measure/once.ts';
import type { Point } from '../src/measure/select.ts';
import { findDemo } from './helpers/points.ts';
import { makeDetails } from './helpers/run-record.ts';

const found = findDemo('demo-modelled');

function point(cpus: number): Point {
  return {
    found,
    variant: 'shared',
    cpus,
    clock: 'model',
    profile: 'made-up',
    knobs: {},
    oversubscribed: false,
  };
}

function answer({ cell }: Order, operations = 1000): Measured {
  return {
    cpus: cell.cpus.map((cpu) => ({ cpu, repeats: [{ operations, beganNs: 0, endedNs: 1e6 }] })),
    model: makeDetails(cell.cpus.length, {}),
  };
}

interface Ran {
  readonly result: SessionResult;
  readonly log: readonly string[];
}

async function run(
  measure: Engine['measure'],
  change: Partial<ModelSessionOptions> = {},
): Promise<Ran> {
  const log: string[] = [];
  const result = await runModelSession({
    engine: { measure },
    points: [point(16), point(1), point(4)],
    windowOf: () => ({ kind: 'time', warmUpNs: 0, measureNs: 1e6 }),
    seconds: undefined,
    repeats: 1,
    seed: 1,
    atOnce: 1,
    signal: new AbortController().signal,
    now: () => 0,
    watch: {
      planned: () => undefined,
      begins: (name) => log.push(name),
      done: () => undefined,
      failed: ({ cpus, profile, message }) => log.push(`${cpus} on ${String(profile)}: ${message}`),
    },
    ...change,
  });
  return { result, log };
}

test('few CPUs first; the result has the order of the points, with what the model tells', async () => {
  const { result, log } = await run((order) => Promise.resolve(answer(order)));
  expect(log).toEqual([
    'demo-modelled shared, 1 CPU of made-up, modelled',
    'demo-modelled shared, 4 CPUs of made-up, modelled',
    'demo-modelled shared, 16 CPUs of made-up, modelled',
  ]);
  expect(result.cells.map(({ cpus, profile }) => [cpus, profile])).toEqual([
    [16, 'made-up'],
    [1, 'made-up'],
    [4, 'made-up'],
  ]);
  expect(result.cells[0]?.model?.cpuNs).toBe(16e6);
  expect(result.skipped).toEqual([]);
});

test.each([1, 2, 3, availableParallelism()])('%i points at once, never more', async (atOnce) => {
  let busy = 0;
  let most = 0;
  const points = Array.from({ length: 9 }, (_, k) => point(k + 1));
  const { result } = await run(
    async (order) => {
      busy++;
      most = Math.max(most, busy);
      await Promise.resolve();
      busy--;
      return answer(order);
    },
    { atOnce, points },
  );
  expect(most).toBe(Math.min(atOnce, 9));
  expect(result.cells).toHaveLength(9);
});

test('where the time is limited every second CPU count comes first, with the largest', async () => {
  const points = [1, 2, 4, 8, 16].map(point);
  const { log } = await run((order) => Promise.resolve(answer(order)), { points, seconds: 100 });
  expect(log.map((name) => Number(/(\d+) CPU/.exec(name)?.[1]))).toEqual([1, 4, 16, 2, 8]);
});

test('what would end too late is not begun, and said to be missing', async () => {
  let seconds = 0;
  const { result } = await run(
    (order) => {
      seconds += 1 + order.cell.cpus.length / 80;
      return Promise.resolve(answer(order));
    },
    { seconds: 4, now: () => seconds, points: [1, 2, 4, 160].map(point) },
  );
  expect(result.cells.map(({ cpus }) => cpus)).toEqual([1, 2, 4]);
  expect(result.skipped.map(({ cpus }) => cpus)).toEqual([160]);
});

test('what is still running when the time is over is given up, not waited for', async () => {
  const { result } = await run(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('given up')));
      }),
    { seconds: 0.7, points: [point(1)] },
  );
  expect(result).toMatchObject({ cells: [], failures: [], interrupted: false });
  expect(result.skipped).toHaveLength(1);
});

test('a failure names the machine; the others go on, and nothing is tried twice', async () => {
  let tried = 0;
  const { result, log } = await run((order) => {
    if (order.cell.cpus.length !== 4) return Promise.resolve(answer(order));
    tried++;
    return Promise.resolve(answer(order, 0));
  });
  expect(tried).toBe(1);
  expect(log[2]).toMatch(/^4 on made-up: .*completed 0 operations/);
  expect(result.failures).toMatchObject([{ cpus: 4, profile: 'made-up' }]);
  expect(result.cells.map(({ cpus }) => cpus)).toEqual([16, 1]);
});

test('more repeats have other seeds', async () => {
  const seeds: number[] = [];
  const { result } = await run(
    (order) => {
      seeds.push(order.cell.seed);
      return Promise.resolve(answer(order));
    },
    { repeats: 3, seed: 7, points: [point(2)] },
  );
  expect(seeds).toEqual([7, 8, 9]);
  expect(result.cells[0]?.repeats).toHaveLength(3);
});

test('an abort keeps what was modelled', async () => {
  const controller = new AbortController();
  const { result, log } = await run(
    (order) => {
      if (order.cell.cpus.length > 1) controller.abort();
      order.signal.throwIfAborted();
      return Promise.resolve(answer(order));
    },
    { signal: controller.signal },
  );
  expect(result.cells.map(({ cpus }) => cpus)).toEqual([1]);
  expect(result).toMatchObject({ failures: [], skipped: [], interrupted: true });
  expect(log).toHaveLength(2);
});
