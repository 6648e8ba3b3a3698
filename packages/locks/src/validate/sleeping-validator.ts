/**
 * One validator for all locks whose holders may sleep. On every CPU that takes part several tasks run
 * `validateSleepingLock` at the same time. In each section the task gives its CPU up a few times,
 * so that the other tasks of that CPU, and those of all others, meet a lock whose holder does not run.
 */
import { schedule } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { cacheAligned, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { MAX_VIOLATIONS } from './spin-validator.ts';
import type { SpinVerdict } from './spin-validator.ts';

const fields = {
  /** Tasks inside. Atomic: it has to be right when the lock is wrong. */
  inside: cacheAligned('u32'),
  /** Plain, guarded by the lock. */
  first: cacheAligned('u32'),
  second: cacheAligned('u32'),
} as const;

/** What the tasks share besides the lock. All words 0 at the start. */
export const SleepingArena: Layout<Record<'inside' | 'first' | 'second', unknown>> = layout(
  fields,
  { name: 'SleepingArena' },
);

/** A lock as this validator takes it. */
export interface SleepingLockType {
  readonly name: string;
  readonly lock: (cpu: Cpu, at: Ptr) => Sleeps<void>;
  readonly trylock: (cpu: Cpu, at: Ptr) => boolean;
  readonly unlock: (cpu: Cpu, at: Ptr) => void;
}

export interface SleepingValidation {
  readonly type: SleepingLockType;
  readonly lock: Ptr;
  readonly arena: Ptr;
  /** Acquisitions of each task. */
  readonly rounds: number;
}

/** Every so many rounds with trylock. */
const TRYLOCK_ROUND = 4;
/** Turns that the holder gives the others: one to try, one to sleep and come back, one to be seen inside. */
const SECTION_TURNS = 3;

/** One task's part. Task context. */
export function* validateSleepingLock(cpu: Cpu, run: SleepingValidation): Sleeps<SpinVerdict> {
  const { type, lock, arena, rounds } = run;
  const { memory } = cpu;
  const violations: string[] = [];
  const violate = (what: string): void => {
    if (violations.length < MAX_VIOLATIONS)
      violations.push(`${type.name} on CPU ${cpu.id}: ${what}`);
  };
  for (let round = 0; round < rounds; round++) {
    if (round % TRYLOCK_ROUND !== 0) yield* type.lock(cpu, lock);
    else while (!type.trylock(cpu, lock)) yield* schedule(cpu);
    const others = memory.fetchAdd(arena + SleepingArena.inside, 1);
    if (others !== 0) violate(`${others + 1} tasks inside at the same time`);
    const first = memory.read(arena + SleepingArena.first);
    const second = memory.read(arena + SleepingArena.second);
    if (first !== second) violate(`two words that change together read ${first}, ${second}`);
    memory.write(arena + SleepingArena.first, first + 1);
    for (let turn = 0; turn < SECTION_TURNS; turn++) yield* schedule(cpu);
    memory.write(arena + SleepingArena.second, second + 1);
    memory.fetchAdd(arena + SleepingArena.inside, -1);
    type.unlock(cpu, lock);
    if (cpu.inAtomic()) violate('the task is in atomic context after the unlock');
    // Or one task would have all its rounds before the next of its CPU comes in.
    if (round % 2 === 0) yield* schedule(cpu);
  }
  return { acquired: rounds, violations };
}
