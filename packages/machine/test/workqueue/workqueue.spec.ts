import { expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';

const module = new URL('../programs/works.ts', import.meta.url);

async function onOneCpu(
  program: string,
  cpus: number,
  args?: unknown,
): Promise<{ result: unknown; dmesg: string }> {
  await using machine = await Machine.boot({ cpus });
  await machine.run({ module, export: 'defineWorks' });
  const results = await machine.run({ module, export: program, args }, { cpus: [0] });
  return { result: results[0], dmesg: machine.dmesg().join('\n') };
}

test.each([
  { cpus: 1, rounds: 200 },
  { cpus: 4, rounds: 200 },
  { cpus: 12, rounds: 20 },
])(
  '$cpus CPUs queue the same works, from tasks and interrupts: none meets itself',
  async ({ cpus, rounds }) => {
    await using machine = await Machine.boot({ cpus });
    await machine.run({ module, export: 'defineWorks' });
    const results = await machine.run({ module, export: 'storm', args: { rounds } });
    for (const result of results) expect(result).toEqual({ queued: true, ran: true, overlaps: 0 });
  },
);

test('works of an ordered queue run in the order they were queued, whatever CPU they name', async () => {
  const { result } = await onOneCpu('orderedQueue', 3, { works: 60 });
  expect(result).toEqual(Array.from({ length: 60 }, (_, index) => index));
});

test('a work that sleeps holds up its own queue (maxActive 1) and no other', async () => {
  const { result } = await onOneCpu('sleepersDoNotBlock', 2);
  expect(result).toEqual({ before: [1], pending: [false, true], requeued: true, after: [0, 2, 0] });
});

test('cancelWorkSync: queued, not queued, running, requeueing itself', async () => {
  const { result } = await onOneCpu('cancels', 2);
  expect(result).toEqual({
    twice: false,
    cancelled: [true, false],
    whileRunning: false,
    stopped: true,
    log: [0],
  });
});

test('drainWorkqueue waits for works that queue more, and refuses others', async () => {
  const { result, dmesg } = await onOneCpu('drains', 1);
  expect(result).toEqual({ runs: 41, refused: false, log: [] });
  expect(dmesg).toMatch(/workqueue: cannot queue on chain, which is being drained/);
});

test('a work that flushes itself or its queue is told so', async () => {
  const { result, dmesg } = await onOneCpu('flushesOwn', 1);
  expect(result).toEqual([0, 2]);
  expect(dmesg).toMatch(/flushWork of the work at 0x[0-9a-f]+ by itself would wait for ever/);
  expect(dmesg).toMatch(/a work on events flushes events: it would wait for itself/);
});

test('delayed works: queue, cancel, flush, mod', async () => {
  const { result } = await onOneCpu('delayed', 1);
  expect(result).toEqual([
    true,
    ['at once', true, true, [5]],
    ['later', true, false],
    ['cancel', true, false, []],
    ['flush', true, [5]],
    ['sooner', true],
    ['ran', [5], false],
  ]);
});

test('executeInProcessContext: at once from a task, by a worker from an interrupt', async () => {
  const { result } = await onOneCpu('processContext', 2);
  expect(result).toEqual([0, 3, 11, 4]);
});

test('CPUs go down and up while works are queued on them', async () => {
  await using machine = await Machine.boot({ cpus: 4 });
  await machine.run({ module, export: 'defineWorks' });
  const [result] = await machine.run({ module, export: 'hotplugUnderLoad', args: { rounds: 30 } });
  expect(result).toEqual({ codes: [0], ran: true, overlaps: 0 });
});
