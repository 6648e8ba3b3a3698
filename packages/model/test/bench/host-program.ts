/** One point of an experiment of @percpu/locks on a machine of threads, each on a core of its own. */
import { readFileSync } from 'node:fs';
import { findByName, measure } from '@percpu/experiment';
import type { Cell, CpuMeasurement, Place, Sleeps } from '@percpu/experiment';
import { experiments } from '@percpu/locks/experiments';
import type { Cpu } from '@percpu/machine';
import { pinThisThread } from '../../src/host/calibrate/pin.ts';

export interface HostPoint {
  readonly measured: CpuMeasurement;
  /** ns for which others had its core. */
  readonly displacedNs: number;
}

export function* main(cpu: Cpu, { cell, place }: { cell: Cell; place: Place }): Sleeps<HostPoint> {
  if (!pinThisThread(cpu.id)) throw new Error('this host does not let a thread be put on a core');
  const before = runQueueWait();
  const measured = yield* measure(cpu, findByName(experiments, cell.experiment), cell, place);
  return { measured, displacedNs: runQueueWait() - before };
}

/** ns that this thread has been ready to run and did not, so far. */
function runQueueWait(): number {
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]);
}
