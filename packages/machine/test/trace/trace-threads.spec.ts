/** Changes of tracepoints and static keys that reach other CPUs, on real threads. */
import { expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';

const module = new URL('../programs/tracing.ts', import.meta.url);

test.each([
  { cpus: 2, rounds: 300 },
  { cpus: 8, rounds: 5 },
])(
  '$cpus CPUs: a probe is never called after tracepointSynchronizeUnregister',
  async ({ cpus, rounds }) => {
    await using machine = await Machine.boot({ cpus });
    const results = await machine.run({ module, export: 'probeStorm', args: { rounds } });
    const [errors, heard] = results[0] as [number, number];
    expect(errors).toBe(0);
    expect(heard).toBeGreaterThanOrEqual(rounds);
  },
);

test('a static key is thrown on all CPUs when the call returns', async () => {
  await using machine = await Machine.boot({ cpus: 4 });
  await machine.run({ module, export: 'defineCountFlag' });
  const results = await machine.run(
    { module, export: 'throwFlag', args: { rounds: 6 } },
    { cpus: [2] },
  );
  expect(results[2]).toEqual([3, 0, 3, 0, 3, 0]);
});
