/** A worker thread's life as a CPU: one piscina task, from boot to shutdown. */
import { createMemory } from '@percpu/memory';
import { attachCpu } from '../attach-cpu.ts';
import type { WorkerTask } from './messages.ts';
import { ThreadCpu } from './thread-cpu.ts';

export async function runWorker(task: WorkerTask): Promise<void> {
  const { native, backend, checked, id, port } = task;
  const memory = createMemory({ native, backend, checked });
  await new ThreadCpu(attachCpu(memory, id), port).live();
  port.close();
}
