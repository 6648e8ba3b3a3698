/** Work queues whose CPU goes down: works move, and whoever waits for them goes on waiting. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '../../cpu.ts';
import type { Sleeps } from '../../sleeps.ts';
import { cancelWorkSync } from '../../workqueue/cancel-work.ts';
import { flushWork } from '../../workqueue/flush-work.ts';
import { queueWork, queueWorkOn } from '../../workqueue/queue-work.ts';
import { flushWorkqueue } from '../../workqueue/workqueue.ts';
import { expect } from '../core/support.ts';
import { countingWork } from './support.ts';
import type { Queued } from './support.ts';

/** What CPU hotplug does to the work queues of a CPU that goes down: on that CPU. */
function* leave(cpu: Cpu): Sleeps<void> {
  yield* cpu.text.call(cpu.text.lookup('workqueueOfflineCpu'), cpu.id) as Sleeps<unknown>;
}

const ranOnce = (w: World<Cpu>, { runs }: Queued): void => {
  expect(w.memory.read(runs) === 1, `${w.memory.read(runs)} runs`);
};

const flushedAndMoved: Exploration = exploration<Queued, Cpu>({
  name: 'workqueue-flushed-while-works-move',
  title: 'flushWorkqueue ends also when works move from CPU to CPU meanwhile',
  description:
    'CPU 0 queues a work and goes down, so that it moves to CPU 1, while CPU 1 flushes the queue, CPU after CPU. With at most one preemption.',
  on: 'machine',
  limits: { preemptions: 1 },
  setup: countingWork,
  programs: [
    function* (p: Program<Cpu>, { work, queue }): Sleeps<void> {
      queueWork(p.cpu, queue, work);
      yield* leave(p.cpu);
    },
    function* (p: Program<Cpu>, { queue }): Sleeps<void> {
      yield* flushWorkqueue(p.cpu, queue);
    },
  ],
  after: ranOnce,
});

const waitedForAndMoved: Exploration = exploration<Queued, Cpu>({
  name: 'work-flushed-while-it-moves',
  title: 'flushWork waits for the work wherever it goes',
  description:
    'CPU 1 queues a work on CPU 0 and waits for it, while CPU 0 goes down: the work runs before, or moves, or is queued elsewhere. With at most one preemption.',
  on: 'machine',
  limits: { preemptions: 1 },
  setup: countingWork,
  programs: [
    (p: Program<Cpu>): Sleeps<void> => leave(p.cpu),
    function* (p: Program<Cpu>, { work, queue, runs }): Sleeps<void> {
      queueWorkOn(p.cpu, 0, queue, work);
      yield* flushWork(p.cpu, work);
      p.see('runs', p.memory.read(runs));
    },
  ],
  allowed: [{ runs: 1 }],
});

const cancelledAndMoved: Exploration = exploration<Queued, Cpu>({
  name: 'work-cancelled-while-it-moves',
  title: 'cancelWorkSync takes the work off wherever it goes',
  description:
    'CPU 1 queues a work on CPU 0 and cancels it, while CPU 0 goes down. With at most one preemption.',
  on: 'machine',
  limits: { preemptions: 1 },
  setup: countingWork,
  programs: [
    (p: Program<Cpu>): Sleeps<void> => leave(p.cpu),
    function* (p: Program<Cpu>, { work, queue, runs }): Sleeps<void> {
      queueWorkOn(p.cpu, 0, queue, work);
      p.see('cancelled', yield* cancelWorkSync(p.cpu, work));
      p.see('runs', p.memory.read(runs));
    },
  ],
  after(w: World<Cpu>) {
    const { cancelled, runs } = w.seen;
    expect(runs === (cancelled === true ? 0 : 1), `cancelled ${cancelled}, and ${runs} runs`);
  },
});

export const moved: readonly Exploration[] = [
  flushedAndMoved,
  waitedForAndMoved,
  cancelledAndMoved,
];
