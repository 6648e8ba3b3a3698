/**
 * One validator for all reader-writer locks. On every CPU that takes part one or more tasks run `validateRwLock` at the same time; most of
 * their turns read, every few write, some only try.
 *
 *   exclusion        a writer is alone; readers see two words that change together never apart, and unchanged while they are inside
 *   sharing          readers do meet inside, at least once in a run of some length
 *   no lost update   the words end at the number of writes (whoever adds up the verdicts checks)
 *
 * A lock whose holders may sleep gives its CPU away inside, so that the other tasks of that CPU meet it held.
 */
import { schedule } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { cacheAligned, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { RwSleepingType } from '../reader-writer/rw-sleeping-type.ts';
import { MAX_VIOLATIONS } from './spin-validator.ts';

const fields = {
  /** Inside. Atomic: they have to be right when the lock is wrong. */
  readers: cacheAligned('u32'),
  writers: cacheAligned('u32'),
  /** Plain, guarded by the lock. */
  first: cacheAligned('u32'),
  second: cacheAligned('u32'),
} as const;

/** What the tasks share besides the lock. All words 0 at the start. */
export const RwArena: Layout<'readers' | 'writers' | 'first' | 'second'> = layout(fields, {
  name: 'RwArena',
});

export interface RwValidation {
  readonly type: RwSleepingType;
  /** The lock, free. */
  readonly lock: Ptr;
  /** An `RwArena`. */
  readonly arena: Ptr;
  /** Turns of each task. */
  readonly rounds: number;
  /** May a holder sleep? */
  readonly sleeps: boolean;
}

export interface RwVerdict {
  readonly reads: number;
  readonly writes: number;
  /** The most readers that were seen inside at a time. */
  readonly together: number;
  /** What went wrong, at most `MAX_VIOLATIONS` of each task; empty: nothing. */
  readonly violations: readonly string[];
}

/** Every so many rounds a write, and of the reads an attempt. Without a common factor, so that they meet in all ways. */
const WRITE_ROUND = 5;
const ATTEMPT_ROUND = 3;
/** Turns that a holder stays inside. */
const SECTION_TURNS = 3;

interface Watch {
  readonly cpu: Cpu;
  readonly run: RwValidation;
  readonly violations: string[];
}

/** One task's part. Task context. */
export function* validateRwLock(cpu: Cpu, run: RwValidation): Sleeps<RwVerdict> {
  const { type, lock, rounds } = run;
  const watch: Watch = { cpu, run, violations: [] };
  const count = cpu.preemptCount();
  let reads = 0;
  let writes = 0;
  let together = 0;
  for (let round = 0; round < rounds; round++) {
    if ((round + cpu.id) % WRITE_ROUND === 0) {
      yield* type.downWrite(cpu, lock);
      yield* write(watch);
      type.upWrite(cpu, lock);
      writes++;
    } else if (round % ATTEMPT_ROUND !== 0 || type.downReadTrylock(cpu, lock)) {
      if (round % ATTEMPT_ROUND !== 0) yield* type.downRead(cpu, lock);
      together = Math.max(together, yield* read(watch));
      type.upRead(cpu, lock);
      reads++;
    }
    if (cpu.preemptCount() !== count) violate(watch, 'the preempt count is not what it was');
    // Or one task would have all its rounds before the next of its CPU comes in.
    yield* schedule(cpu);
  }
  return { reads, writes, together, violations: watch.violations };
}

function* write(watch: Watch): Sleeps<void> {
  const { cpu, run } = watch;
  const { memory } = cpu;
  const { arena } = run;
  const others = memory.fetchAdd(arena + RwArena.writers, 1);
  const readers = memory.load(arena + RwArena.readers);
  if (others !== 0 || readers !== 0)
    violate(watch, `a writer beside ${others} writers and ${readers} readers`);
  const first = memory.read(arena + RwArena.first);
  const second = memory.read(arena + RwArena.second);
  if (first !== second) violate(watch, `two words that change together read ${first}, ${second}`);
  memory.write(arena + RwArena.first, first + 1);
  yield* linger(watch);
  memory.write(arena + RwArena.second, second + 1);
  memory.fetchAdd(arena + RwArena.writers, -1);
}

/** Returns the readers inside. */
function* read(watch: Watch): Sleeps<number> {
  const { cpu, run } = watch;
  const { memory } = cpu;
  const { arena } = run;
  const readers = memory.fetchAdd(arena + RwArena.readers, 1) + 1;
  const writers = memory.load(arena + RwArena.writers);
  if (writers !== 0) violate(watch, `a reader beside ${writers} writers`);
  const first = memory.read(arena + RwArena.first);
  yield* linger(watch);
  const second = memory.read(arena + RwArena.second);
  if (first !== second) violate(watch, `two words that change together read ${first}, ${second}`);
  const now = memory.fetchAdd(arena + RwArena.readers, -1);
  return Math.max(readers, now);
}

function* linger({ cpu, run }: Watch): Sleeps<void> {
  for (let turn = 0; turn < SECTION_TURNS; turn++) {
    if (run.sleeps) yield* schedule(cpu);
    else cpu.relax();
  }
}

function violate({ cpu, run, violations }: Watch, what: string): void {
  if (violations.length < MAX_VIOLATIONS)
    violations.push(`${run.type.name} on CPU ${cpu.id}: ${what}`);
}
