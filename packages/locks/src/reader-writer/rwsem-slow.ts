/** The long ways into an rwsem: writers spin while a writer runs; then readers and writers sleep in one list. */
import {
  currentTask,
  Errno,
  schedule,
  setCurrentState,
  signalPendingState,
  TaskState,
} from '@percpu/machine';
import type { Cpu, Sleeps, TaskStateCode } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { listAddTail, listDel, listFirst, ListHead } from '../list.ts';
import { spinGate } from '../sleeping/optimistic-spin.ts';
import type { SpinGate } from '../sleeping/optimistic-spin.ts';
import { osqLock, osqUnlock } from '../sleeping/osq-lock.ts';
import { freeWaitEntry, takeWaitEntry, WaitEntry, WaitFlag } from '../sleeping/wait-entry.ts';
import { waitLock } from '../sleeping/wait-lock.ts';
import {
  HANDOFF,
  INSIDE,
  READER,
  READERS,
  RwSem,
  takeUnqueued,
  WAITERS,
  WRITER,
} from './rwsem-layout.ts';
import { letIn } from './rwsem-wake.ts';

/** Linux: rwsem_down_read_slowpath(). After a `countReader` in vain. Returns 0, or -EINTR when a signal ended the wait. */
export function* rwsemReadSlow(cpu: Cpu, at: Ptr, state: TaskStateCode): Sleeps<number> {
  const { memory } = cpu;
  waitLock.lock(cpu, at + RwSem.lock);
  const alone = listFirst(memory, at + RwSem.waiters) === 0;
  // Nobody waits and no writer is there any more. We are counted, so none comes.
  if (alone && (memory.load(at + RwSem.count) & WRITER) === 0) {
    waitLock.unlock(cpu, at + RwSem.lock);
    return 0;
  }
  const entry = join(cpu, at, 0);
  const now = memory.fetchAdd(at + RwSem.count, alone ? WAITERS - READER : -READER) - READER;
  // Our count may have been all that the first in the list found inside; and if we are first, readers inside are no hindrance.
  if (alone || (now & INSIDE) === 0) letIn(cpu, at);
  let result = 0;
  for (;;) {
    // S1 of task-layout.ts. What we look at next changes before the wake-up.
    setCurrentState(cpu, state);
    if (memory.read(entry + WaitEntry.queue) === 0) break;
    if (signalPendingState(cpu, state)) {
      result = Errno.EINTR;
      break;
    }
    yield* sleep(cpu, at);
  }
  setCurrentState(cpu, TaskState.running);
  if (result !== 0) giveUp(cpu, at, entry);
  waitLock.unlock(cpu, at + RwSem.lock);
  freeWaitEntry(cpu, entry);
  return result;
}

/** Linux: rwsem_down_write_slowpath(). Returns 0, or -EINTR when a signal ended the wait. */
export function* rwsemWriteSlow(cpu: Cpu, at: Ptr, state: TaskStateCode): Sleeps<number> {
  const { memory } = cpu;
  const me = currentTask(cpu);
  if (spinForOwner(cpu, at, me)) return 0;
  waitLock.lock(cpu, at + RwSem.lock);
  const entry = join(cpu, at, WaitFlag.exclusive);
  // From here on nobody passes the list but writers that spin, and whoever leaves looks there.
  memory.fetchOr(at + RwSem.count, WAITERS);
  let result = 0;
  let woken = false;
  for (;;) {
    // S1 of task-layout.ts.
    setCurrentState(cpu, state);
    const first = listFirst(memory, at + RwSem.waiters) === entry;
    if (first && takeFirst(cpu, at, entry, me)) break;
    if (signalPendingState(cpu, state)) {
      result = Errno.EINTR;
      break;
    }
    // Overtaken. It may have become free since: then once more.
    if (woken && first && (memory.fetchOr(at + RwSem.count, HANDOFF) & INSIDE) === 0) continue;
    yield* sleep(cpu, at);
    woken = true;
  }
  setCurrentState(cpu, TaskState.running);
  if (result !== 0) giveUp(cpu, at, entry);
  waitLock.unlock(cpu, at + RwSem.lock);
  freeWaitEntry(cpu, entry);
  return result;
}

/** At the end of the list. Under its lock. */
function join(cpu: Cpu, at: Ptr, flags: number): Ptr {
  const entry = takeWaitEntry(cpu, flags);
  listAddTail(cpu.memory, at + RwSem.waiters, entry);
  cpu.memory.write(entry + WaitEntry.queue, at);
  return entry;
}

/** Without the lock of the list. */
function* sleep(cpu: Cpu, at: Ptr): Sleeps<void> {
  waitLock.unlock(cpu, at + RwSem.lock);
  yield* schedule(cpu, at);
  waitLock.lock(cpu, at + RwSem.lock);
}

/** Linux: rwsem_try_write_lock(). For the first in the list, which it leaves. */
function takeFirst(cpu: Cpu, at: Ptr, entry: Ptr, me: Ptr): boolean {
  const { memory } = cpu;
  const others = memory.read(at + RwSem.waiters + ListHead.last) !== entry;
  let seen = memory.load(at + RwSem.count);
  while ((seen & INSIDE) === 0) {
    // Edges W and R. HANDOFF was ours, if it was set.
    const now = memory.compareExchange(at + RwSem.count, seen, others ? WRITER | WAITERS : WRITER);
    if (now === seen) {
      memory.store(at + RwSem.owner, me);
      listDel(memory, at + RwSem.waiters, entry);
      return true;
    }
    seen = now;
  }
  return false;
}

/** Linux: rwsem_del_wake_waiter(). Leaves the list without the lock. A wake-up that we have had is the next one's. */
function giveUp(cpu: Cpu, at: Ptr, entry: Ptr): void {
  const { memory } = cpu;
  const first = listFirst(memory, at + RwSem.waiters) === entry;
  listDel(memory, at + RwSem.waiters, entry);
  const others = listFirst(memory, at + RwSem.waiters) !== 0;
  if (!others) memory.fetchAnd(at + RwSem.count, ~(WAITERS | HANDOFF) >>> 0);
  else if (first) {
    memory.fetchAnd(at + RwSem.count, ~HANDOFF >>> 0);
    letIn(cpu, at);
  }
}

/**
 * Linux: rwsem_optimistic_spin(). True: it is ours. Preemption is off meanwhile, so whoever wants this CPU ends the spin. Nobody spins
 * for readers: nothing says whether those run.
 */
function spinForOwner(cpu: Cpu, at: Ptr, me: Ptr): boolean {
  const gate = spinGate(cpu);
  if (!maySpin(cpu, at, gate)) return false;
  cpu.preemptDisable();
  let taken = false;
  if (osqLock(cpu, at + RwSem.osq, gate)) {
    gate.renew();
    taken = spinAtHead(cpu, at, me, gate);
    osqUnlock(cpu, at + RwSem.osq);
  }
  cpu.preemptEnable();
  return taken;
}

function spinAtHead(cpu: Cpu, at: Ptr, me: Ptr, gate: SpinGate): boolean {
  let last = 0;
  for (;;) {
    if (takeUnqueued(cpu, at, me)) return true;
    const owner = cpu.memory.load(at + RwSem.owner);
    if (owner !== last) gate.renew();
    last = owner;
    if (!maySpin(cpu, at, gate)) return false;
    cpu.relax();
  }
}

function maySpin(cpu: Cpu, at: Ptr, gate: SpinGate): boolean {
  if ((cpu.memory.load(at + RwSem.count) & (READERS | HANDOFF)) !== 0) return false;
  const owner = cpu.memory.load(at + RwSem.owner);
  return owner === 0 ? gate.mayGoOn() : gate.mayWaitFor(owner);
}
