/** The per-CPU rwsem: exclusion through words that no two CPUs write, and the switch between readers and a writer. */
import type { Exploration } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import { perCpuPtr } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { perCpuSum } from '../../counting/this-cpu.ts';
import { PercpuRwsem, percpuRwsem } from '../../reader-writer/percpu-rwsem.ts';
import type { RwSleepingType } from '../../reader-writer/rw-sleeping-type.ts';
import { waitEvent } from '../../sleeping/wait-event.ts';
import { wakeUp } from '../../sleeping/wait-queue.ts';
import { Guarded } from '../guarded.ts';
import {
  attempt,
  read,
  readerAndWriter,
  readersAndWriter,
  rwSleepingCase,
  together,
  twoWriters,
  write,
  writersAndReader,
} from './rw-sleeping.ts';
import type { RwStep } from './rw-sleeping.ts';

const readCount = ({ memory, machine }: Cpu, at: Ptr, id: number): Ptr =>
  perCpuPtr(machine.percpu, memory.read(at + PercpuRwsem.readCount), id);

const count = (cpu: Cpu, at: Ptr, delta: number): void =>
  void cpu.memory.fetchAdd(readCount(cpu, at, cpu.id), delta);

const isBlocked = ({ memory }: Cpu, at: Ptr): boolean => memory.load(at + PercpuRwsem.block) !== 0;

/** As the lock's own steps for one reader and one writer, without the debug mode, which would find some of the twins first. */
const bare: RwSleepingType = {
  ...percpuRwsem,
  *downRead(cpu: Cpu, at: Ptr): Sleeps<void> {
    for (;;) {
      count(cpu, at, 1);
      if (!isBlocked(cpu, at)) return;
      bare.upRead(cpu, at);
      yield* waitEvent(cpu, at + PercpuRwsem.drained, () => !isBlocked(cpu, at));
    }
  },
  upRead(cpu: Cpu, at: Ptr): void {
    count(cpu, at, -1);
    if (isBlocked(cpu, at)) wakeUp(cpu, at + PercpuRwsem.drained);
  },
  *downWrite(cpu: Cpu, at: Ptr): Sleeps<void> {
    cpu.memory.store(at + PercpuRwsem.block, 1);
    yield* waitEvent(cpu, at + PercpuRwsem.drained, () => sumIsZero(cpu, at));
  },
  upWrite(cpu: Cpu, at: Ptr): void {
    cpu.memory.store(at + PercpuRwsem.block, 0);
    wakeUp(cpu, at + PercpuRwsem.drained);
  },
};

const twin = (name: string, wrong: Partial<RwSleepingType>): RwSleepingType =>
  Object.freeze({ ...bare, ...wrong, name: `percpu-rwsem-${name}` });

/** A writer that nobody else competes with, and what it takes for drained. */
const drains = (drained: (cpu: Cpu, at: Ptr) => boolean): Partial<RwSleepingType> => ({
  *downWrite(cpu: Cpu, at: Ptr): Sleeps<void> {
    cpu.memory.store(at + PercpuRwsem.block, 1);
    yield* waitEvent(cpu, at + PercpuRwsem.drained, () => drained(cpu, at));
  },
});

const sumIsZero = (cpu: Cpu, at: Ptr): boolean =>
  perCpuSum(cpu, cpu.memory.read(at + PercpuRwsem.readCount)) === 0;

const forgetsACpu = twin(
  'forgets-a-cpu',
  drains((cpu, at) => cpu.memory.load(readCount(cpu, at, 0)) === 0),
);

const sumsBeforeBlocking = twin('sums-before-blocking', {
  *downWrite(cpu: Cpu, at: Ptr): Sleeps<void> {
    yield* waitEvent(cpu, at + PercpuRwsem.drained, () => sumIsZero(cpu, at));
    cpu.memory.store(at + PercpuRwsem.block, 1);
  },
});

const looksThenCounts = twin('looks-then-counts', {
  *downRead(cpu: Cpu, at: Ptr): Sleeps<void> {
    if (isBlocked(cpu, at)) yield* bare.downRead(cpu, at);
    else count(cpu, at, 1);
  },
});

const leavesSilently = twin('leaves-silently', {
  upRead: (cpu: Cpu, at: Ptr): void => count(cpu, at, -1),
});

const wakesBeforeLeaving = twin('wakes-before-leaving', {
  upRead(cpu: Cpu, at: Ptr): void {
    if (isBlocked(cpu, at)) wakeUp(cpu, at + PercpuRwsem.drained);
    count(cpu, at, -1);
  },
});

const letsNobodyIn = twin('lets-nobody-in', {
  upWrite: ({ memory }: Cpu, at: Ptr): void => memory.store(at + PercpuRwsem.block, 0),
});

/** Comes, goes, and comes again: the writer may switch the lock in between. */
const readTwice: RwStep = function* (type, p, { at, data }): Sleeps<void> {
  for (let turn = 0; turn < 2; turn++) {
    yield* type.downRead(p.cpu, at);
    const x = p.cpu.memory.read(data + Guarded.x);
    const y = p.cpu.memory.read(data + Guarded.y);
    type.upRead(p.cpu, at);
    if (x !== y) throw new Error(`torn: ${x}, ${y}`);
  }
};

const race = { kind: 'race', message: /guarded/ } as const;
const asleep = { kind: 'deadlock', message: /idle/ } as const;

export const percpuRwsemExplorations: readonly Exploration[] = [
  readerAndWriter(percpuRwsem, { preemptions: 2 }),
  twoWriters(percpuRwsem, { preemptions: 2 }),
  readersAndWriter(percpuRwsem, { preemptions: 1 }),
  writersAndReader(percpuRwsem, { preemptions: 1 }),
  attempt(percpuRwsem, { preemptions: 1 }),
  together(percpuRwsem, {}),
  rwSleepingCase(percpuRwsem, {
    name: 'switches',
    title: 'readers, a writer, readers again',
    description:
      'A reader that comes twice meets the lock before, while and after a writer has it.',
    preemptions: 2,
    steps: [readTwice, write],
  }),
  rwSleepingCase(percpuRwsem, {
    name: 'lets-in-in-order',
    title: 'a writer lets the reader and the writer in that wait',
    description: 'The reader is counted on the CPU that lets it in, and leaves on its own.',
    preemptions: 1,
    steps: [write, read, write],
    outcomes: [{ cpu1: 0 }, { cpu1: 1 }, { cpu1: 2 }],
  }),
  readerAndWriter(forgetsACpu, {
    preemptions: 2,
    busted: { wrong: 'The writer does not wait for the readers of one CPU.', mustFind: race },
  }),
  readerAndWriter(sumsBeforeBlocking, {
    preemptions: 2,
    busted: { wrong: 'A reader may come between the sum and the block.', mustFind: race },
  }),
  readerAndWriter(looksThenCounts, {
    preemptions: 2,
    busted: { wrong: 'A writer may come between the look and the count.', mustFind: race },
  }),
  readerAndWriter(leavesSilently, {
    preemptions: 2,
    busted: { wrong: 'A reader does not wake the writer that waits for it.', mustFind: asleep },
  }),
  readerAndWriter(wakesBeforeLeaving, {
    preemptions: 2,
    busted: {
      wrong: 'Wakes the writer while it is still counted.',
      mustFind: asleep,
    },
  }),
  readerAndWriter(letsNobodyIn, {
    preemptions: 2,
    busted: { wrong: 'The writer wakes nobody.', mustFind: asleep },
  }),
];
