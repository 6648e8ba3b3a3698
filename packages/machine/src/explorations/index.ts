/** What of the machine is explored, and the busted twins that the explorer must find. */
import { explorationList } from '@percpu/experiment';
import type { Exploration } from '@percpu/experiment';
import { bustedCalls } from './core/busted/calls.ts';
import { bustedInterrupts } from './core/busted/interrupts.ts';
import { bustedRest } from './core/busted/rest.ts';
import { calls } from './core/calls.ts';
import { dmesg } from './core/dmesg.ts';
import { irq } from './core/irq.ts';
import { locks } from './core/locks.ts';
import { nested } from './core/nested.ts';
import { sleep } from './core/sleep.ts';
import { text } from './core/text.ts';
import { parking } from './parking/parking.ts';
import { parkingProof } from './parking/proof.ts';
import { bustedTasks } from './tasks/busted/tasks.ts';
import { events } from './tasks/event.ts';
import { kthreads } from './tasks/kthread.ts';
import { scheduling } from './tasks/scheduling.ts';
import { wakes } from './tasks/wake.ts';

export const explorations: readonly Exploration[] = explorationList([
  ...calls,
  ...sleep,
  ...locks,
  ...dmesg,
  ...text,
  ...irq,
  ...nested,
  ...parking,
  ...parkingProof,
  ...wakes,
  ...events,
  ...kthreads,
  ...scheduling,
  ...bustedCalls,
  ...bustedRest,
  ...bustedInterrupts,
  ...bustedTasks,
]);
