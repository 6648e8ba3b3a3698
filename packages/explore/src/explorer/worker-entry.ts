/**
 * Entry of the thread that explores. The transform comes first, by itself: only what is imported after it is
 * under control.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Order } from './messages.ts';

const answer = (message: Answer): void => parentPort?.postMessage(message);

try {
  await import('@percpu/coroutine/register');
  const { serve } = await import('./serve.ts');
  const result = await serve(
    workerData as Order,
    (so) => answer({ kind: 'progress', so }),
    () => answer({ kind: 'began' }),
  );
  answer({ kind: 'result', result });
} catch (error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  answer({ kind: 'error', name, message });
}
