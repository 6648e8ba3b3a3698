/** What the threads of the tests run. */

import { arriveAtBarrier, releaseBarrier } from '../../src/barrier.ts';
import type { BenchCpu, Cell, CpuMeasurement, Place } from '../../src/index.ts';
import { findByName, measure, runWithoutSleeping } from '../../src/index.ts';
import { experiments } from './experiments.ts';

const BARRIER = 0;
const PHASES = 1024;

interface BarrierArgs {
  readonly n: number;
  readonly rounds: number;
  /** How many arrivals the barrier under test waits for: n is right, less is the busted twin. */
  readonly waitsFor: number;
}

/**
 * Every CPU counts its rounds. Returns in which round it first left while another had not come yet, or
 * 0. The last CPU makes sure that it is late: it comes only when all others have arrived.
 */
function seeWhoIsMissing(cpu: BenchCpu, { n, rounds, waitsFor }: BarrierArgs): number {
  const { memory } = cpu;
  let firstMissing = 0;
  for (let round = 1; round <= rounds && firstMissing === 0; round++) {
    if (cpu.id === n - 1) {
      // The twin's early leavers are gone after one round; nobody is left for the late one to meet.
      if (waitsFor < n) return 0;
      while (memory.load(BARRIER) < n - 1) cpu.relax();
    }
    memory.store(PHASES + cpu.id * 128, round);
    if (arriveAtBarrier(cpu, BARRIER, waitsFor)) releaseBarrier(cpu, BARRIER);
    for (let other = 0; other < n; other++) {
      if (memory.load(PHASES + other * 128) < round) firstMissing = round;
    }
  }
  return firstMissing;
}

function measureCell(cpu: BenchCpu, { cell, place }: { cell: Cell; place: Place }): CpuMeasurement {
  return runWithoutSleeping(measure(cpu, findByName(experiments, cell.experiment), cell, place));
}

export const all = { seeWhoIsMissing, measureCell } as const;
