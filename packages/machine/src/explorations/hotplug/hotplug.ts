/** CPUs that go down and come up while others call them and queue works there. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { Errno } from '../../errno.ts';
import { cpuDown, cpuUp } from '../../hotplug/cpu-hotplug.ts';
import { cpuOnline } from '../../online.ts';
import type { Sleeps } from '../../sleeps.ts';
import { smpCallFunctionSingle } from '../../smp-call.ts';
import { flushWork } from '../../workqueue/flush-work.ts';
import { queueWorkOn } from '../../workqueue/queue-work.ts';
import { defineEverywhere, expect } from '../core/support.ts';
import { countingWork } from '../workqueue/support.ts';
import type { Queued } from '../workqueue/support.ts';
import { makeStoppers } from './stop.ts';

interface Called {
  readonly fn: Ptr;
  /** Plain. */
  readonly data: Ptr;
}

function called(w: World<Cpu>): Called {
  const fn = defineEverywhere(w, 'countCall', ({ memory }, at) => {
    memory.write(at, memory.read(at) + 1);
  });
  makeStoppers(w.cpus[0]!, fn);
  return { fn, data: w.alloc(128) };
}

/** Takes the last CPU down. */
function* takeDown(p: Program<Cpu>): Sleeps<void> {
  expect((yield* cpuDown(p.cpu, 2)) === 0, 'it did not go down');
  expect(!cpuOnline(p.memory, p.cpu.machine, 2), 'it is online');
}

const SMALL = { 'dmesg.lines': 64 } as const;

const calledWhileDown: Exploration = exploration<Called, Cpu>({
  name: 'cpu-down-and-called',
  title: 'A call to a CPU that goes down runs or is refused, and never hangs',
  description:
    'CPU 0 takes CPU 2 down while CPU 1 calls a function there and waits for it: 0 and it ran, or -ENXIO and it did not. Without preemptions, and not all: too long for that.',
  on: 'machine',
  cpus: 3,
  parameters: SMALL,
  limits: { preemptions: 0, schedules: 150 },
  setup: called,
  programs: [
    takeDown,
    (p: Program<Cpu>, { fn, data }) => {
      const result = smpCallFunctionSingle(p.cpu, 2, fn, data, true);
      expect(result === 0 || result === Errno.ENXIO, `the call returned ${result}`);
      const runs = p.memory.read(data);
      expect(runs === (result === 0 ? 1 : 0), `the call returned ${result}, and ran ${runs} times`);
    },
  ],
});

const queuedWhileDown: Exploration = exploration<Queued, Cpu>({
  name: 'cpu-down-and-queued',
  title: 'A work that is queued on a CPU that goes down runs, there or elsewhere',
  description:
    'CPU 0 takes CPU 2 down while CPU 1 queues a work there and waits for it. Without preemptions, and not all: too long for that.',
  on: 'machine',
  cpus: 3,
  parameters: SMALL,
  limits: { preemptions: 0, schedules: 150 },
  setup(w: World<Cpu>) {
    const s = countingWork(w);
    makeStoppers(w.cpus[0]!, w.cpus[0]!.text.lookup('countRun'));
    return s;
  },
  programs: [
    takeDown,
    function* (p: Program<Cpu>, { work, queue, runs }): Sleeps<void> {
      expect(queueWorkOn(p.cpu, 2, queue, work), 'it was pending');
      yield* flushWork(p.cpu, work);
      p.see('runs', p.memory.read(runs));
    },
  ],
  allowed: [{ runs: 1 }],
});

const downAndUp: Exploration = exploration<Ptr, Cpu>({
  name: 'cpu-down-and-up',
  title: 'The tasks of a CPU that goes down go on when it is up again',
  description:
    'CPU 0 takes CPU 1 down and up again while a task of CPU 1 counts: frozen in between, and at the end in the end. Without preemptions; drawn schedules have them.',
  on: 'machine',
  parameters: SMALL,
  limits: { preemptions: 0 },
  setup(w: World<Cpu>) {
    makeStoppers(w.cpus[0]!, 0);
    return w.alloc(128);
  },
  programs: [
    function* (p: Program<Cpu>): Sleeps<void> {
      expect((yield* cpuDown(p.cpu, 1)) === 0, 'it did not go down');
      expect((yield* cpuUp(p.cpu, 1)) === 0, 'it did not come up');
    },
    function* (p: Program<Cpu>, at): Sleeps<void> {
      p.memory.fetchAdd(at, 1);
      yield;
      p.memory.fetchAdd(at, 1);
    },
  ],
  after(w: World<Cpu>, at) {
    expect(w.memory.load(at) === 2, 'its task was lost');
    expect(cpuOnline(w.memory, w.cpus[0]!.machine, 1), 'it is offline');
  },
});

export const hotplugs: readonly Exploration[] = [calledWhileDown, queuedWhileDown, downAndUp];
