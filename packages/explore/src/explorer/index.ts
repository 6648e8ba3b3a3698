/**
 * The explorer as a command line wants it: an exploration by module and name, run in a thread of its own, where everything that
 * the module imports goes through the coroutine transform.
 */
import { Worker } from 'node:worker_threads';
import type { ExplorationResult } from '@percpu/experiment';
import type { ExploreProgress } from '../search/explore.ts';
import { nothingHeard } from '../search/nothing-heard.ts';
import { STRATEGY_NAMES } from '../strategies/strategies.ts';
import type { Answer, Order } from './messages.ts';

export interface ExplorerRequest extends Order {
  readonly signal?: AbortSignal;
  readonly progress?: (so: ExploreProgress) => void;
  /** How long the search may say nothing: it speaks between schedules, and not while it shrinks a finding. Above 0. Default 60. */
  readonly patienceSeconds?: number;
}

/** A schedule of 10,000 steps takes some tens of milliseconds; shrinking a finding takes hundreds of schedules. */
const PATIENCE_SECONDS = 60;
/** What a timer of the host can count. */
const MAX_PATIENCE_SECONDS = 2 ** 31 / 1000 - 1;

/** As this file: from source, or as built. `sibling` of @percpu/machine/boot would load a pool of threads. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './worker-entry.ts' : './worker-entry.js',
  import.meta.url,
);

export interface Explorer {
  /** For `strategy`, the default first. */
  readonly strategies: readonly string[];
  /**
   * Rejects with the reason of `signal` when that is aborted, with `ChoiceError` (by name) when there is no such exploration or
   * strategy, with `RangeError` when a number is out of range, with `ReplayError` when a replay string does not fit, and with an error
   * that says so when a program computes on and on without touching memory: nothing can stop it there but the end of its thread.
   */
  explore(request: ExplorerRequest): Promise<ExplorationResult>;
}

export const explorer: Explorer = Object.freeze({
  strategies: STRATEGY_NAMES,
  explore,
});

async function explore({
  signal,
  progress,
  patienceSeconds = PATIENCE_SECONDS,
  ...order
}: ExplorerRequest): Promise<ExplorationResult> {
  signal?.throwIfAborted();
  if (!(patienceSeconds > 0 && patienceSeconds <= MAX_PATIENCE_SECONDS)) {
    throw new RangeError(
      `explore: patienceSeconds is ${patienceSeconds}; accepted are numbers above 0, up to ${Math.floor(MAX_PATIENCE_SECONDS)}`,
    );
  }
  const { promise, resolve, reject } = Promise.withResolvers<ExplorationResult>();
  const worker = new Worker(ENTRY, { workerData: order });
  const abort = (): void => reject(signal!.reason as Error);
  signal?.addEventListener('abort', abort);
  let patience: NodeJS.Timeout | undefined;
  let done = 0;
  worker.on('message', (answer: Answer) => {
    if (answer.kind === 'progress') done = answer.so.schedules;
    clearTimeout(patience);
    patience = setTimeout(() => {
      reject(new Error(nothingHeard(order.name, patienceSeconds, done)));
    }, patienceSeconds * 1000);
    if (answer.kind === 'progress') progress?.(answer.so);
    else if (answer.kind === 'result') resolve(answer.result);
    else if (answer.kind === 'error')
      reject(Object.assign(new Error(answer.message), { name: answer.name }));
  });
  worker.on('error', reject);
  worker.on('exit', (code) => {
    reject(new Error(`exploration ${order.name}: its thread ended with code ${code}`));
  });
  try {
    return await promise;
  } finally {
    clearTimeout(patience);
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}
