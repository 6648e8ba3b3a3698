import type { Memory, Ptr, WaitResult } from './memory.ts';

/**
 * Waits without blocking: for host threads, which have an event loop to serve. Resolves when a CPU
 * notifies `at`, when the u32 there is not `expected` to begin with, or after `timeoutMs` (default: for
 * ever). Not part of the seam: simulated CPUs use `memory.wait`.
 *
 * An unresolved wait does not keep a Node process alive.
 */
export async function waitOnHost(
  memory: Memory,
  at: Ptr,
  expected: number,
  timeoutMs: number = Infinity,
): Promise<WaitResult> {
  if (memory.native === undefined) {
    throw new TypeError(
      'waitOnHost: this memory is not native; under a controlled clock there is no host to wait on',
    );
  }
  // Asked through the seam first, so that checked memory checks the address.
  if (memory.load(at) !== expected >>> 0) return 'not-equal';
  const words = new Int32Array(memory.native.buffer);
  const outcome = Atomics.waitAsync(words, at >>> 2, expected | 0, timeoutMs);
  return outcome.value;
}
