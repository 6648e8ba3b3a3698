/** Twins of workqueue/. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../../cpu.ts';
import type { Sleeps } from '../../../sleeps.ts';
import { hrtimerTryToCancel } from '../../../timer/hrtimer.ts';
import { cancelWork } from '../../../workqueue/cancel-work.ts';
import { delayedWorkTimer } from '../../../workqueue/delayed-work.ts';
import { flushWork } from '../../../workqueue/flush-work.ts';
import { DelayedWork } from '../../../workqueue/layouts.ts';
import { queueWorkOn, workPending } from '../../../workqueue/queue-work.ts';
import { busy } from '../../core/support.ts';
import { delayed } from '../delayed.ts';
import { countingWork } from '../support.ts';
import type { Queued } from '../support.ts';

const cancelledOnly: Exploration = exploration<Queued, Cpu>({
  name: 'work-cancelled-without-sync',
  title: 'Twin: cancelWork where cancelWorkSync is needed',
  description: 'The work is not pending any more; it may be running.',
  on: 'machine',
  cpus: 2,
  mustFind: { kind: 'race' },
  setup: countingWork,
  programs: [
    (p: Program<Cpu>, { work, queue, runs }) => {
      queueWorkOn(p.cpu, 1, queue, work);
      cancelWork(p.cpu, work);
      p.see('runs', p.memory.read(runs));
    },
  ],
});

const notPending: Exploration = exploration<Queued, Cpu>({
  name: 'work-not-pending',
  title: 'Twin: a work that is not pending is taken to have run',
  description: 'workPending says that a worker has taken it, not that it is through with it.',
  on: 'machine',
  cpus: 2,
  mustFind: { kind: 'race' },
  setup: countingWork,
  programs: [
    (p: Program<Cpu>, { work, queue, runs }) => {
      queueWorkOn(p.cpu, 1, queue, work);
      while (workPending(p.cpu, work)) p.cpu.relax();
      p.see('runs', p.memory.read(runs));
    },
  ],
});

/** As flushDelayedWork, but for a timer whose function is running: that is not waited for. */
function* flushTrying(cpu: Cpu, dwork: Ptr): Sleeps<void> {
  const timer = dwork + DelayedWork.timer;
  const flags = cpu.localIrqSave();
  if (hrtimerTryToCancel(cpu, timer) === 1) delayedWorkTimer(cpu, timer);
  cpu.localIrqRestore(flags);
  yield* flushWork(cpu, dwork);
}

const flushTries: Exploration = exploration<Queued, Cpu>({
  name: 'delayed-work-flush-tries',
  title: 'Twin: flushDelayedWork only tries to cancel the timer',
  description:
    'While the timer’s function runs on its CPU, the work is on no list yet, and there seems to be nothing to wait for.',
  on: 'machine',
  timeouts: true,
  mustFind: { kind: 'race' },
  setup: delayed,
  programs: [
    function* (p: Program<Cpu>, { work, runs }): Sleeps<void> {
      yield* flushTrying(p.cpu, work);
      p.see('runs', p.memory.read(runs));
    },
    busy,
  ],
});

export const bustedWorks: readonly Exploration[] = [cancelledOnly, notPending, flushTries];
