/**
 * The host's monotonic clock in nanoseconds, the same for all threads of a process.
 *
 * `performance.timeOrigin` differs from thread to thread by up to milliseconds, `process.hrtime`
 * does not: it is CLOCK_MONOTONIC in every thread. `performance.now()` runs on the same clock but
 * costs half as much, so it is used with an offset that is measured once.
 */

/** Nanoseconds since an origin that the creator of a memory picks. */
export type Clock = () => number;

interface HostProcess {
  readonly hrtime: (() => [number, number]) | undefined;
}

const NS_PER_SECOND = 1e9;
const NS_PER_MS = 1e6;

/** Looks for the offset: the smallest gap between two looks at one clock bounds the error. */
const OFFSET_TRIES = 16;

/** Seconds on the host's clock now: what `hostClock` is given as origin by all threads of a machine. */
export function hostClockSeconds(): number {
  const hrtime = hostHrtime();
  if (hrtime !== undefined) return hrtime()[0];
  return Math.floor((performance.timeOrigin + performance.now()) / 1e3);
}

/**
 * A clock that counts from `originSeconds` of the host's own clock (`hostClockSeconds`). An origin
 * keeps readings small: nanoseconds since the boot of the host leave 2^53 after 104 days.
 *
 * Where there is no `process.hrtime` (browsers) it is built on `performance.timeOrigin`, and threads
 * agree only as well as that does.
 */
export function hostClock(originSeconds: number): Clock {
  const hrtime = hostHrtime();
  if (hrtime === undefined) {
    const origin = originSeconds * 1e3 - performance.timeOrigin;
    return () => Math.round((performance.now() - origin) * NS_PER_MS);
  }
  const offset = offsetOfPerformance(hrtime, originSeconds);
  return () => Math.round(performance.now() * NS_PER_MS + offset);
}

/** What to add to `performance.now()`, in nanoseconds, to get `hrtime` since `originSeconds`. */
function offsetOfPerformance(hrtime: () => [number, number], originSeconds: number): number {
  let narrowest = Infinity;
  let offset = 0;
  for (let tries = 0; tries < OFFSET_TRIES; tries++) {
    const before = performance.now();
    const [seconds, nanoseconds] = hrtime();
    const after = performance.now();
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    offset =
      (seconds - originSeconds) * NS_PER_SECOND + nanoseconds - ((before + after) / 2) * NS_PER_MS;
  }
  return offset;
}

function hostHrtime(): (() => [number, number]) | undefined {
  const host = (globalThis as { process?: HostProcess }).process;
  return host?.hrtime;
}
