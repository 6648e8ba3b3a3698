/**
 * The explorer as a command line wants it: an exploration by module and name, run in a thread of its own, where everything that
 * the module imports goes through the coroutine transform.
 */
import { Worker } from 'node:worker_threads';
import { unknownName } from '@percpu/experiment';
import type { ExplorationResult } from '@percpu/experiment';
import type { ExploreProgress } from '../search/explore.ts';
import { STRATEGY_NAMES } from '../strategies/strategies.ts';
import type { Answer, Order } from './messages.ts';

export interface ExplorerRequest extends Order {
  readonly signal?: AbortSignal;
  readonly progress?: (so: ExploreProgress) => void;
}

export interface Explorer {
  /** For `strategy`, the default first. */
  readonly strategies: readonly string[];
  /**
   * Rejects with the reason of `signal` when that is aborted, with `ChoiceError` (by name) when there is no such exploration or
   * strategy, with `ReplayError` when a replay string does not fit.
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
  ...order
}: ExplorerRequest): Promise<ExplorationResult> {
  signal?.throwIfAborted();
  const { strategy } = order;
  if (strategy !== undefined && !STRATEGY_NAMES.some((known) => known === strategy))
    throw unknownName('strategy', strategy, STRATEGY_NAMES);
  const { promise, resolve, reject } = Promise.withResolvers<ExplorationResult>();
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const worker = new Worker(new URL(`./worker-entry${extension}`, import.meta.url), {
    workerData: order,
  });
  const abort = (): void => reject(signal!.reason as Error);
  signal?.addEventListener('abort', abort);
  worker.on('message', (answer: Answer) => {
    if (answer.kind === 'progress') progress?.(answer.so);
    else if (answer.kind === 'result') resolve(answer.result);
    else reject(Object.assign(new Error(answer.message), { name: answer.name }));
  });
  worker.on('error', reject);
  worker.on('exit', (code) => {
    reject(new Error(`exploration ${order.name}: its thread ended with code ${code}`));
  });
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}
