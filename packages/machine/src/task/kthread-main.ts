import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { Errno } from '../errno.ts';
import { isSleeps } from '../sleeps.ts';
import type { Sleeps } from '../sleeps.ts';
import { Task, TaskFlag } from './task-layout.ts';

/** Linux: kthread(). What a kthread does from its first turn on: the function at its text address, unless it was stopped before. */
export function* kthreadMain(cpu: Cpu, task: Ptr): Sleeps<unknown> {
  const { memory } = cpu;
  if ((memory.load(task + Task.flags) & TaskFlag.shouldStop) !== 0) return Errno.EINTR;
  const result = cpu.text.call(memory.read(task + Task.func), memory.read(task + Task.data));
  return isSleeps(result) ? yield* result : result;
}
