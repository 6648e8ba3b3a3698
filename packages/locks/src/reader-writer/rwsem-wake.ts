/** Who of those in the list of an rwsem gets in. All of it under the lock of the list. */
import { TASK_NORMAL, wakeUpState } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { listDel, listFirst, listNext } from '../list.ts';
import { WaitEntry, WaitFlag } from '../sleeping/wait-entry.ts';
import { waitLock } from '../sleeping/wait-lock.ts';
import { HANDOFF, INSIDE, READER, RwSem, WAITERS, WRITER } from './rwsem-layout.ts';

/**
 * Linux: rwsem_wake(). Somebody has left. If a writer is inside by now, it has overtaken the first in the list: nobody else will. Takes
 * the lock of the list.
 */
export function wakeAfterRelease(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  waitLock.lock(cpu, at + RwSem.lock);
  if (listFirst(memory, at + RwSem.waiters) !== 0) {
    if ((memory.load(at + RwSem.count) & WRITER) !== 0) memory.fetchOr(at + RwSem.count, HANDOFF);
    else letIn(cpu, at);
  }
  waitLock.unlock(cpu, at + RwSem.lock);
}

/**
 * Linux: rwsem_mark_wake(). Lets the first in if it may: a writer is woken, and takes the rwsem itself; if it is a reader, it and all
 * other readers of the list are inside when this returns.
 */
export function letIn(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  const first = listFirst(memory, at + RwSem.waiters);
  if (first === 0) return;
  const count = memory.load(at + RwSem.count);
  if ((count & WRITER) !== 0) return;
  if (!isWriter(cpu, first)) grantReaders(cpu, at, first);
  else if ((count & INSIDE) === 0) wake(cpu, first);
}

/** Does this entry wait to write? */
function isWriter({ memory }: Cpu, entry: Ptr): boolean {
  return (memory.read(entry + WaitEntry.flags) & WaitFlag.exclusive) !== 0;
}

function grantReaders(cpu: Cpu, at: Ptr, first: Ptr): void {
  const { memory } = cpu;
  // Counted first: no writer comes after that. Edge W for all that are let in: they see what we see, by the lock of the list.
  const before = memory.fetchAdd(at + RwSem.count, READER);
  if ((before & WRITER) !== 0) {
    // Overtaken by a writer that span. It finds WAITERS when it leaves.
    memory.fetchAdd(at + RwSem.count, (before & HANDOFF) === 0 ? HANDOFF - READER : -READER);
    return;
  }
  let granted = 0;
  for (let entry = first; entry !== 0;) {
    const next = listNext(memory, entry);
    if (!isWriter(cpu, entry)) {
      granted++;
      listDel(memory, at + RwSem.waiters, entry);
      memory.write(entry + WaitEntry.queue, 0);
      wake(cpu, entry);
    }
    entry = next;
  }
  const others = listFirst(memory, at + RwSem.waiters) !== 0;
  const flags = (before & HANDOFF) + (others ? 0 : WAITERS);
  memory.fetchAdd(at + RwSem.count, (granted - 1) * READER - flags);
}

/** Under the lock, which the waiter needs to go on: so the task is still there. */
function wake(cpu: Cpu, entry: Ptr): void {
  wakeUpState(cpu, cpu.memory.read(entry + WaitEntry.task), TASK_NORMAL);
}
