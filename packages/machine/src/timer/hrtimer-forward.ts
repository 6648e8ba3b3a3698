/** Linux: hrtimer_forward(), its arithmetic. */

/** Linux: hrtimer_resolution with high resolution on (HIGH_RES_NSEC). In ns; no interval is shorter. */
export const HRTIMER_RESOLUTION = 1;

export interface Forwarded {
  /** The new expiry. */
  readonly expires: number;
  /** Intervals it moved, 0 when it had not expired. */
  readonly overruns: number;
}

/**
 * Moves `expires` by whole intervals until it is after `now`. Nothing moves when `now` is before
 * `expires`; at `now` = `expires` it moves by one. Exact while the result is below 2⁵³.
 */
export function forward(expires: number, now: number, interval: number): Forwarded {
  const delta = now - expires;
  if (delta < 0) return { expires, overruns: 0 };
  const step = Math.max(interval, HRTIMER_RESOLUTION);
  // Not floor(delta / step): the quotient is rounded, and beyond 2⁵² may be one too many.
  const overruns = (delta - (delta % step)) / step + 1;
  return { expires: expires + overruns * step, overruns };
}
