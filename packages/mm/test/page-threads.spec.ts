/** Pages and memory pools on real threads, checked, with everything that debugging looks at. */
import { Machine } from '@percpu/machine/boot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MM_PARAMETERS } from '../src/index.ts';

const module = new URL('./programs/pages.ts', import.meta.url);

describe.each([
  // cpus, checked
  [2, true],
  [4, true],
  [4, false],
])('%d CPUs, checked %s', (cpus, checked) => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.boot({
      cpus,
      checked,
      declares: MM_PARAMETERS,
      parameters: { 'mm.pages': 256, 'mm.debug': true },
    });
  });
  afterAll(() => machine.shutdown());

  test('a storm: blocks of all CPUs keep their marks, and all come back', async () => {
    await machine.run({ module, export: 'storm', args: { rounds: 300 } });
    const [{ free, pages, leaks }] = (await machine.run(
      { module, export: 'report' },
      { cpus: [0] },
    )) as [{ free: number; pages: number; leaks: number }];
    expect([free, leaks]).toEqual([pages, 0]);
  });

  test('a pool of two pages for all CPUs, when there are no others', async () => {
    const [{ pool }] = (await machine.run(
      { module, export: 'makePool', args: { min: 2 } },
      { cpus: [0] },
    )) as [{ pool: number }];
    const rounds = 40;
    const done = await machine.run({ module, export: 'usePool', args: { pool, rounds } });
    expect([...done]).toEqual(Array(cpus).fill(rounds));
    await machine.run({ module, export: 'destroyPool', args: { pool } }, { cpus: [0] });
  });
});
