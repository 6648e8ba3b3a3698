import { expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';
import { spinBudget } from '../../src/boot/spin-budget.ts';

test.each([
  // CPUs, cores, turns, sharing
  [1, 1, 20_000, false],
  [2, 2, 20_000, false],
  [3, 2, 200, true],
  [1024, 16, 200, true],
  [15, 16, 20_000, false],
])('%d CPUs on %d cores spin for %d turns', (cpus, cores, turns, sharing) => {
  expect(spinBudget(cpus, cores)).toEqual({ 'spin.budget': turns, 'spin.pv': sharing });
});

test('what the user says wins', async () => {
  await using machine = await Machine.boot({ cpus: 1, parameters: { 'spin.budget': 7 } });
  expect(machine.info.parameters['spin.budget']).toBe(7);
});
