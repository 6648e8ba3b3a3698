/** A thread that measures, on a core of its own. Its first message says whether it sits there. */
import { parentPort, workerData } from 'node:worker_threads';
import { createMemory } from '@percpu/memory';
import { runJob } from './loops.ts';
import type { Job } from './loops.ts';
import { pinThisThread } from './pin.ts';
import type { ThreadData } from './threads.ts';

serve(workerData as ThreadData);

function serve({ core, ...given }: ThreadData): void {
  const memory = createMemory({ ...given, checked: false });
  parentPort!.on('message', (job: Job) => {
    parentPort!.postMessage(runJob(memory, job));
  });
  parentPort!.postMessage(pinThisThread(core));
}
