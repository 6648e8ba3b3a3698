/** A thread that measures. It tells where the kernel finds it, so that the host can pin it to a core. */
import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createMemory } from '@percpu/memory';
import { runJob } from './loops.ts';
import type { Job } from './loops.ts';

serve(workerData as { native: WebAssembly.Memory; backend: 'atomics' | 'wasm' });

function serve(given: { native: WebAssembly.Memory; backend: 'atomics' | 'wasm' }): void {
  const memory = createMemory({ ...given, checked: false });
  parentPort!.on('message', (job: Job) => {
    parentPort!.postMessage(runJob(memory, job));
  });
  parentPort!.postMessage(threadId());
}

/** Undefined where there is no /proc. */
function threadId(): number | undefined {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined;
  }
}
