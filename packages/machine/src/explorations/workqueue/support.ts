/** A work on the system's own queue that counts its runs. */
import type { World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { WorkStruct } from '../../workqueue/layouts.ts';
import { initWork } from '../../workqueue/queue-work.ts';
import { systemWq } from '../../workqueue/workqueues.ts';
import { countRuns } from '../core/support.ts';

export interface Queued {
  readonly work: Ptr;
  readonly queue: Ptr;
  /** Plain: runs of the work, which follow the struct. Two runs at once are a race. */
  readonly runs: Ptr;
}

/** Behind the struct. */
const RUNS = 128;

export function countingWork(w: World<Cpu>): Queued {
  const cpu = w.cpus[0]!;
  const work = w.alloc(2 * RUNS);
  initWork(cpu, work, countRuns(w, RUNS));
  w.memory.describe(work, WorkStruct, 'work');
  return { work, queue: systemWq(cpu), runs: work + RUNS };
}
