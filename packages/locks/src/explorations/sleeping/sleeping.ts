/** What sleeping locks, completions and wait queues share while exploring: tasks of full CPUs. */
import type { World } from '@percpu/experiment';
import { currentTask, sendSignal, Signal } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { CACHE_LINE } from '@percpu/memory';
import type { LayoutInfo, Ptr } from '@percpu/memory';
import { lockView } from '../../lock-view.ts';
import { osqNode } from '../../sleeping/osq-lock.ts';
import { freeWaitEntry, takeWaitEntry } from '../../sleeping/wait-entry.ts';
import { Guarded } from '../guarded.ts';

export interface SleepingState {
  /** The mutex, completion or wait queue. */
  readonly at: Ptr;
  /** `Guarded`. */
  readonly data: Ptr;
  /** The task that signals go to: a word that it writes itself, 0 before. */
  readonly who: Ptr;
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
    cpu.use(osqNode);
    freeWaitEntry(cpu, takeWaitEntry(cpu, 0));
  }
  memory.write(data + Guarded.x, 0);
  return { at, data, who: alloc(CACHE_LINE) };
}

/** Signals may come from now on. */
export function takesSignals(cpu: Cpu, who: Ptr): void {
  cpu.memory.store(who, currentTask(cpu));
}

/** Sends a signal as soon as there is somebody to take it. */
export function signals(cpu: Cpu, who: Ptr, signal: number = Signal.SIGINT): void {
  while (cpu.memory.load(who) === 0) cpu.relax();
  sendSignal(cpu, cpu.memory.load(who), signal);
}
