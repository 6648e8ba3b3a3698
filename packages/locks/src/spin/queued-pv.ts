/**
 * The queued lock where CPUs share cores (Linux: the paravirtual slow path, with the hybrid of fair and unfair of Long 2015).
 * In strict order every hand-over would wait for the host to wake a thread. So the lock may be overtaken, for as
 * long as the first of the queue is not there to take it:
 *
 *   pending 0   the first of the queue sleeps, or is on its way: who runs may take a free lock
 *   pending 1   it is awake and spins: the lock is kept for it. Once it has spun in vain it gives the mark up and sleeps
 *
 * The first is overtaken at most until it is awake. There is no pending waiter outside the queue. Linux finds the sleeper of a lock
 * through a hash table and a third value of the locked byte; here the parking lot of the machine is that table, and a word
 * that is not 0 after the release says to look there.
 */
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { LOCKED, LOCKED_MASK, PENDING, QueuedLock } from './queued-layout.ts';
import { BUSY_MASK, PENDING_BYTE, TAIL_SHIFT } from './queued-layout.ts';
import { queueFor } from './queued-queue.ts';
import type { QueueSteps } from './queued-queue.ts';

/** Changes of the word that a CPU watches, hoping to overtake, before it queues. */
const ATTEMPTS = 64;

export function lockParavirtual(cpu: Cpu, at: Ptr, steps: QueueSteps): void {
  if (!overtake(cpu, at)) queueFor(cpu, at, steps, waitAsFirst);
}

/** Linux: pv_hybrid_queued_unfair_trylock(). */
function overtake(cpu: Cpu, at: Ptr): boolean {
  const { memory } = cpu;
  const word = at + QueuedLock.value;
  let value = memory.load(word);
  for (let left = ATTEMPTS; left > 0; left--) {
    // Edge L: pairs with the exchange of a release.
    if ((value & BUSY_MASK) === 0 && memory.compareExchange8(word, 0, LOCKED) === 0) return true;
    // Nobody to overtake, or one that is awake.
    if (value >>> TAIL_SHIFT === 0 || (value & PENDING) !== 0) return false;
    const now = cpu.spinWhileEquals(word, value);
    if (now === value) return false;
    value = now;
  }
  return false;
}

/** Linux: pv_wait_head_or_lock(). Returns the word with the lock taken. */
function waitAsFirst(cpu: Cpu, at: Ptr): number {
  const { memory } = cpu;
  const word = at + QueuedLock.value;
  for (;;) {
    memory.store8(word + PENDING_BYTE, 1);
    if (takeAwake(cpu, word)) return memory.load(word);
    memory.store8(word + PENDING_BYTE, 0);
    const value = memory.load(word);
    // Asleep from P1 of parking.ts on. Whoever frees the lock after P4 looks for us; who did before is seen there.
    if ((value & LOCKED_MASK) !== 0) cpu.parkWhileEquals(word, value);
  }
}

/** With the mark set: spins for the lock. False: the budget is used up. */
function takeAwake(cpu: Cpu, word: Ptr): boolean {
  const { memory } = cpu;
  let value = memory.load(word);
  for (;;) {
    if ((value & LOCKED_MASK) === 0) {
      // Edge L. Both bytes at once: clears the mark. It fails when one that came before the mark was faster.
      if (memory.compareExchange16(word, PENDING, LOCKED) === PENDING) return true;
      value = memory.load(word);
    } else {
      const now = cpu.spinWhileEquals(word, value);
      if (now === value) return false;
      value = now;
    }
  }
}
