/** The experiments compute what they say: every variant runs, and verifies itself. Nothing is timed here. */
import { chooseCell, controlBytes } from '@percpu/experiment';
import type { CpuMeasurement, Experiment } from '@percpu/experiment';
import { memblockAlloc } from '@percpu/memory';
import { expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';
import { ipi } from '../../src/experiments/ipi.ts';
import { wake } from '../../src/experiments/wake.ts';

const module = new URL('../programs/measures.ts', import.meta.url);

const cases = [ipi, wake].flatMap((experiment) =>
  Object.keys(experiment.variants).flatMap((variant) =>
    [2, 3].map((cpus): [string, string, number, Experiment] => [
      experiment.name,
      variant,
      cpus,
      experiment,
    ]),
  ),
);

test.each(cases)('%s, %s, on %d CPUs', async (_name, variant, cpus, experiment) => {
  const window = { kind: 'time', warmUpNs: 2e6, measureNs: 20e6 } as const;
  const cell = chooseCell(experiment, { variant, cpus, repeats: 2, window });
  const parameters = experiment.bootParameters(variant, cell.knobs);
  await using machine = await Machine.boot({ cpus, parameters });
  const bytes = experiment.arenaBytes(cpus);
  const place = {
    control: memblockAlloc(machine.memory, controlBytes(cpus)),
    arena: { at: memblockAlloc(machine.memory, bytes), bytes },
  };
  const results = await machine.run<CpuMeasurement>({ module, args: { cell, place } });
  const operations = results[0]!.repeats.map((repeat) => repeat.operations);
  expect(operations.every((count) => count >= 0)).toBe(true);
});
