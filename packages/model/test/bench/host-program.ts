/** One point of an experiment of @percpu/locks on a machine of threads. */
import { findByName, measure } from '@percpu/experiment';
import type { Cell, CpuMeasurement, Place, Sleeps } from '@percpu/experiment';
import { experiments } from '@percpu/locks/experiments';
import type { Cpu } from '@percpu/machine';

export function* main(
  cpu: Cpu,
  { cell, place }: { cell: Cell; place: Place },
): Sleeps<CpuMeasurement> {
  return yield* measure(cpu, findByName(experiments, cell.experiment), cell, place);
}
