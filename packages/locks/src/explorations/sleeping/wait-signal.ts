/** Wait queues and completions: signals, masks, locks around the condition, wake functions. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { Errno, sendSignal, Signal, TASK_NORMAL } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import {
  complete,
  Completion,
  initCompletion,
  waitForCompletion,
  waitForCompletionInterruptible,
} from '../../sleeping/completion.ts';
import {
  waitEventExclusive,
  waitEventInterruptible,
  waitEventInterruptibleExclusive,
  waitEventKillable,
  waitEventLockIrq,
} from '../../sleeping/wait-event.ts';
import {
  addWaitQueue,
  autoremoveWakeFunction,
  initWaitFunc,
  initWaitQueue,
  removeWaitQueue,
  waitEntryData,
  WaitQueue,
  waitQueueActive,
  wakeUp,
  wakeUpInterruptible,
  wakeUpKey,
} from '../../sleeping/wait-queue.ts';
import { ttas } from '../../spin/ttas-lock.ts';
import { Guarded } from '../guarded.ts';
import { signals, sleepingState, takesSignals } from './sleeping.ts';
import type { SleepingState } from './sleeping.ts';

export const onQueue = (world: World<Cpu>): SleepingState =>
  sleepingState(world, WaitQueue, initWaitQueue);
export const onCompletion = (world: World<Cpu>): SleepingState =>
  sleepingState(world, Completion, initCompletion);

const isSet = (cpu: Cpu, data: Ptr) => (): boolean => cpu.memory.load(data + Guarded.x) !== 0;

/** A token that one task only can have. */
const takeToken = (cpu: Cpu, data: Ptr) => (): boolean =>
  cpu.memory.compareExchange(data + Guarded.x, 1, 0) === 1;

/** Puts the token there and wakes one. */
function putToken({ cpu }: Program<Cpu>, { at, data }: SleepingState): void {
  cpu.memory.store(data + Guarded.x, 1);
  wakeUp(cpu, at);
}

type Waits = (cpu: Cpu, queue: Ptr, condition: () => boolean) => Sleeps<number>;

/** Waits for the token or a signal, and hands the token on. */
export const waitsOrLeaves = (wait: Waits) =>
  function* (p: Program<Cpu>, state: SleepingState): Sleeps<void> {
    takesSignals(p.cpu, state.who);
    const result = yield* wait(p.cpu, state.at, takeToken(p.cpu, state.data));
    p.see('had', result === 0);
    if (result === 0) putToken(p, state);
    else if (result !== Errno.ERESTARTSYS)
      throw new Error(`${result} where -ERESTARTSYS is the only failure`);
  };

export function* waitsForToken(p: Program<Cpu>, { at, data }: SleepingState): Sleeps<void> {
  yield* waitEventExclusive(p.cpu, at, takeToken(p.cpu, data));
}

export const signalsAndPuts = (p: Program<Cpu>, state: SleepingState): void => {
  signals(p.cpu, state.who);
  putToken(p, state);
};

type WaitsFor = (cpu: Cpu, at: Ptr) => Sleeps<number>;

export const passesOn = (wait: WaitsFor) =>
  function* (p: Program<Cpu>, { at, who }: SleepingState): Sleeps<void> {
    takesSignals(p.cpu, who);
    const result = yield* wait(p.cpu, at);
    p.see('had', result === 0);
    if (result === 0) complete(p.cpu, at);
    else if (result !== Errno.ERESTARTSYS)
      throw new Error(`${result} where -ERESTARTSYS is the only failure`);
  };

export function* waitsForIt({ cpu }: Program<Cpu>, { at }: SleepingState): Sleeps<void> {
  yield* waitForCompletion(cpu, at);
}

export const signalsAndCompletes = ({ cpu }: Program<Cpu>, { at, who }: SleepingState): void => {
  signals(cpu, who);
  complete(cpu, at);
};

const either: readonly { readonly had: boolean }[] = [{ had: true }, { had: false }];

interface Locked extends SleepingState {
  readonly lock: Ptr;
}

export function locked(world: World<Cpu>): Locked {
  const lock = world.alloc(ttas.layout.size);
  ttas.init(world.cpus[0]!, lock);
  return { ...onQueue(world), lock };
}

/** A plain word under the lock: a condition asked without it is a race. */
export const setsLocked = ({ cpu }: Program<Cpu>, { at, data, lock }: Locked): void => {
  ttas.lockIrq(cpu, lock);
  cpu.memory.write(data + Guarded.y, 1);
  ttas.unlockIrq(cpu, lock);
  wakeUp(cpu, at);
};

/** A wake function that counts keys, and wakes for the second. */
interface Counting extends SleepingState {
  readonly func: Ptr;
}

function counting(world: World<Cpu>): Counting {
  const state = onQueue(world);
  let func = 0;
  for (const cpu of world.cpus) {
    func = cpu.text.define('countKeys', (waker: Cpu, entry: Ptr, mode: number, key: number) => {
      const data = waitEntryData(waker, entry);
      waker.memory.write(data + Guarded.y, waker.memory.read(data + Guarded.y) + key);
      return Number(autoremoveWakeFunction(waker, entry, mode));
    });
  }
  return { ...state, func };
}

export const waitSignalExplorations: readonly Exploration[] = [
  exploration<SleepingState, Cpu>({
    name: 'wait-queue-signal',
    title: 'wait queue: an exclusive waiter that gives up leaves no other asleep (1 preemption)',
    description:
      'A token is put and one task woken, perhaps the one that the signal is for. It takes the token and hands it on, or the other is the one that was woken.',
    on: 'machine',
    limits: { preemptions: 1 },
    setup: onQueue,
    programs: [signalsAndPuts, waitsOrLeaves(waitEventInterruptibleExclusive), waitsForToken],
    allowed: either,
  }),
  exploration<SleepingState, Cpu>({
    name: 'wait-queue-killable',
    title: 'wait queue: a killable wait ends by its condition or a fatal signal (2 preemptions)',
    description: 'SIGINT changes nothing, SIGKILL ends it; nobody makes the condition true.',
    on: 'machine',
    limits: { preemptions: 2 },
    setup: onQueue,
    programs: [
      ({ cpu }: Program<Cpu>, { who }): void => {
        signals(cpu, who);
        sendSignal(cpu, cpu.memory.load(who), Signal.SIGKILL);
      },
      function* (p: Program<Cpu>, { at, data, who }): Sleeps<void> {
        takesSignals(p.cpu, who);
        p.see('result', yield* waitEventKillable(p.cpu, at, isSet(p.cpu, data)));
      },
    ],
    allowed: [{ result: Errno.ERESTARTSYS }],
  }),
  exploration<SleepingState, Cpu>({
    name: 'wait-queue-wake-interruptible',
    title: 'wait queue: wakeUpInterruptible ends an interruptible wait (2 preemptions)',
    description: 'Whether it sees the condition, the wake-up or both, it goes on.',
    on: 'machine',
    limits: { preemptions: 2 },
    setup: onQueue,
    programs: [
      ({ cpu }: Program<Cpu>, { at, data }): void => {
        cpu.memory.store(data + Guarded.x, 1);
        wakeUpInterruptible(cpu, at);
      },
      function* ({ cpu }: Program<Cpu>, { at, data }): Sleeps<void> {
        yield* waitEventInterruptible(cpu, at, isSet(cpu, data));
      },
    ],
  }),
  exploration<Locked, Cpu>({
    name: 'wait-queue-lock-irq',
    title: 'wait queue: a condition under a spin lock (2 preemptions)',
    description: 'The condition is a plain word: asked without the lock it is a race.',
    on: 'machine',
    limits: { preemptions: 2 },
    setup: locked,
    programs: [
      setsLocked,
      function* ({ cpu }: Program<Cpu>, { at, data, lock }): Sleeps<void> {
        ttas.lockIrq(cpu, lock);
        const isTrue = (): boolean => cpu.memory.read(data + Guarded.y) !== 0;
        yield* waitEventLockIrq(cpu, at, isTrue, ttas, lock);
        if (!isTrue()) throw new Error('the condition is false');
        ttas.unlockIrq(cpu, lock);
      },
    ],
  }),
  exploration<Counting, Cpu>({
    name: 'wait-queue-wake-function',
    title: 'wait queue: a wake function is called under the lock of the queue (2 preemptions)',
    description:
      'Two CPUs wake one entry, whose function counts in a plain word; the entry leaves meanwhile.',
    on: 'machine',
    limits: { preemptions: 2 },
    setup: counting,
    programs: [
      ({ cpu }: Program<Cpu>, { at, data, func }): void => {
        const entry = initWaitFunc(cpu, func, data);
        addWaitQueue(cpu, at, entry);
        wakeUpKey(cpu, at, TASK_NORMAL, 1, 3);
        removeWaitQueue(cpu, at, entry);
      },
      ({ cpu }: Program<Cpu>, { at }): void => wakeUpKey(cpu, at, TASK_NORMAL, 1, 4),
    ],
    after({ cpus, memory }: World<Cpu>, { at, data }) {
      const sum = memory.read(data + Guarded.y);
      if (sum !== 3 && sum !== 7) throw new Error(`keys 3 and perhaps 4 add up to ${sum}`);
      if (waitQueueActive(cpus[0]!, at)) throw new Error('the entry is still on the queue');
    },
  }),
  exploration<SleepingState, Cpu>({
    name: 'completion-signal',
    title: 'completion: a waiter that gives up leaves no other asleep (1 preemption)',
    description: 'Completed once; of two waiters one may have -ERESTARTSYS, and the other passes.',
    on: 'machine',
    limits: { preemptions: 1 },
    setup: onCompletion,
    programs: [signalsAndCompletes, passesOn(waitForCompletionInterruptible), waitsForIt],
    allowed: either,
  }),
];
