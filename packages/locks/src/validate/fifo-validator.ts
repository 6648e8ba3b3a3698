/**
 * Is a spin lock fair? CPU 0 holds the lock; CPUs 1, 2, … queue up one after the other, each after the one
 * before has been seen to queue; then CPU 0 lets go. They must get the lock in the order in which they came.
 *
 * "Seen to queue": the first word of the struct changes with every arrival (the next ticket, the tail
 * of the queue). So this is for locks of which that is true.
 */
import type { Cpu } from '@percpu/machine';
import { cacheAligned, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { SpinLockType } from '../spin/spin-lock-type.ts';

const fields = {
  /** The CPU whose turn it is to queue up. */
  turn: cacheAligned('u32'),
  /** How many have had the lock. Plain, guarded by it. */
  served: cacheAligned('u32'),
} as const;

/** What the CPUs share besides the lock. All words 0 at the start. */
export const FifoArena: Layout<Record<'turn' | 'served', unknown>> = layout(fields, {
  name: 'FifoArena',
});

export interface FifoValidation {
  readonly type: SpinLockType;
  /** The lock, free. */
  readonly lock: Ptr;
  /** A `FifoArena`. */
  readonly arena: Ptr;
  /** CPUs 0 … cpus − 1 take part. */
  readonly cpus: number;
}

/** On every CPU that takes part. Returns which place this CPU got; CPU n has to get place n. Task context. */
export function validateFifo(cpu: Cpu, run: FifoValidation): number {
  const { type, lock, arena } = run;
  const turn = arena + FifoArena.turn;
  if (cpu.id === 0) {
    type.lock(cpu, lock);
    lineUp(cpu, run);
  } else {
    let now = cpu.memory.load(turn);
    while (now < cpu.id) now = cpu.waitWhileEquals(turn, now);
    type.lock(cpu, lock);
  }
  const place = cpu.memory.read(arena + FifoArena.served);
  cpu.memory.write(arena + FifoArena.served, place + 1);
  type.unlock(cpu, lock);
  return place;
}

/** Sends the others to the lock, one by one. */
function lineUp(cpu: Cpu, { lock, arena, cpus }: FifoValidation): void {
  const { memory } = cpu;
  for (let next = 1; next < cpus; next++) {
    const queued = memory.load(lock);
    memory.store(arena + FifoArena.turn, next);
    cpu.unpark(arena + FifoArena.turn);
    // An arrival wakes nobody, so this does not sleep on the word.
    while (memory.load(lock) === queued) cpu.relax();
  }
}
