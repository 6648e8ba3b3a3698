/** A work that is queued elsewhere than last time: whoever looks at it meanwhile may still hold the lock of the old pool. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '../../cpu.ts';
import type { Sleeps } from '../../sleeps.ts';
import { cancelWork } from '../../workqueue/cancel-work.ts';
import { flushWork } from '../../workqueue/flush-work.ts';
import { queueWorkOn } from '../../workqueue/queue-work.ts';
import { countingWork } from './support.ts';
import type { Queued } from './support.ts';

/** The work was on CPU 1 last. */
function wasElsewhere(w: World<Cpu>): Queued {
  const queued = countingWork(w);
  const cpu = w.cpus[0]!;
  queueWorkOn(cpu, 1, queued.queue, queued.work);
  cancelWork(cpu, queued.work);
  return queued;
}

const queueHere = (p: Program<Cpu>, { queue, work }: Queued): void => {
  queueWorkOn(p.cpu, 0, queue, work);
};

const flushedElsewhere: Exploration = exploration<Queued, Cpu>({
  name: 'work-flushed-while-queued-elsewhere',
  title:
    'flushWork finds a work that is just being queued on another CPU, or does not, and nothing between',
  description:
    'CPU 0 queues a work that was on CPU 1 last, while CPU 1 waits for it. With at most one preemption.',
  on: 'machine',
  limits: { preemptions: 1 },
  setup: wasElsewhere,
  programs: [
    queueHere,
    function* (p: Program<Cpu>, { work, runs }): Sleeps<void> {
      const waited = yield* flushWork(p.cpu, work);
      // Without the wait nothing orders the run and this look.
      p.see('runs', waited ? p.memory.read(runs) : 1);
    },
  ],
  allowed: [{ runs: 1 }],
});

export const elsewhere: readonly Exploration[] = [flushedElsewhere];
