/** What does it cost to hand a lock over, and what becomes of it when CPUs queue up? */
import { experiment, LINE, pastHostCores, powersOfTwo } from '@percpu/experiment';
import type { Experiment, HeadlineFigure, Result } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { LayoutInfo, Ptr } from '@percpu/memory';
import { clh } from '../spin/clh-lock.ts';
import { cna } from '../spin/cna-lock.ts';
import { mcs } from '../spin/mcs-lock.ts';
import { queued } from '../spin/queued-lock.ts';
import { Mutex, mutexInit, mutexLock, mutexUnlock } from '../sleeping/mutex.ts';
import { RtMutex, rtMutexInit, rtMutexLock, rtMutexUnlock } from '../sleeping/rt-mutex/index.ts';
import { down, semaInit, Semaphore, up } from '../sleeping/semaphore.ts';
import type { SpinLockType } from '../spin/spin-lock-type.ts';
import { tas } from '../spin/tas-lock.ts';
import { ticket } from '../spin/ticket-lock.ts';
import { ttas } from '../spin/ttas-lock.ts';

/** What one batch needs to know. */
interface Batch {
  /** Acquisitions. */
  readonly size: number;
  readonly heldNs: number;
  readonly thinkNs: number;
  /** Which of the locks the next acquisition is for. */
  readonly choose: () => Ptr;
  /** Set in batches of which one wait is sampled. */
  readonly record: ((ns: number) => void) | undefined;
}

interface Variant {
  readonly init: (cpu: Cpu, lock: Ptr) => void;
  /** A batch of acquisitions; one that sleeps is a task. */
  readonly run: (cpu: Cpu, batch: Batch) => number | Sleeps<number>;
}

/** Acquisitions per call of `body`: the loop around it costs a few ns a call. */
const BATCH = 64;

/** A lock is on lines of its own, and so are the two words that it protects. */
const DATA = 2 * LINE;
const SLOT = DATA + LINE;

/** For reports: what the lock protects. */
const Guarded = layout({ first: 'u32', second: 'u32' }, { name: 'guarded' });

/**
 * What the lock protects: two words that must stay equal. A lost update shows in `verify`.
 * A variant made of this and a lock is compiled for that lock alone: a machine runs one variant.
 */
function critical(cpu: Cpu, lock: Ptr, heldNs: number): void {
  const { memory } = cpu;
  const data = lock + DATA;
  const n = memory.read(data) + 1;
  memory.write(data, n);
  if (heldNs > 0) cpu.delay(heldNs);
  memory.write(data + 4, n);
}

function spinning(type: SpinLockType): Variant {
  if (type.layout.size > DATA) throw new RangeError(`${type.name}: larger than ${DATA} bytes`);
  return {
    init: type.init,
    run: (cpu: Cpu, { size, heldNs, thinkNs, choose, record }: Batch): number => {
      for (let i = 0; i < size; i++) {
        const lock = choose();
        if (i === 0 && record !== undefined) {
          const before = cpu.now();
          type.lock(cpu, lock);
          record(cpu.now() - before);
        } else type.lock(cpu, lock);
        critical(cpu, lock, heldNs);
        type.unlock(cpu, lock);
        if (thinkNs > 0) cpu.delay(thinkNs);
      }
      return size;
    },
  };
}

function sleeping(
  type: LayoutInfo,
  init: (cpu: Cpu, lock: Ptr) => void,
  take: (cpu: Cpu, lock: Ptr) => Sleeps<void>,
  release: (cpu: Cpu, lock: Ptr) => void,
): Variant {
  if (type.size > DATA) throw new RangeError(`${type.layoutName}: larger than ${DATA} bytes`);
  return {
    init,
    run: function* (cpu: Cpu, { size, heldNs, thinkNs, choose, record }: Batch): Sleeps<number> {
      for (let i = 0; i < size; i++) {
        const lock = choose();
        if (i === 0 && record !== undefined) {
          const before = cpu.now();
          yield* take(cpu, lock);
          record(cpu.now() - before);
        } else yield* take(cpu, lock);
        critical(cpu, lock, heldNs);
        release(cpu, lock);
        if (thinkNs > 0) cpu.delay(thinkNs);
      }
      return size;
    },
  };
}

export const lockHandover: Experiment = experiment({
  name: 'lock-handover',
  title: 'Locks under contention',
  description:
    'All CPUs take the same lock, change two words and release it. Expect the unfair locks (tas, ttas) to keep the line and ' +
    'starve others, ticket and mcs to be fair and to pay a line transfer for each hand-over, and strict order to cost most ' +
    'when there are more CPUs than cores.',
  unit: 'acquisitions',
  variants: {
    tas: spinning(tas),
    ttas: spinning(ttas),
    ticket: spinning(ticket),
    mcs: spinning(mcs),
    clh: spinning(clh),
    queued: spinning(queued),
    cna: spinning(cna),
    mutex: sleeping(Mutex, mutexInit, mutexLock, mutexUnlock),
    rtmutex: sleeping(RtMutex, rtMutexInit, rtMutexLock, rtMutexUnlock),
    semaphore: sleeping(Semaphore, (cpu, at) => semaInit(cpu, at, 1), down, up),
  } satisfies Record<string, Variant>,
  overview: ['ttas', 'ticket', 'mcs', 'queued', 'mutex'],
  cpus: { parallel: pastHostCores, model: powersOfTwo(1, 4096) },
  knobs: { heldNs: [0, 200], thinkNs: [0, 1_000], locks: [1, 4] },
  latency: 'recorded',
  arenaBytes: () => 4 * SLOT,
  report: ['perSecond', 'nsPerOp', 'fairness', 'p99'],

  setup: (cpu: Cpu, { variant, locks, alloc }) => {
    const at = alloc(locks * SLOT);
    for (let i = 0; i < locks; i++) {
      variant.init(cpu, at + i * SLOT);
      cpu.memory.describe(at + i * SLOT + DATA, Guarded);
    }
    return at;
  },

  prepare: (_cpu: Cpu, at, { locks, random }): (() => Ptr) =>
    locks === 1 ? () => at : () => at + random.below(locks) * SLOT,

  body: (cpu: Cpu, _at, { variant, heldNs, thinkNs, local, sampling, record, batch }) =>
    variant.run(cpu, {
      size: batch(BATCH),
      heldNs,
      thinkNs,
      choose: local,
      record: sampling ? record : undefined,
    }),

  verify: (cpu: Cpu, at, { locks, variantName, performed }) => {
    let counted = 0;
    for (let i = 0; i < locks; i++) {
      const data = at + i * SLOT + DATA;
      const first = cpu.memory.read(data);
      const second = cpu.memory.read(data + 4);
      if (first !== second) {
        throw new Error(`lock-handover: ${variantName}: torn data: ${first} beside ${second}`);
      }
      counted += first;
    }
    if (counted !== performed % 2 ** 32) {
      throw new Error(
        `lock-handover: ${variantName}: ${performed} critical sections left ${counted} marks`,
      );
    }
  },

  headline: (results) => [
    ...uncontended(results, 'ticket', 'ticket lock and unlock, nobody else'),
    ...bestAgainstWorst(results),
  ],
});

function uncontended(results: readonly Result[], variant: string, label: string): HeadlineFigure[] {
  const alone = results.find((one) => one.variant === variant && one.cpus === 1);
  return alone === undefined ? [] : [{ label, value: alone.nsPerOp.median, unit: 'ns' }];
}

/** At the largest count of CPUs that all had a core. */
function bestAgainstWorst(results: readonly Result[]): HeadlineFigure[] {
  const fair = results.filter(({ oversubscribed, cpus }) => !oversubscribed && cpus > 1);
  const most = Math.max(...fair.map(({ cpus }) => cpus));
  const there = fair
    .filter(({ cpus }) => cpus === most)
    .sort((a, b) => b.opsPerSecond.median - a.opsPerSecond.median);
  const [best] = there;
  const worst = there.at(-1);
  if (best === undefined || worst === undefined || best === worst) return [];
  return [
    {
      label: `${best.variant} against ${worst.variant} on ${most} CPUs`,
      value: best.opsPerSecond.median / worst.opsPerSecond.median,
      unit: '×',
    },
  ];
}
