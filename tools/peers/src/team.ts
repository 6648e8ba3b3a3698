/** One lock under measurement: as many threads as the work asks for, started once, used for every window. */

/** How long a window lasts. In ms. */
export interface Window {
  /** Runs before the clock starts: what was evicted since the last window comes back. */
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What one thread did in one window. Times in ns, on the monotonic clock of the host. */
export interface ThreadReport {
  /** Operations before the clock started. */
  readonly warmUp: number;
  readonly ops: number;
  readonly started: number;
  readonly ended: number;
}

export interface WindowReport {
  readonly reports: readonly ThreadReport[];
  /** What the counter that the lock protects grew by, as a u32: all operations, or updates were lost. */
  readonly counted: number;
}

export interface Team {
  /** One window on all threads at once. Rejects when a thread fails, or is not done in time. */
  run(window: Window): Promise<WindowReport>;
  /** Ends the threads, whatever they do. Safe more than once. */
  end(): Promise<void>;
}

/** A window that has not ended by then hangs. A thread may be off its core for a while, but not for so long. In ms. */
export function patienceMs({ warmUpMs, measureMs }: Window): number {
  return Math.ceil(20_000 + 20 * (warmUpMs + measureMs));
}
