/** Delayed works: the timer on one CPU, and who waits for the work on another. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '../../cpu.ts';
import type { Sleeps } from '../../sleeps.ts';
import {
  flushDelayedWork,
  initDelayedWork,
  queueDelayedWork,
} from '../../workqueue/delayed-work.ts';
import { DelayedWork } from '../../workqueue/layouts.ts';
import { systemWq } from '../../workqueue/workqueues.ts';
import { busy, countRuns } from '../core/support.ts';
import type { Queued } from './support.ts';

const DELAY_NS = 1000;
/** Behind the struct. */
const RUNS = 256;

/** A delayed work of CPU 1, whose timer runs: it expires whenever the explorer likes. */
export function delayed(w: World<Cpu>): Queued {
  const cpu = w.cpus[1]!;
  const work = w.alloc(2 * RUNS);
  initDelayedWork(cpu, work, countRuns(w, RUNS));
  w.memory.describe(work, DelayedWork, 'work');
  queueDelayedWork(cpu, systemWq(cpu), work, DELAY_NS);
  return { work, queue: systemWq(cpu), runs: work + RUNS };
}

const delayedFlushed: Exploration = exploration<Queued, Cpu>({
  name: 'delayed-work-flushed',
  title: 'flushDelayedWork returns when the work has run, also when its timer is just expiring',
  description:
    'The timer of CPU 1 expires at any point while CPU 0 flushes the work and then uses its data, plainly. Without preemptions but those of interrupts and time; drawn schedules have more.',
  on: 'machine',
  timeouts: true,
  limits: { preemptions: 0 },
  setup: delayed,
  programs: [
    function* (p: Program<Cpu>, { work, runs }): Sleeps<void> {
      yield* flushDelayedWork(p.cpu, work);
      p.see('runs', p.memory.read(runs));
    },
    busy,
  ],
  allowed: [{ runs: 1 }],
});

export const delayedWorks: readonly Exploration[] = [delayedFlushed];
