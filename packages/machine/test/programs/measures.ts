/** Measures one cell of an experiment of this package. */
import { measure } from '@percpu/experiment';
import type { Cell, CpuMeasurement, Place, Sleeps } from '@percpu/experiment';
import { experiments } from '../../src/experiments/index.ts';
import type { Cpu } from '../../src/index.ts';

export function* main(
  cpu: Cpu,
  { cell, place }: { cell: Cell; place: Place },
): Sleeps<CpuMeasurement> {
  const found = experiments.find(({ name }) => name === cell.experiment);
  return yield* measure(cpu, found!, cell, place);
}
