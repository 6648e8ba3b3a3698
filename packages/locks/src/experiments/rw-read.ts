/** What does it cost to read what is seldom written, and what do the readers pay for each other? */
import { experiment, LINE, pastHostCores, powersOfTwo } from '@percpu/experiment';
import type { Experiment, HeadlineFigure, Random, Result } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { percpuRwsem } from '../reader-writer/percpu-rwsem.ts';
import type { RwSleepingType } from '../reader-writer/rw-sleeping-type.ts';
import { rwlock } from '../reader-writer/rwlock.ts';
import { rwsem } from '../reader-writer/rwsem.ts';
import { readSeqbegin, readSeqretry, seqlockWrite } from '../reader-writer/seqlock.ts';
import {
  mutexInit,
  mutexIsLocked,
  mutexLock,
  mutexTrylock,
  mutexUnlock,
} from '../sleeping/mutex.ts';
import { Mutex } from '../sleeping/mutex.ts';
import type { SpinLockType } from '../spin/spin-lock-type.ts';
import { ticket } from '../spin/ticket-lock.ts';

/** What one batch needs to know. */
interface Batch {
  /** Operations. */
  readonly size: number;
  readonly sectionNs: number;
  /** Is the next one a write? */
  readonly writes: () => boolean;
  /** This CPU's count of its writes. */
  readonly written: Ptr;
}

interface Variant {
  readonly init: (cpu: Cpu, lock: Ptr) => void;
  /** A batch of operations; one that sleeps is a task. */
  readonly run: (cpu: Cpu, at: Ptr, batch: Batch) => number | Sleeps<number>;
}

/** Operations per call of `body`: the loop around it costs a few ns a call. */
const BATCH = 64;

/** The lock is on lines of its own, then the two words that it protects, then a line a CPU for the count of its writes. */
const DATA = 2 * LINE;
const WRITTEN = DATA + LINE;

/** For reports. */
const Guarded = layout({ first: 'u32', second: 'u32' }, { name: 'guarded' });

function checkWhole(first: number, second: number): void {
  if (first !== second) throw new Error(`rw-read: torn data: ${first} beside ${second}`);
}

/** Two words that must stay equal. Plain accesses: a lock protects them. */
function read(cpu: Cpu, data: Ptr, sectionNs: number): void {
  const first = cpu.memory.read(data);
  if (sectionNs > 0) cpu.delay(sectionNs);
  checkWhole(first, cpu.memory.read(data + 4));
}

function write(cpu: Cpu, data: Ptr, sectionNs: number): void {
  const next = cpu.memory.read(data) + 1;
  cpu.memory.write(data, next);
  if (sectionNs > 0) cpu.delay(sectionNs);
  cpu.memory.write(data + 4, next);
}

function countWrite({ memory }: Cpu, written: Ptr): void {
  memory.writeOwn(written, memory.readOwn(written) + 1);
}

/** A variant made of this and a lock is compiled for that lock alone: a machine runs one variant. */
function spinning(reads: SpinLockType, writes: SpinLockType): Variant {
  return {
    init: writes.init,
    run: (cpu: Cpu, at: Ptr, batch: Batch): number => {
      const { size, sectionNs } = batch;
      for (let i = 0; i < size; i++) {
        if (batch.writes()) {
          writes.lock(cpu, at);
          write(cpu, at + DATA, sectionNs);
          writes.unlock(cpu, at);
          countWrite(cpu, batch.written);
        } else {
          reads.lock(cpu, at);
          read(cpu, at + DATA, sectionNs);
          reads.unlock(cpu, at);
        }
      }
      return size;
    },
  };
}

function sleeping(type: RwSleepingType): Variant {
  return {
    init: type.init,
    run: function* (cpu: Cpu, at: Ptr, batch: Batch): Sleeps<number> {
      const { size, sectionNs } = batch;
      for (let i = 0; i < size; i++) {
        if (batch.writes()) {
          yield* type.downWrite(cpu, at);
          write(cpu, at + DATA, sectionNs);
          type.upWrite(cpu, at);
          countWrite(cpu, batch.written);
        } else {
          yield* type.downRead(cpu, at);
          read(cpu, at + DATA, sectionNs);
          type.upRead(cpu, at);
        }
      }
      return size;
    },
  };
}

/** Atomic accesses: readers read beside a writer (seqcount.ts). */
const seqlock: Variant = {
  init: seqlockWrite.init,
  run: (cpu: Cpu, at: Ptr, batch: Batch): number => {
    const { memory } = cpu;
    const { size, sectionNs } = batch;
    const data = at + DATA;
    for (let i = 0; i < size; i++) {
      if (batch.writes()) {
        seqlockWrite.lock(cpu, at);
        const next = memory.load(data) + 1;
        memory.store(data, next);
        if (sectionNs > 0) cpu.delay(sectionNs);
        memory.store(data + 4, next);
        seqlockWrite.unlock(cpu, at);
        countWrite(cpu, batch.written);
      } else {
        let first: number;
        let second: number;
        let start: number;
        do {
          start = readSeqbegin(cpu, at);
          first = memory.load(data);
          if (sectionNs > 0) cpu.delay(sectionNs);
          second = memory.load(data + 4);
        } while (readSeqretry(cpu, at, start));
        checkWhole(first, second);
      }
    }
    return size;
  },
};

/** The naive way: readers exclude each other. */
const mutex: RwSleepingType = {
  ...{ name: 'mutex', layout: Mutex, init: mutexInit, isLocked: mutexIsLocked },
  ...{ downRead: mutexLock, downReadTrylock: mutexTrylock, upRead: mutexUnlock },
  ...{ downWrite: mutexLock, upWrite: mutexUnlock },
};

for (const { name, size } of [
  ...[rwlock, rwsem, percpuRwsem, mutex].map((type) => ({
    name: type.name,
    size: type.layout.size,
  })),
  { name: 'seqlock', size: seqlockWrite.layout.size },
]) {
  if (size > DATA) throw new RangeError(`${name}: larger than ${DATA} bytes`);
}

export const rwRead: Experiment = experiment({
  name: 'rw-read',
  title: 'Reading what is seldom written',
  description:
    'All CPUs read two words under one lock, and now and then one of them writes. Expect the readers of rwlock and rwsem to share ' +
    'the data but to fight for the word that counts them, those of percpu-rwsem and seqlock to share everything and to scale, and ' +
    'ticket and mutex to let one in at a time. With long sections the fight for the word is forgotten; with many writes nothing scales.',
  unit: 'operations',
  variants: {
    rwlock: spinning(rwlock.read, rwlock.write),
    rwsem: sleeping(rwsem),
    'percpu-rwsem': sleeping(percpuRwsem),
    seqlock,
    ticket: spinning(ticket, ticket),
    mutex: sleeping(mutex),
  } satisfies Record<string, Variant>,
  overview: ['rwlock', 'percpu-rwsem', 'seqlock'],
  cpus: { parallel: pastHostCores, model: powersOfTwo(1, 4096) },
  knobs: { readPermille: [999, 1_000, 990, 900, 500], sectionNs: [0, 200, 1_000, 10_000] },
  arenaBytes: (cpus) => WRITTEN + cpus * LINE,
  report: ['perSecond', 'nsPerOp', 'fairness'],

  setup: (cpu: Cpu, { variant, alloc, cpus }) => {
    const at = alloc(WRITTEN + cpus * LINE);
    variant.init(cpu, at);
    cpu.memory.describe(at + DATA, Guarded);
    return at;
  },

  prepare: (_cpu: Cpu, at, { index, random, readPermille }) => ({
    written: at + WRITTEN + index * LINE,
    writes: chooser(random, readPermille),
  }),

  body: (cpu: Cpu, at, { variant, sectionNs, local, batch }) =>
    variant.run(cpu, at, { size: batch(BATCH), sectionNs, ...local }),

  verify: (cpu: Cpu, at, { variantName, cpus }) => {
    const { memory } = cpu;
    let written = 0;
    for (let index = 0; index < cpus; index++)
      written += memory.readOwn(at + WRITTEN + index * LINE);
    const first = memory.read(at + DATA);
    checkWhole(first, memory.read(at + DATA + 4));
    if (first !== written % 2 ** 32)
      throw new Error(`rw-read: ${variantName}: ${written} writes left ${first}`);
  },

  headline: (results) => readersAgainstOne(results),
});

function chooser(random: Random, readPermille: number): () => boolean {
  return readPermille === 1_000 ? () => false : () => random.below(1_000) >= readPermille;
}

/** At the largest count of CPUs that all had a core. */
function readersAgainstOne(results: readonly Result[]): HeadlineFigure[] {
  const fair = results.filter(({ oversubscribed }) => !oversubscribed);
  const most = Math.max(...fair.map(({ cpus }) => cpus));
  const rate = (variant: string): number | undefined =>
    fair.find((one) => one.variant === variant && one.cpus === most)?.opsPerSecond.median;
  const own = rate('percpu-rwsem');
  const shared = rate('rwsem');
  if (own === undefined || shared === undefined || most < 2) return [];
  return [{ label: `percpu-rwsem against rwsem on ${most} CPUs`, value: own / shared, unit: '×' }];
}
