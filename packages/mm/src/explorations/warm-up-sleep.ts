import { finishWait, initWait, initWaitQueue, WaitQueue } from '@percpu/locks';
import type { World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';

/** The first sleep of a CPU allocates its stock of wait entries: not what is explored. */
export function warmUpSleep({ cpus, alloc }: World<Cpu>): void {
  const queue = alloc(WaitQueue.size);
  for (const cpu of cpus) {
    initWaitQueue(cpu, queue);
    finishWait(cpu, queue, initWait(cpu));
  }
}
