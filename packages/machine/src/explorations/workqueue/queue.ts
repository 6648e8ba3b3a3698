/** Work queues: a work that was queued runs, never on two CPUs at once, and whoever waits for it finds what it did. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '../../cpu.ts';
import type { Sleeps } from '../../sleeps.ts';
import { cancelWorkSync } from '../../workqueue/cancel-work.ts';
import { flushWork } from '../../workqueue/flush-work.ts';
import { queueWork, queueWorkOn, workPending } from '../../workqueue/queue-work.ts';
import { flushWorkqueue } from '../../workqueue/workqueue.ts';
import { expect } from '../core/support.ts';
import { countingWork } from './support.ts';
import type { Queued } from './support.ts';

const queuedTwice: Exploration = exploration<Queued, Cpu>({
  name: 'work-queued-by-two',
  title:
    'A work that two CPUs queue runs once for each time it was accepted, and never twice at once',
  description:
    'CPUs 0 and 1 queue the same work, each on its own CPU. It counts its runs plainly: the race detector sees two at once. With at most one preemption.',
  on: 'machine',
  cpus: 2,
  limits: { preemptions: 1 },
  setup: countingWork,
  program(p: Program<Cpu>, { work, queue }) {
    p.see(`queued${p.id}`, queueWork(p.cpu, queue, work));
  },
  after(w: World<Cpu>, { work, runs }) {
    const accepted = Number(w.seen.queued0) + Number(w.seen.queued1);
    expect(!workPending(w.cpus[0]!, work), 'it is still pending');
    expect(
      w.memory.read(runs) === accepted,
      `${accepted} times accepted, ${w.memory.read(runs)} runs`,
    );
  },
  allowed: [
    { queued0: true, queued1: true },
    { queued0: true, queued1: false },
    { queued0: false, queued1: true },
  ],
});

const cancelled: Exploration = exploration<Queued, Cpu>({
  name: 'work-cancelled-sync',
  title: 'When cancelWorkSync returns, the work was taken off or has run',
  description:
    'CPU 0 queues a work on CPU 1, cancels it, and then uses its data, plainly. With at most one preemption.',
  on: 'machine',
  cpus: 2,
  limits: { preemptions: 1 },
  setup: countingWork,
  programs: [
    function* (p: Program<Cpu>, { work, queue, runs }): Sleeps<void> {
      queueWorkOn(p.cpu, 1, queue, work);
      p.see('cancelled', yield* cancelWorkSync(p.cpu, work));
      p.see('runs', p.memory.read(runs));
    },
  ],
  allowed: [
    { cancelled: true, runs: 0 },
    { cancelled: false, runs: 1 },
  ],
});

const cancelAgainstQueue: Exploration = exploration<Queued, Cpu>({
  name: 'work-cancelled-and-queued',
  title: 'A work that is queued while another CPU cancels it is not lost and not run twice',
  description:
    'CPU 0 cancels the work, again and again queued by CPU 1. What was accepted has run, unless the cancel took it off. With at most two preemptions.',
  on: 'machine',
  cpus: 2,
  limits: { preemptions: 2 },
  setup: countingWork,
  programs: [
    function* (p: Program<Cpu>, { work }): Sleeps<void> {
      p.see('cancelled', yield* cancelWorkSync(p.cpu, work));
    },
    (p: Program<Cpu>, { work, queue }) => {
      p.see('queued', queueWork(p.cpu, queue, work));
    },
  ],
  after(w: World<Cpu>, { runs, work }) {
    const wanted = Number(w.seen.queued) - Number(w.seen.cancelled);
    expect(w.memory.read(runs) === wanted, `${w.memory.read(runs)} runs instead of ${wanted}`);
    expect(!workPending(w.cpus[0]!, work), 'it is still pending');
  },
});

const flushed: Exploration = exploration<Queued, Cpu>({
  name: 'work-flushed',
  title: 'flushWork returns when the work has run',
  description:
    'CPU 0 queues a work on CPU 1, waits for it, and reads what it wrote, plainly. With at most one preemption.',
  on: 'machine',
  cpus: 2,
  limits: { preemptions: 1 },
  setup: countingWork,
  programs: [
    function* (p: Program<Cpu>, { work, queue, runs }): Sleeps<void> {
      queueWorkOn(p.cpu, 1, queue, work);
      p.see('waited', yield* flushWork(p.cpu, work));
      p.see('runs', p.memory.read(runs));
    },
  ],
  allowed: [
    { waited: true, runs: 1 },
    { waited: false, runs: 1 },
  ],
});

const queueFlushed: Exploration = exploration<Queued, Cpu>({
  name: 'workqueue-flushed',
  title: 'flushWorkqueue returns when all works queued before it have run',
  description:
    'CPU 0 queues a work on CPU 1, flushes the queue, and reads what the work wrote, plainly. With at most one preemption.',
  on: 'machine',
  cpus: 2,
  limits: { preemptions: 1 },
  setup: countingWork,
  programs: [
    function* (p: Program<Cpu>, { work, queue, runs }): Sleeps<void> {
      queueWorkOn(p.cpu, 1, queue, work);
      yield* flushWorkqueue(p.cpu, queue);
      p.see('runs', p.memory.read(runs));
    },
  ],
  allowed: [{ runs: 1 }],
});

export const works: readonly Exploration[] = [
  queuedTwice,
  cancelled,
  cancelAgainstQueue,
  flushed,
  queueFlushed,
];
