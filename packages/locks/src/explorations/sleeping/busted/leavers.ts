/** Waiters that give up and take something along: a unit, a wake-up, somebody's turn. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import { Errno, FIRST_FREE_VECTOR, schedule, scheduleTimeout } from '@percpu/machine';
import { setCurrentState, signalPendingState, TaskState } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { listAddTail, listDel, listFirst } from '../../../list.ts';
import { Completion, tryWaitForCompletion } from '../../../sleeping/completion.ts';
import { down, Semaphore } from '../../../sleeping/semaphore.ts';
import { freeWaitEntry, takeWaitEntry, WaitEntry } from '../../../sleeping/wait-entry.ts';
import { waitLock } from '../../../sleeping/wait-lock.ts';
import {
  finishWait,
  initWait,
  initWaitExclusive,
  prepareToWait,
} from '../../../sleeping/wait-queue.ts';
import { ttas } from '../../../spin/ttas-lock.ts';
import { Guarded } from '../../guarded.ts';
import { gives, noneLost, signalsAndGives, triesDown, withUnits } from '../semaphore.ts';
import type { SleepingState } from '../sleeping.ts';
import {
  locked,
  onCompletion,
  onQueue,
  passesOn,
  setsLocked,
  signalsAndCompletes,
  signalsAndPuts,
  waitsForIt,
  waitsForToken,
  waitsOrLeaves,
} from '../wait-signal.ts';

const { interruptible } = TaskState;

/** Asks why it woke before it asks whether it was given a unit. */
function* downLeavesUnit(cpu: Cpu, at: Ptr, ns: number): Sleeps<number> {
  const { memory } = cpu;
  const deadline = cpu.now() + ns;
  let flags = waitLock.lockIrqsave(cpu, at + Semaphore.lock);
  const entry = takeWaitEntry(cpu, 0);
  memory.write(entry + WaitEntry.queue, at);
  listAddTail(memory, at + Semaphore.waiters, entry);
  let result = 0;
  for (;;) {
    if (signalPendingState(cpu, interruptible)) result = Errno.EINTR;
    else if (cpu.now() >= deadline) result = Errno.ETIME;
    const given = memory.read(entry + WaitEntry.queue) === 0;
    if (result !== 0 && !given) listDel(memory, at + Semaphore.waiters, entry);
    if (result !== 0 || given) break;
    setCurrentState(cpu, interruptible);
    waitLock.unlockIrqrestore(cpu, at + Semaphore.lock, flags);
    yield* scheduleTimeout(cpu, Math.max(0, deadline - cpu.now()));
    flags = waitLock.lockIrqsave(cpu, at + Semaphore.lock);
  }
  waitLock.unlockIrqrestore(cpu, at + Semaphore.lock, flags);
  freeWaitEntry(cpu, entry);
  return result;
}

/** Leaves interrupts on while it holds the lock inside. */
function upIrqsOn(cpu: Cpu, at: Ptr): void {
  waitLock.lock(cpu, at + Semaphore.lock);
  if (listFirst(cpu.memory, at + Semaphore.waiters) === 0)
    cpu.memory.write(at + Semaphore.count, cpu.memory.read(at + Semaphore.count) + 1);
  waitLock.unlock(cpu, at + Semaphore.lock);
}

/** Looks for signals before the condition, when it may have been the one that was woken. */
function* waitLeavesWakeUp(cpu: Cpu, queue: Ptr, condition: () => boolean): Sleeps<number> {
  const entry = initWaitExclusive(cpu);
  let result = 0;
  for (;;) {
    prepareToWait(cpu, queue, entry, interruptible);
    if (signalPendingState(cpu, interruptible)) result = Errno.ERESTARTSYS;
    if (result !== 0 || condition()) break;
    yield* schedule(cpu);
  }
  finishWait(cpu, queue, entry);
  return result;
}

/** Is woken for what has happened, and leaves it to nobody. */
function* completionLeavesWakeUp(cpu: Cpu, at: Ptr): Sleeps<number> {
  const queue = at + Completion.queue;
  const entry = initWaitExclusive(cpu);
  let result = 0;
  for (;;) {
    prepareToWait(cpu, queue, entry, interruptible);
    if (signalPendingState(cpu, interruptible)) result = Errno.ERESTARTSYS;
    if (result !== 0 || tryWaitForCompletion(cpu, at)) break;
    yield* schedule(cpu);
  }
  finishWait(cpu, queue, entry);
  return result;
}

type Code<S> = (p: Program<Cpu>, state: S) => void | Sleeps<void>;

interface Twin<S> {
  readonly name: string;
  readonly wrong: string;
  readonly setup: (world: World<Cpu>) => S;
  readonly programs: readonly Code<S>[];
  readonly mustFind: MustFind;
  readonly after?: (world: World<Cpu>, state: S) => void;
  readonly timeouts?: true;
  readonly limits?: { readonly preemptions: number };
}

function twin<S>({ name, wrong, ...rest }: Twin<S>): Exploration {
  return exploration<S, Cpu>({
    name,
    title: `busted twin: ${name}`,
    description: wrong,
    on: 'machine',
    limits: { preemptions: 2 },
    ...rest,
  });
}

/** Makes a twin's result that of a program. */
const discard = (code: (p: Program<Cpu>, state: SleepingState) => Sleeps<boolean>) =>
  function* (p: Program<Cpu>, state: SleepingState): Sleeps<void> {
    yield* code(p, state);
  };

const asleep = { kind: 'deadlock', message: /idle/ } as const;
const lost = { kind: 'assertion', message: /units are left of/ } as const;

export const bustedLeavers: readonly Exploration[] = [
  twin<SleepingState>({
    name: 'semaphore-signal-leaves-unit',
    wrong: 'A waiter with a signal gives up although it was given a unit, which nobody has then.',
    setup: withUnits(0),
    programs: [
      signalsAndGives,
      discard(triesDown((cpu, at) => downLeavesUnit(cpu, at, Infinity), Errno.EINTR)),
    ],
    after: noneLost,
    mustFind: lost,
  }),
  twin<SleepingState>({
    name: 'semaphore-timeout-leaves-unit',
    wrong: 'A waiter whose time is up gives up although it was given a unit.',
    setup: withUnits(0),
    programs: [gives, discard(triesDown((cpu, at) => downLeavesUnit(cpu, at, 1000), Errno.ETIME))],
    after: noneLost,
    mustFind: lost,
    timeouts: true,
    limits: { preemptions: 1 },
  }),
  twin<SleepingState>({
    name: 'semaphore-interrupts-on',
    wrong: 'Tasks leave interrupts on in up(): one that comes then waits for its own CPU.',
    setup(world: World<Cpu>) {
      const state = withUnits(0)(world);
      world.cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) => upIrqsOn(cpu, state.at));
      return state;
    },
    programs: [
      function* ({ cpu }: Program<Cpu>, { at }): Sleeps<void> {
        cpu.raise(cpu.id, FIRST_FREE_VECTOR);
        upIrqsOn(cpu, at);
        yield* down(cpu, at);
      },
    ],
    mustFind: { kind: 'oops', message: /recursion/ },
  }),
  twin<SleepingState>({
    name: 'wait-queue-leaves-wake-up',
    wrong:
      'An exclusive waiter looks for signals before it looks at the condition it was woken for.',
    setup: onQueue,
    programs: [signalsAndPuts, waitsOrLeaves(waitLeavesWakeUp), waitsForToken],
    mustFind: asleep,
  }),
  twin<SleepingState>({
    name: 'completion-leaves-wake-up',
    wrong: 'A waiter looks for signals before it looks whether it may pass.',
    setup: onCompletion,
    programs: [signalsAndCompletes, passesOn(completionLeavesWakeUp), waitsForIt],
    mustFind: asleep,
  }),
  twin<ReturnType<typeof locked>>({
    name: 'wait-queue-unlocks-early',
    wrong: 'Drops the lock around the condition before it joins the queue.',
    setup: locked,
    programs: [
      setsLocked,
      function* ({ cpu }, { at, data, lock }): Sleeps<void> {
        const entry = initWait(cpu);
        for (;;) {
          ttas.lockIrq(cpu, lock);
          const isTrue = cpu.memory.read(data + Guarded.y) !== 0;
          ttas.unlockIrq(cpu, lock);
          if (isTrue) break;
          prepareToWait(cpu, at, entry, TaskState.uninterruptible);
          yield* schedule(cpu);
        }
        finishWait(cpu, at, entry);
      },
    ],
    mustFind: asleep,
  }),
];
