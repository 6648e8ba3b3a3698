import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { chooseCell, findByName } from '@percpu/experiment';
import { experiments } from '@percpu/locks/experiments';
import { engine } from '../src/host/engine.ts';
import { LOCKS, MACHINE, modelPoint, OWN } from './support.ts';
import type { Modelled } from './support.ts';

const handover = (variant: string, cpus: number): Promise<Modelled> =>
  modelPoint({ module: LOCKS, experiment: 'lock-handover', variant, cpus });

describe('one source: locks as they are, in virtual time', () => {
  test('a ticket lock gets dearer with the queue, an MCS lock does not', async () => {
    const ns = async (variant: string, cpus: number): Promise<number> =>
      (await handover(variant, cpus)).result.nsPerOp.median / cpus;
    const [ticket8, ticket48, mcs8, mcs48] = await Promise.all([
      ns('ticket', 8),
      ns('ticket', 48),
      ns('mcs', 8),
      ns('mcs', 48),
    ]);
    expect(ticket48 / ticket8).toBeGreaterThan(3);
    expect(mcs48 / mcs8).toBeLessThan(ticket48 / ticket8);
    expect(mcs48).toBeLessThan(ticket48);
  });

  test('the line that everybody waits for is named first, with the reason', async () => {
    const { measured } = await handover('ticket', 48);
    const [dearest] = measured.model!.lines;
    expect(dearest).toMatchObject({ name: 'ticket' });
    expect(dearest!.fields[0]).toMatchObject({ name: 'serving' });
    expect(dearest!.why).toMatch(
      /^many CPUs spin on serving: each write makes all of them fetch the line again, one by one/,
    );
    expect(dearest!.busy).toBeGreaterThan(0.5);
  });

  test('time adds up: what is not waiting is computing', async () => {
    const { cpuNs, where } = (await handover('mcs', 8)).measured.model!;
    const { compute, transfer, lockWait, ipi, idle } = where;
    expect(Math.abs(compute + transfer + lockWait + ipi + idle - cpuNs) / cpuNs).toBeLessThan(0.01);
    expect(lockWait / cpuNs).toBeGreaterThan(0.5);
  });
});

test('who sleeps for a lock waits for it, and is not idle', async () => {
  const { cpuNs, where, lines } = (await handover('mutex', 8)).measured.model!;
  expect(where.lockWait / cpuNs).toBeGreaterThan(0.5);
  expect(where.idle / cpuNs).toBeLessThan(0.05);
  // Who spins while the owner runs queues for that, and whoever has queued long enough sleeps.
  const waited = lines.flatMap(({ name, fields }) =>
    /Mutex|Osq/i.test(name) ? fields.map(({ lockWaitNs }) => lockWaitNs) : [],
  );
  expect(waited.reduce((a, b) => a + b, 0) / where.lockWait).toBeGreaterThan(0.8);
});

describe('false sharing', () => {
  const neighbours = (variant: string): Promise<Modelled> =>
    modelPoint({ module: OWN, experiment: 'neighbours', variant, cpus: 2 });

  test('words of two CPUs on one line are called that', async () => {
    const { measured } = await neighbours('together');
    expect(measured.model!.lines[0]).toMatchObject({ name: 'arena' });
    expect(measured.model!.lines[0]!.why).toMatch(
      /^false sharing: \+0x0 and \+0x4 are used by different CPUs \(CPU 0 and CPU 1\)/,
    );
  });

  test('on lines of their own they cost nothing', async () => {
    const { measured } = await neighbours('apart');
    expect(measured.model!.lines).toEqual([]);
    expect(measured.model!.where.transfer).toBe(0);
  });
});

describe('interrupts', () => {
  const p50 = async (variant: string, cpus: number): Promise<number> =>
    (await modelPoint({ module: MACHINE, experiment: 'ipi', variant, cpus })).result.latency!.p50;

  test('a call takes sending, delivery, the handler and the answer; a sleeper takes its exit from idle more', async () => {
    const { ipiDeliver, idleExit } = { ipiDeliver: 1240, idleExit: 2000 };
    const awake = await p50('one-awake', 2);
    const asleep = await p50('one-asleep', 2);
    expect(awake).toBeGreaterThan(ipiDeliver);
    expect(awake).toBeLessThan(2 * ipiDeliver);
    expect(asleep - awake).toBeGreaterThan(0.5 * idleExit);
    expect(asleep - awake).toBeLessThan(1.5 * idleExit);
  });

  test('a broadcast costs more for each target', async () => {
    expect(await p50('broadcast-awake', 8)).toBeGreaterThan(await p50('broadcast-awake', 2));
  });
});

describe('what goes wrong', () => {
  const misbehaves = (variant: string): Promise<Modelled> =>
    modelPoint({ module: OWN, experiment: 'misbehaves', variant, cpus: 2 });

  test.each([
    ['waits-for-ever', /no CPU can go on: CPU 0 (spins|sleeps) on .*CPU 1 (spins|sleeps) on/],
    ['looks-for-ever', /CPU \d looks at the clock over and over, and does nothing that takes time/],
    ['throws', 'the shelf is empty'],
    ['counts-wrong', /\d+ increments left \d+/],
  ])('%s', async (variant, message) => {
    await expect(misbehaves(variant)).rejects.toThrow(message);
  });

  test('given up in the middle: rejects with the reason', async () => {
    const controller = new AbortController();
    const { measure } = engine.open({ profile: undefined, cwd: '.' });
    const entry = findByName(experiments, 'lock-handover');
    const cell = chooseCell(entry, {
      variant: 'tas',
      clock: 'model',
      cpus: 64,
      window: engine.window(64),
    });
    const running = measure({
      found: { module: LOCKS, entry, parameters: [] },
      cell,
      signal: controller.signal,
    });
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});

describe('the same bytes', () => {
  const script = new URL('./programs/one-point.ts', import.meta.url).pathname;
  const run = (node: string, ...args: string[]): string =>
    execFileSync(node, ['--conditions=@percpu/source', script, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  test('twice, in two processes', () => {
    const once = run(process.execPath, 'ttas', '16');
    expect(once.length).toBeGreaterThan(1000);
    expect(run(process.execPath, 'ttas', '16')).toBe(once);
    expect(run(process.execPath, 'ttas', '15')).not.toBe(once);
  });

  // Under Node 22, 24 and 26: the figures in the example of the README, which the consumer test runs under each.
});
