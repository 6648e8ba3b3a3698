/** A lock of somebody else's in JavaScript: plain worker threads, started for it alone. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { newStartLine } from './in-window.ts';
import type { Batch } from './in-window.ts';
import { patienceMs } from './team.ts';
import type { Team, ThreadReport } from './team.ts';

/** What a peer's module exports. Called once on each thread. */
export interface Peer {
  attach(shared: PeerMemory, thread: number): Batch | Promise<Batch>;
}

/** All zero at first. Pages of their own, so that nothing else shares a line with them. */
export interface PeerMemory {
  /** For the lock, which may use all of it. */
  readonly lock: SharedArrayBuffer;
  /** The u32 at `COUNTER` is what the lock protects. */
  readonly data: SharedArrayBuffer;
}

/** Index of the counter in a Uint32Array over `PeerMemory.data`. In the middle. */
export const COUNTER = 512;
const PAGE = 4096;

export interface WorkerStart {
  readonly module: string;
  readonly shared: PeerMemory;
  readonly thread: number;
  readonly threads: number;
  readonly startLine: SharedArrayBuffer;
}

/** `patience`: how long a window may take, in ms; default `patienceMs`. */
export async function workerTeam(module: URL, threads: number, patience?: number): Promise<Team> {
  const shared = { lock: new SharedArrayBuffer(PAGE), data: new SharedArrayBuffer(PAGE) };
  const startLine = newStartLine();
  const workers: Worker[] = [];
  for (let thread = 0; thread < threads; thread++) {
    const start: WorkerStart = { module: module.href, shared, thread, threads, startLine };
    workers.push(
      new Worker(new URL('./programs/worker.ts', import.meta.url), { workerData: start }),
    );
  }
  const end = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  const words = new Uint32Array(shared.data);
  try {
    // "ready".
    await Promise.all(workers.map((worker) => answer(worker)));
  } catch (error) {
    await end();
    throw error;
  }
  return {
    async run(window) {
      const before = words[COUNTER]!;
      const told = Promise.all(workers.map((worker) => answer<ThreadReport>(worker)));
      for (const worker of workers) worker.postMessage(window);
      const reports = await inTime(told, patience ?? patienceMs(window));
      return { reports, counted: (words[COUNTER]! - before) >>> 0 };
    },
    end,
  };
}

/** The next message. Rejects when the thread fails or ends instead. */
async function answer<T>(worker: Worker): Promise<T> {
  const gone = new AbortController();
  const { signal } = gone;
  try {
    return await Promise.race([
      once(worker, 'message', { signal }).then(([message]) => message as T),
      once(worker, 'exit', { signal }).then(([code]) => {
        throw new Error(`a thread ended, with code ${String(code)}, before it was done`);
      }),
    ]);
  } finally {
    gone.abort();
  }
}

async function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the threads were not done after ${ms} ms: they wait for the lock`)),
      ms,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
