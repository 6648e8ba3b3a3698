/** Twins of tasks/: each breaks one rule of sleeping and waking. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../../cpu.ts';
import { llistTakeAll } from '../../../llist.ts';
import { idleOnce } from '../../../parking.ts';
import type { Sleeps } from '../../../sleeps.ts';
import { waitForEvent, waitReleased } from '../../../task/event.ts';
import { currentTask, schedule, setCurrentState } from '../../../task/schedule.ts';
import { Task, TaskFlag, TaskState } from '../../../task/task-layout.ts';
import { signalEvent } from '../../../task/waiters.ts';
import { wakeUpProcess } from '../../../task/wake-up.ts';
import { kthread, obedient } from '../kthread.ts';
import { blockedAndWoken, blocking } from '../scheduling.ts';
import type { Scheduled } from '../scheduling.ts';
import { isFound, sleeper, stale } from '../wake.ts';
import type { Sleeper, Stale } from '../wake.ts';

/** Looks first, and announces the sleep then. */
function* sleepAnnouncedLate(cpu: Cpu, news: Ptr): Sleeps<void> {
  while (cpu.memory.load(news) === 0) {
    setCurrentState(cpu, TaskState.interruptible);
    yield* schedule(cpu);
  }
  setCurrentState(cpu, TaskState.running);
}

const lookBeforeState: Exploration = exploration<Sleeper, Cpu>({
  name: 'wake-state-set-late',
  title: 'Twin: a task looks for news before it announces its sleep',
  description: 'S1 and S2 of task-layout.ts the wrong way round: the waker finds it running.',
  on: 'cpu',
  mustFind: { kind: 'deadlock' },
  setup: sleeper,
  programs: [
    (p: Program<Cpu>, { news }) => p.cpu.block(sleepAnnouncedLate(p.cpu, news)),
    (p: Program<Cpu>, { task, news }) => {
      p.memory.store(news, 1);
      wakeUpProcess(p.cpu, task);
    },
  ],
});

function* sleepOnce(cpu: Cpu, news: Ptr): Sleeps<void> {
  for (;;) {
    setCurrentState(cpu, TaskState.interruptible);
    if (cpu.memory.load(news) !== 0) break;
    yield* schedule(cpu);
  }
  setCurrentState(cpu, TaskState.running);
}

const wakeBeforeNews: Exploration = exploration<Sleeper, Cpu>({
  name: 'wake-before-news',
  title: 'Twin: a task is woken before the news are there',
  description: 'It looks, finds none, and sleeps on.',
  on: 'cpu',
  mustFind: { kind: 'deadlock' },
  setup: sleeper,
  programs: [
    (p: Program<Cpu>, { news }) => p.cpu.block(sleepOnce(p.cpu, news)),
    (p: Program<Cpu>, { task, news }) => {
      wakeUpProcess(p.cpu, task);
      p.memory.store(news, 1);
    },
  ],
});

/** Joins with a store: whoever joined, or signalled, since the load is forgotten. */
function* joinWithStore(cpu: Cpu, event: Ptr): Sleeps<void> {
  const { memory } = cpu;
  const me = currentTask(cpu);
  const head = memory.load(event);
  if (head === 1) return;
  memory.store(me + Task.waiting, 1);
  memory.write(me + Task.waitNext, head);
  memory.store(event, me);
  yield* waitReleased(cpu);
}

const eventOverwritten: Exploration = exploration<{ event: Ptr }, Cpu>({
  name: 'event-overwritten',
  title: 'Twin: a waiter overwrites the event word',
  description:
    'With a store instead of a compare-exchange it joins the list of an event that has happened meanwhile.',
  on: 'cpu',
  mustFind: { kind: 'deadlock' },
  setup: (w: World<Cpu>) => ({ event: w.alloc(128) }),
  programs: [
    (p: Program<Cpu>, { event }) => p.cpu.block(joinWithStore(p.cpu, event)),
    (p: Program<Cpu>, { event }) => signalEvent(p.cpu, event),
  ],
});

/** Reads the state, and clears wakeQueued then. */
function takeClearingLate(cpu: Cpu, list: Ptr, found: (task: Ptr) => void): void {
  const { memory } = cpu;
  let task = llistTakeAll(memory, list, Task.wakeNext);
  while (task !== 0) {
    const next = memory.read(task + Task.wakeNext);
    const awake = memory.load(task + Task.state) === TaskState.running;
    memory.store(task + Task.wakeQueued, 0);
    if (awake) found(task);
    task = next;
  }
}

const queuedClearedLate: Exploration = exploration<Stale, Cpu>({
  name: 'wake-queued-cleared-late',
  title: 'Twin: wakeQueued is cleared after the state was read',
  description:
    'A waker in between finds the task on the list and leaves it to the taker, who has seen it asleep.',
  on: 'cpu',
  mustFind: { kind: 'assertion', message: /awake, and on no list/ },
  setup: stale,
  programs: [
    (p: Program<Cpu>, s) =>
      takeClearingLate(p.cpu, s.list, () => p.memory.write(s.found, p.memory.read(s.found) + 1)),
    (p: Program<Cpu>, { task }) => {
      wakeUpProcess(p.cpu, task);
    },
  ],
  after: isFound,
});

/** Asks the kthread to park, and arms the event then: its answer may have been given. */
function* parkArmedLate(cpu: Cpu, task: Ptr): Sleeps<void> {
  cpu.memory.fetchOr(task + Task.flags, TaskFlag.shouldPark);
  wakeUpProcess(cpu, task);
  cpu.memory.store(task + Task.parked, 0);
  yield* waitForEvent(cpu, task + Task.parked);
}

const parkEventLate: Exploration = exploration<{ task: Ptr }, Cpu>({
  name: 'kthread-park-armed-late',
  title: 'Twin: kthreadPark arms its event after it has asked',
  description:
    'The kthread parks and says so in between; the word is cleared, and nobody says it again.',
  on: 'machine',
  cpus: 2,
  mustFind: { kind: 'deadlock' },
  setup: (w: World<Cpu>) => kthread(w, obedient),
  programs: [(p: Program<Cpu>, { task }) => parkArmedLate(p.cpu, task)],
});

/** Sleeps unless a task is on a queue, whatever its caller waits for. */
function idleUnlessQueued(this: Cpu): void {
  this.scheduler.hooks.idleEnter(this);
  idleOnce(this, () => this.scheduler.hasWork(), Infinity);
}

const blockSleepsOver: Exploration = exploration<Scheduled, Cpu>({
  name: 'block-asks-queues-only',
  title: 'Twin: a plain caller that blocks sleeps unless a task is on a queue',
  description:
    'It is on none itself: its own wake-up, taken off the wake list by a preemption in front of the sleep, is slept over.',
  on: 'machine',
  limits: { preemptions: 1 },
  mustFind: { kind: 'deadlock' },
  setup(w: World<Cpu>) {
    w.cpus[0]!.idle = idleUnlessQueued;
    return blocking(w);
  },
  programs: blockedAndWoken,
});

export const bustedTasks: readonly Exploration[] = [
  lookBeforeState,
  wakeBeforeNews,
  eventOverwritten,
  queuedClearedLate,
  parkEventLate,
  blockSleepsOver,
];
