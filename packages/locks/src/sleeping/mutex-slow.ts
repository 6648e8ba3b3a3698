/** The long way into a mutex: spin while its owner runs, then sleep in its list. */
import { bug, currentTask, Errno, mightSleep, schedule, setCurrentState } from '@percpu/machine';
import { signalPendingState, TaskState } from '@percpu/machine';
import type { Cpu, Sleeps, TaskStateCode } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { listAddTail, listDel, listFirst } from '../list.ts';
import { FLAGS, HANDOFF, Mutex, takeUnowned, taskOf, WAITERS } from './mutex-layout.ts';
import { spinGate } from './optimistic-spin.ts';
import type { SpinGate } from './optimistic-spin.ts';
import { osqLock, osqUnlock } from './osq-lock.ts';
import { freeWaitEntry, takeWaitEntry } from './wait-entry.ts';
import { waitLock } from './wait-lock.ts';

/** Sleeps in `state`. Returns 0, or -EINTR when a signal ended the wait. */
export function* mutexLockSlow(cpu: Cpu, at: Ptr, state: TaskStateCode): Sleeps<number> {
  mightSleep(cpu);
  const { memory } = cpu;
  const me = currentTask(cpu);
  if (taskOf(memory.load(at + Mutex.owner)) === me) {
    bug(cpu, `mutex recursion: the task holds it already, lock: ${hex(at)}`);
  }
  if (spinForOwner(cpu, at, me)) return 0;
  waitLock.lock(cpu, at + Mutex.lock);
  if (takeUnowned(cpu, at, me)) {
    waitLock.unlock(cpu, at + Mutex.lock);
    return 0;
  }
  const entry = takeWaitEntry(cpu, 0);
  listAddTail(memory, at + Mutex.waiters, entry);
  memory.fetchOr(at + Mutex.owner, WAITERS);
  let result = 0;
  let woken = false;
  for (;;) {
    // S1 of task-layout.ts. What we look at next changes before the wake-up.
    setCurrentState(cpu, state);
    if (isOurs(cpu, at, me) || takeUnowned(cpu, at, me)) break;
    // Only now: a lock that was handed to us is ours, and a wake-up that we have had was for the first who comes.
    // Somebody holds the lock, with WAITERS set, and will wake the first of those that are left.
    if (signalPendingState(cpu, state)) {
      result = Errno.EINTR;
      break;
    }
    const first = listFirst(memory, at + Mutex.waiters) === entry;
    if (woken && first && taskOf(memory.fetchOr(at + Mutex.owner, HANDOFF)) === 0) continue;
    waitLock.unlock(cpu, at + Mutex.lock);
    yield* schedule(cpu, at);
    woken = true;
    waitLock.lock(cpu, at + Mutex.lock);
  }
  setCurrentState(cpu, TaskState.running);
  listDel(memory, at + Mutex.waiters, entry);
  const others = listFirst(memory, at + Mutex.waiters) !== 0;
  if (result === 0) memory.store(at + Mutex.owner, others ? me | WAITERS : me);
  else if (!others) memory.fetchAnd(at + Mutex.owner, ~FLAGS >>> 0);
  waitLock.unlock(cpu, at + Mutex.lock);
  freeWaitEntry(cpu, entry);
  return result;
}

/** Handed over: the unlock made us the owner while we slept. */
function isOurs(cpu: Cpu, at: Ptr, me: Ptr): boolean {
  return taskOf(cpu.memory.load(at + Mutex.owner)) === me;
}

/**
 * Linux: mutex_optimistic_spin(). True: it is ours. Preemption is off meanwhile, so whoever wants this CPU ends the
 * spin. The queue of spinners lets one of them look at the lock, so its line is not torn between all.
 */
function spinForOwner(cpu: Cpu, at: Ptr, me: Ptr): boolean {
  const gate = spinGate(cpu);
  const owner = taskOf(cpu.memory.load(at + Mutex.owner));
  if (owner === 0 ? !gate.mayGoOn() : !gate.mayWaitFor(owner)) return false;
  cpu.preemptDisable();
  let taken = false;
  if (osqLock(cpu, at + Mutex.osq, gate)) {
    gate.renew();
    taken = spinAtHead(cpu, at, me, gate);
    osqUnlock(cpu, at + Mutex.osq);
  }
  cpu.preemptEnable();
  return taken;
}

function spinAtHead(cpu: Cpu, at: Ptr, me: Ptr, gate: SpinGate): boolean {
  let last = 0;
  for (;;) {
    if (takeUnowned(cpu, at, me)) return true;
    const owner = taskOf(cpu.memory.load(at + Mutex.owner));
    if (owner !== last) gate.renew();
    last = owner;
    if (owner === 0 ? !gate.mayGoOn() : !gate.mayWaitFor(owner)) return false;
    cpu.relax();
  }
}
