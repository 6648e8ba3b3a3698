/** One tasklet, scheduled by several CPUs on real threads. */
import { expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';

const module = new URL('../programs/tracing.ts', import.meta.url);

test.each([
  { cpus: 2, steps: 2000 },
  { cpus: 8, steps: 40 },
])('$cpus CPUs: never in two places, and a plain counter is enough', async ({ cpus, steps }) => {
  await using machine = await Machine.boot({ cpus });
  const results = await machine.run({ module, export: 'taskletStorm', args: { steps } });
  const [plain, atomic, overlaps] = results[0] as [number, number, number];
  expect([plain, overlaps]).toEqual([atomic, 0]);
  expect(atomic).toBeGreaterThan(0);
  expect(atomic).toBeLessThanOrEqual(cpus * steps);
});
