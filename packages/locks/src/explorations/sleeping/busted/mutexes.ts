/** Mutexes with one step misplaced or left out. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import { currentTask, Errno, schedule, setCurrentState, signalPendingState } from '@percpu/machine';
import { Task, TASK_NORMAL, TaskState, wakeUpState } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { listAddTail, listDel, listFirst } from '../../../list.ts';
import {
  FLAGS,
  HANDOFF,
  Mutex,
  takeUnowned,
  taskOf,
  WAITERS,
} from '../../../sleeping/mutex-layout.ts';
import { mutexUnlock } from '../../../sleeping/mutex.ts';
import { freeWaitEntry, takeWaitEntry, WaitEntry } from '../../../sleeping/wait-entry.ts';
import { waitLock } from '../../../sleeping/wait-lock.ts';
import { increment } from '../../guarded.ts';
import { PURE_SPINNING, SLEEPS_AT_ONCE } from '../../waiting.ts';
import { allTaken } from '../mutex-signal.ts';
import { setup } from '../mutex.ts';
import { signals, takesSignals } from '../sleeping.ts';
import type { SleepingState } from '../sleeping.ts';

/** What a twin does wrong; the rest is mutex-slow.ts. */
interface Slip {
  /** Looks for signals before it looks whether the lock is its own. */
  readonly signalFirst?: true;
  /** Looks at the lock, and announces its sleep then. */
  readonly announcesLate?: true;
  /** Does not say that somebody waits. */
  readonly forgetsWaiters?: true;
  /** Takes the lock whoever it was handed to. */
  readonly takesAway?: true;
  /** Spins, and takes what belongs to a task that does not run. */
  readonly takesFromSleeper?: true;
}

function* bustedLock(cpu: Cpu, at: Ptr, slip: Slip): Sleeps<number> {
  const { memory } = cpu;
  const me = currentTask(cpu);
  if (takeUnowned(cpu, at, me)) return 0;
  if (slip.takesFromSleeper === true) return spinAndTake(cpu, at, me);
  waitLock.lock(cpu, at + Mutex.lock);
  const entry = takeWaitEntry(cpu, 0);
  listAddTail(memory, at + Mutex.waiters, entry);
  if (slip.forgetsWaiters !== true) memory.fetchOr(at + Mutex.owner, WAITERS);
  let result = 0;
  let woken = false;
  for (;;) {
    if (slip.announcesLate !== true) setCurrentState(cpu, TaskState.interruptible);
    if (slip.signalFirst === true && signalPendingState(cpu, TaskState.interruptible))
      result = Errno.EINTR;
    const owner = taskOf(memory.load(at + Mutex.owner));
    if (result !== 0 || owner === me || takeUnowned(cpu, at, me)) break;
    if (signalPendingState(cpu, TaskState.interruptible)) result = Errno.EINTR;
    if (result !== 0) break;
    if (woken && taskOf(memory.fetchOr(at + Mutex.owner, HANDOFF)) === 0) continue;
    waitLock.unlock(cpu, at + Mutex.lock);
    if (slip.announcesLate === true) {
      // What it sees here, it does not look at.
      for (let turn = 0; turn < 8; turn++) memory.load(at + Mutex.owner);
      setCurrentState(cpu, TaskState.interruptible);
    }
    yield* schedule(cpu);
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

function spinAndTake(cpu: Cpu, at: Ptr, me: Ptr): number {
  const { memory } = cpu;
  while (!takeUnowned(cpu, at, me)) {
    const seen = memory.load(at + Mutex.owner);
    const runs = memory.load(taskOf(seen) + Task.onCpu) !== 0;
    if (!runs && memory.compareExchange(at + Mutex.owner, seen, me) === seen) return 0;
    cpu.relax();
  }
  return 0;
}

type Unlock = (cpu: Cpu, at: Ptr) => void;

/** Wakes the first waiter, and lets go then. */
const wakesFirst: Unlock = (cpu, at) => {
  const { memory } = cpu;
  waitLock.lock(cpu, at + Mutex.lock);
  const first = listFirst(memory, at + Mutex.waiters);
  if (first !== 0) wakeUpState(cpu, memory.read(first + WaitEntry.task), TASK_NORMAL);
  waitLock.unlock(cpu, at + Mutex.lock);
  memory.fetchAnd(at + Mutex.owner, FLAGS);
};

/** Hands the lock to the first waiter, and says that nobody has it. */
const handsToAnybody: Unlock = (cpu, at) => {
  const { memory } = cpu;
  memory.store(at + Mutex.owner, 0);
  waitLock.lock(cpu, at + Mutex.lock);
  const first = listFirst(memory, at + Mutex.waiters);
  const task = first === 0 ? 0 : memory.read(first + WaitEntry.task);
  if (task !== 0) {
    memory.store(at + Mutex.owner, task | WAITERS);
    wakeUpState(cpu, task, TASK_NORMAL);
  }
  waitLock.unlock(cpu, at + Mutex.lock);
};

type Code = (p: Program<Cpu>, state: SleepingState) => Sleeps<void>;

const locks = (slip: Slip, unlock: Unlock = mutexUnlock): Code =>
  function* ({ cpu }, { at, data }) {
    yield* bustedLock(cpu, at, slip);
    increment(cpu, data);
    unlock(cpu, at);
  };

/** Holds the lock until the other task is about to come. */
const holds = (unlock: Unlock = mutexUnlock): Code =>
  function* ({ cpu }, { at, data, who }) {
    yield* bustedLock(cpu, at, {});
    while (cpu.memory.load(who) === 0) cpu.relax();
    increment(cpu, data);
    unlock(cpu, at);
  };

/** That other task. */
const comes = (slip: Slip): Code =>
  function* (p, state) {
    takesSignals(p.cpu, state.who);
    yield* locks(slip)(p, state);
  };

/** A holder that gives its CPU up for a while. */
const locksAndYields = (slip: Slip): Code =>
  function* ({ cpu }, { at, data }) {
    yield* bustedLock(cpu, at, slip);
    cpu.scheduler.start('other', schedule(cpu), () => {});
    yield* schedule(cpu);
    increment(cpu, data);
    mutexUnlock(cpu, at);
  };

const tries = (slip: Slip): Code =>
  function* (p, { at, data, who }) {
    takesSignals(p.cpu, who);
    const result = yield* bustedLock(p.cpu, at, slip);
    p.see('taken', result === 0);
    if (result !== 0) return;
    increment(p.cpu, data);
    mutexUnlock(p.cpu, at);
  };

/** Has the lock when the signal is sent, and hands it over. */
const signalsAndHands: Code = function* ({ cpu }, { at, data, who }) {
  yield* bustedLock(cpu, at, {});
  signals(cpu, who);
  increment(cpu, data);
  cpu.memory.fetchOr(at + Mutex.owner, HANDOFF);
  mutexUnlock(cpu, at);
};

const twice = (code: Code): Code =>
  function* (p, state) {
    yield* code(p, state);
    yield* code(p, state);
  };

function twin(
  name: string,
  wrong: string,
  programs: readonly Code[],
  increments: number,
  mustFind: MustFind,
  spins = false,
): Exploration {
  return exploration<SleepingState, Cpu>({
    name,
    title: `busted twin: ${name}`,
    description: wrong,
    on: 'machine',
    limits: { preemptions: 2 },
    // Without the debug mode, which would see that the real unlock was not preceded by the real lock.
    parameters: { ...(spins ? PURE_SPINNING : SLEEPS_AT_ONCE).parameters, 'locks.debug': 'off' },
    setup,
    programs,
    after: (world: World<Cpu>, state) => allTaken(increments)(world, state),
    mustFind,
  });
}

const asleep = { kind: 'deadlock', message: /idle/ } as const;
const inside = { kind: 'race' } as const;

export const bustedMutexes: readonly Exploration[] = [
  twin(
    'mutex-leaves-what-it-got',
    'A waiter looks for signals first: it gives up a lock that was handed to it, and nobody has it any more.',
    [signalsAndHands, tries({ signalFirst: true })],
    1,
    { kind: 'assertion', message: /held, but by nobody/ },
  ),
  twin(
    'mutex-announces-late',
    'A waiter announces its sleep after its last look at the lock, which the unlock may precede.',
    [holds(), comes({ announcesLate: true })],
    2,
    asleep,
  ),
  twin(
    'mutex-forgets-waiters',
    'A waiter joins the list and does not say so in the owner word: the unlock takes its fast path.',
    [locks({}), locks({ forgetsWaiters: true })],
    2,
    asleep,
  ),
  twin(
    'mutex-takes-hand-off-away',
    'The lock is free for a moment while it is handed over: somebody comes in between.',
    [holds(handsToAnybody), comes({}), locks({})],
    3,
    inside,
  ),
  twin(
    'mutex-wakes-before-release',
    'The unlock wakes the waiter while the lock is held still: it looks, and sleeps on.',
    [locks({}, wakesFirst), locks({})],
    2,
    asleep,
  ),
  twin(
    'mutex-spinner-takes-from-sleeper',
    'A spinner takes the lock of a task that does not run as if it were dead.',
    [locksAndYields({}), twice(locks({ takesFromSleeper: true }))],
    3,
    { kind: 'race' },
    true,
  ),
];
