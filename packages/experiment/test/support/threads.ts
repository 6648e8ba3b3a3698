/** Starts one thread for each CPU and collects what they answer, in order. */

import { Worker } from 'node:worker_threads';
import { freshMemory } from './thread-cpu.ts';
import type { Answer, Job } from './worker.ts';

export async function onThreads(
  nrCpus: number,
  program: Job['program'],
  args: unknown,
  buffer: SharedArrayBuffer = freshMemory(),
): Promise<Answer[]> {
  const answers = Array.from({ length: nrCpus }, (_, id) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const job: Job = { buffer, id, nrCpus, program, args };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: job });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      reject(new Error(`thread ${id} ended with ${code} and without an answer`));
    });
    return promise;
  });
  return Promise.all(answers);
}
