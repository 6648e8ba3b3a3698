/** What sleeping locks, completions and wait queues share while exploring: tasks of full CPUs. */
import type { World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { LayoutInfo, Ptr } from '@percpu/memory';
import { lockView } from '../../lock-view.ts';
import { freeWaitEntry, takeWaitEntry } from '../../sleeping/wait-entry.ts';
import { Guarded } from '../guarded.ts';

export interface SleepingState {
  /** The mutex, completion or wait queue. */
  readonly at: Ptr;
  /** `Guarded`. */
  readonly data: Ptr;
}

/** `what` set up by `init`, and data beside it. */
export function sleepingState(
  { cpus, alloc, memory }: World<Cpu>,
  what: LayoutInfo,
  init: (cpu: Cpu, at: Ptr) => void,
): SleepingState {
  const at = alloc(what.size);
  const data = alloc(Guarded.size);
  init(cpus[0]!, at);
  cpus[0]!.memory.describe(data, Guarded, 'guarded');
  // The first sleep of a CPU allocates its stock of wait entries: not what is explored.
  for (const cpu of cpus) {
    lockView(cpu);
    freeWaitEntry(cpu, takeWaitEntry(cpu, 0));
  }
  memory.write(data + Guarded.x, 0);
  return { at, data };
}
