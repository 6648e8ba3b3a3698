/** Node 22 has none. */
const HAS_PAUSE: boolean = 'pause' in Atomics;

/** Tells the core that this thread spins. */
export function pause(): void {
  if (HAS_PAUSE) Atomics.pause();
}
