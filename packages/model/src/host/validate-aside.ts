/** `validate` in a thread of its own. */
import { Worker } from 'node:worker_threads';
import { sibling } from '@percpu/machine/boot';
import type { Progress, Validation } from '../validation/validate.ts';

type Message =
  { readonly validation: Validation } | { readonly share: number; readonly doing: string };

/** Rejects with the reason of `signal` as soon as that is aborted. */
export async function validateAside(signal: AbortSignal, progress: Progress): Promise<Validation> {
  signal.throwIfAborted();
  const worker = new Worker(sibling(import.meta.url, './validate-worker'));
  let abort = (): void => undefined;
  try {
    return await new Promise<Validation>((resolve, reject) => {
      abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      worker.on('error', reject);
      worker.on('message', (message: Message) => {
        if ('validation' in message) resolve(message.validation);
        else progress(message.share, message.doing);
      });
    });
  } finally {
    signal.removeEventListener('abort', abort);
    await worker.terminate();
  }
}
