/** Workers that model points: as many at a time as there are cores, kept for the next point. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Measured } from '@percpu/experiment';
import { sibling } from '@percpu/machine/boot';
import type { PointAnswer, PointRequest } from './point-messages.ts';

/** 4096 CPUs are some million small objects. */
const HEAP_MB = 3072;

export class PointPool {
  private readonly idle: Worker[] = [];
  private readonly most: number;
  private busy = 0;
  private readonly queue: (() => void)[] = [];

  constructor(most: number = availableParallelism()) {
    this.most = Math.max(1, most);
  }

  /** Rejects when the point fails, and at once when `signal` is aborted. */
  async measure(request: PointRequest, signal: AbortSignal): Promise<Measured> {
    await this.turn();
    try {
      signal.throwIfAborted();
      return await this.ask(request, signal);
    } finally {
      this.busy--;
      this.queue.shift()?.();
    }
  }

  private async turn(): Promise<void> {
    while (this.busy >= this.most) await new Promise<void>((resolve) => this.queue.push(resolve));
    this.busy++;
  }

  private ask(request: PointRequest, signal: AbortSignal): Promise<Measured> {
    const worker = this.idle.pop() ?? startWorker();
    worker.ref();
    return new Promise((resolve, reject) => {
      // Each by name: a Worker has listeners of its own, without which it delivers nothing more.
      const done = (): void => {
        worker.off('error', lose);
        worker.off('exit', end);
        worker.off('message', take);
        signal.removeEventListener('abort', abort);
      };
      const lose = (error: Error): void => {
        done();
        void worker.terminate();
        reject(error);
      };
      const abort = (): void => lose(signal.reason as Error);
      const end = (code: number): void =>
        lose(new Error(`the thread that models ended with code ${code}`));
      const take = (answer: PointAnswer): void => {
        done();
        // An idle thread keeps nobody from ending.
        worker.unref();
        this.idle.push(worker);
        if ('measured' in answer) resolve(answer.measured);
        else reject(remoteError(answer));
      };
      signal.addEventListener('abort', abort, { once: true });
      worker.on('error', lose);
      worker.on('exit', end);
      worker.on('message', take);
      worker.postMessage(request);
    });
  }
}

function startWorker(): Worker {
  return new Worker(sibling(import.meta.url, './point-worker'), {
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
}

function remoteError({ failed, stack }: { failed: string; stack: string | undefined }): Error {
  const error = new Error(failed);
  if (stack !== undefined) error.stack = stack;
  return error;
}
