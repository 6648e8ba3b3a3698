/**
 * The release of a queued lock, in the two forms that ticket-steps.ts explains: plain, and composite (one call into
 * WebAssembly for both accesses). Taking it is one access anyway.
 */
import type { Memory, Ptr } from '@percpu/memory';
import { assemble, atomic, constant, func, get, instantiate, op, when } from '@percpu/memory/wasm';
import { QueuedLock } from './queued-layout.ts';

/** Answer of a release: the lock was free. */
export const NOT_HELD = -1;

/** Frees the lock; what is left of the word (0: nobody waits), or `NOT_HELD`. */
export type ReleaseQueued = (at: Ptr) => number;

/** Plain form. */
export function releaseQueued(memory: Memory, at: Ptr): number {
  // Edge L: publishes the critical section. An exchange, to see whether there was one: on x86 a store costs the same.
  if (memory.exchange8(at + QueuedLock.value, 0) === 0) return NOT_HELD;
  // Looked at afterwards: who comes later finds the lock free, and does not sleep.
  return memory.load(at + QueuedLock.value) | 0;
}

/** Composite form over `memory`, or undefined where only the plain one is right. */
export function queuedSteps(memory: Memory): ReleaseQueued | undefined {
  if (memory.native === undefined || memory.checked) return undefined;
  return instantiate(assemble([release]), memory.native).release as ReleaseQueued;
}

const AT = 0;

const release = func('release', ['i32'], 'i32', [
  [...get(AT), ...constant(0), ...atomic('i32.rmw8.xchg_u', QueuedLock.value), ...op('i32.eqz')],
  when(constant(NOT_HELD), op('return')),
  [...get(AT), ...atomic('i32.load', QueuedLock.value)],
]);
