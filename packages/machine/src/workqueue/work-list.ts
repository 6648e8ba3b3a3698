/** Lists of works: a pool's, and those of a pool-workqueue whose turn has not come. Under the pool's lock. */
import type { Memory, Ptr } from '@percpu/memory';
import { OnList, WorkList, WorkStruct } from './layouts.ts';

/** Linux: list_add_tail(). `which` is an OnList code. */
export function appendWork(memory: Memory, list: Ptr, work: Ptr, which: number): void {
  const last = memory.read(list + WorkList.last);
  // A2 of lockPoolOfWork: after the pool was named.
  memory.store(work + WorkStruct.list, which);
  memory.write(work + WorkStruct.next, 0);
  memory.write(work + WorkStruct.previous, last);
  if (last === 0) memory.write(list + WorkList.first, work);
  else memory.write(last + WorkStruct.next, work);
  memory.write(list + WorkList.last, work);
}

/** Linux: list_del_init(). */
export function removeWork(memory: Memory, list: Ptr, work: Ptr): void {
  const next = memory.read(work + WorkStruct.next);
  const previous = memory.read(work + WorkStruct.previous);
  if (previous === 0) memory.write(list + WorkList.first, next);
  else memory.write(previous + WorkStruct.next, next);
  if (next === 0) memory.write(list + WorkList.last, previous);
  else memory.write(next + WorkStruct.previous, previous);
  memory.store(work + WorkStruct.list, OnList.none);
}
