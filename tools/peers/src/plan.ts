/** How long a window may be, so that all of them fit into the time given. */
import type { Window } from './team.ts';

/** Of a window. What another lock's window evicted from the caches is back in well under a millisecond. */
const WARM_UP_SHARE = 0.2;

/** `cells`: locks times works. Each has one window a round, and one more that is not counted. */
export function windowFor(seconds: number, cells: number, rounds: number): Window {
  const ms = (seconds * 1000) / (cells * (rounds + 1));
  return { warmUpMs: ms * WARM_UP_SHARE, measureMs: ms * (1 - WARM_UP_SHARE) };
}
