/** Locks that tell the debug mode too late, or not at all. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { lockAcquire, lockAcquired, lockKind, lockRelease } from '../../../debug/index.ts';
import type { LockKind } from '../../../debug/index.ts';
import { Mutex, mutexTrylock } from '../../../sleeping/mutex.ts';
import { spinLockType } from '../../../spin/spin-lock-type.ts';
import type { SpinLockType } from '../../../spin/spin-lock-type.ts';
import { TasLock } from '../../../spin/tas-lock.ts';
import { ticket } from '../../../spin/ticket-lock.ts';
import { allocLock } from '../../guarded.ts';
import { mutexHolders, spinHolders } from '../held-table.ts';

const KIND: LockKind = lockKind({
  name: 'own-ticket',
  family: 'spinlock',
  owner: 'cpu',
  sleeps: false,
});

/** The bare lock, with calls of its own around. */
const says = (
  name: string,
  unlock: SpinLockType['unlock'],
  lock: SpinLockType['lock'],
): SpinLockType => ({
  ...ticket,
  name,
  lock(cpu, at) {
    cpu.preemptDisable();
    lock(cpu, at);
  },
  unlock(cpu, at) {
    unlock(cpu, at);
    cpu.preemptEnable();
  },
});

const bare = ticket.algorithm;

const saysItLeftTooLate = says(
  'debug-says-it-left-too-late',
  (cpu, at) => {
    bare.unlock(cpu, at);
    lockRelease(cpu, KIND, at, 0, 0);
  },
  (cpu, at) => {
    lockAcquire(cpu, KIND, at, 0, 0);
    bare.lock(cpu, at);
    lockAcquired(cpu, KIND, at, 0);
  },
);

const saysItHasItTooEarly = says(
  'debug-says-it-has-it-too-early',
  (cpu, at) => {
    lockRelease(cpu, KIND, at, 0, 0);
    bare.unlock(cpu, at);
  },
  (cpu, at) => {
    lockAcquire(cpu, KIND, at, 0, 0);
    lockAcquired(cpu, KIND, at, 0);
    bare.lock(cpu, at);
  },
);

/** Looks, and takes it then: two that look at the same time are both inside, and the word counts them. */
const letsTwoIn: SpinLockType = spinLockType({
  name: 'debug-lets-two-in',
  layout: TasLock,
  lock(cpu, at) {
    cpu.waitUntilEquals(at + TasLock.locked, 0);
    cpu.memory.fetchAdd(at + TasLock.locked, 1);
  },
  trylock: () => false,
  unlock(cpu, at) {
    cpu.memory.fetchAdd(at + TasLock.locked, -1);
    cpu.unpark(at + TasLock.locked);
  },
  isLocked: ({ memory }, at) => memory.load(at + TasLock.locked) !== 0,
});

const MUTEX: LockKind = lockKind({
  name: 'own-mutex',
  family: 'mutex',
  layout: Mutex,
  owner: 'task',
  sleeps: true,
});

export const bustedEntries: readonly Exploration[] = [
  exploration<{ readonly lock: Ptr }, Cpu>({
    name: letsTwoIn.name,
    title: 'busted twin: a lock that lets two in, which do nothing there',
    description: 'No data shows it: whoever releases it finds that somebody else has it, too.',
    on: 'cpu',
    cpus: 2,
    setup: (world: World<Cpu>) => ({ lock: allocLock(world, letsTwoIn) }),
    program({ cpu }: Program<Cpu>, { lock }) {
      letsTwoIn.lock(cpu, lock);
      letsTwoIn.unlock(cpu, lock);
    },
    mustFind: { kind: 'oops', message: /BUG: spinlock wrong CPU/ },
  }),
  spinHolders(saysItLeftTooLate, {
    wrong: 'a lock that says that it is released when it has been',
    mustFind: { kind: 'assertion', message: /written down are 2 holders/ },
  }),
  spinHolders(saysItHasItTooEarly, {
    wrong: 'a lock that says that it is held before it is',
    mustFind: { kind: 'assertion', message: /written down are 2 holders/ },
  }),
  mutexHolders(
    function* (cpu, at) {
      // Gives up when it would have to wait, and says nothing of that.
      lockAcquire(cpu, MUTEX, at, 0, 0);
      if (!mutexTrylock(cpu, at)) return false;
      lockRelease(cpu, MUTEX, at, 0, 0);
      lockAcquired(cpu, MUTEX, at, 0);
      yield* [];
      return true;
    },
    {
      name: 'debug-gives-up-in-silence',
      wrong: 'who gives up waiting for a mutex does not say so',
      mustFind: { kind: 'oops', message: /BUG: .* still waits for locks: own-mutex/ },
    },
  ),
];
