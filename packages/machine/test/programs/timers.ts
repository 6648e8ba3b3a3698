/** Programs of the specs timer-threads, tasklet-threads and trace-threads: several real CPUs on one structure. */
import type { Ptr } from '@percpu/memory';
import {
  addTimerOn,
  CLOCK_MONOTONIC,
  currentTask,
  delTimer,
  delTimerSync,
  HRTIMER_MODE_REL,
  HRTIMER_NORESTART,
  HRTIMER_RESTART,
  hrtimerCancel,
  hrtimerForwardNow,
  hrtimerSetup,
  hrtimerStart,
  jiffies,
  modTimer,
  rawSpinLockIrqsave,
  rawSpinUnlockIrqrestore,
  schedule,
  setCurrentState,
  setTimerExpires,
  TaskState,
  timerPending,
  timerqueueAdd,
  timerqueueDel,
  timerqueueExpires,
  timerqueueFirst,
  TimerqueueHead,
  TimerqueueNode,
  timerSetup,
  wakeUpProcess,
} from '../../src/index.ts';
import type { Cpu, Sleeps } from '../../src/index.ts';
import { sharedScratch } from './shared.ts';

/** Same numbers on every run: Marsaglia's xorshift32. */
export function randomOf(seed: number): (limit: number) => number {
  let state = seed * 0x9e37_79b1 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

/** All CPUs have come this far. `at` counts arrivals and starts at 0; each barrier has a word of its own. */
export function barrier(cpu: Cpu, at: Ptr): void {
  cpu.memory.fetchAdd(at, 1);
  cpu.unpark(at);
  let arrived = cpu.memory.load(at);
  while (arrived < cpu.nrCpus) arrived = cpu.waitWhileEquals(at, arrived);
}

const NODES_PER_CPU = 16;

/**
 * Every CPU adds and removes nodes of its own in one queue, under one lock. Returns what is queued at
 * the end: the expiries as CPU 0 takes them out, and those this CPU has added and not removed.
 */
export function queueStorm(cpu: Cpu, args: { steps: number }): { taken: number[]; mine: number[] } {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const lock = at + 128;
  const head = at + 256;
  const nodes = at + 512 + cpu.id * NODES_PER_CPU * TimerqueueNode.size;
  const queued = new Map<number, number>();
  const random = randomOf(cpu.id + 1);
  for (let step = 0; step < args.steps; step++) {
    const index = random(NODES_PER_CPU);
    const node = nodes + index * TimerqueueNode.size;
    const flags = rawSpinLockIrqsave(cpu, lock);
    if (queued.delete(index)) timerqueueDel(memory, head, node);
    else {
      queued.set(index, random(50));
      timerqueueAdd(memory, head, node, queued.get(index)!);
    }
    rawSpinUnlockIrqrestore(cpu, lock, flags);
  }
  barrier(cpu, at);
  const taken: number[] = [];
  while (cpu.id === 0 && timerqueueFirst(memory, head) !== 0) {
    const first = timerqueueFirst(memory, head);
    taken.push(timerqueueExpires(memory, first));
    timerqueueDel(memory, head, first);
  }
  if (memory.read(head + TimerqueueHead.sequence) === 0) throw new Error('nothing was ever added');
  return { taken, mine: [...queued.values()] };
}

const TIMERS = 8;
/** Words of a timer of the storm: 1 while its function may run, runs, and functions inside now. */
const Slot = { alive: 0, runs: 4, inside: 8, timer: 16, size: 16 + 64 } as const;

/**
 * All CPUs arm, move and delete the same timers. `delTimerSync` says that a function runs nowhere and
 * will not: after it the slot is dead until armed again, and a function that finds it dead is an error.
 * Returns errors, runs.
 */
export function timerStorm(cpu: Cpu, args: { steps: number }): { errors: number; runs: number } {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const errors = at + 64;
  const slot = (index: number): Ptr => at + 512 + index * 128;
  const fn = cpu.text.define('storm', (self, timer) => {
    const mine = timer - Slot.timer;
    // Two at once are possible only if one CPU runs it while another re-armed it elsewhere: never.
    if (memory.fetchAdd(mine + Slot.inside, 1) !== 0) memory.fetchAdd(errors, 1);
    if (memory.load(mine + Slot.alive) === 0) memory.fetchAdd(errors, 1);
    memory.fetchAdd(mine + Slot.runs, 1);
    self.unpark(mine + Slot.runs);
    if (memory.load(mine + Slot.runs) % 3 === 0 && memory.load(at + 192) === 0) {
      modTimer(self, timer, jiffies(self) + 1);
    }
    memory.fetchAdd(mine + Slot.inside, -1);
  });
  if (cpu.id === 0) {
    for (let i = 0; i < TIMERS; i++) {
      timerSetup(cpu, slot(i) + Slot.timer, fn);
      memory.store(slot(i) + Slot.alive, 1);
    }
  }
  barrier(cpu, at);
  const random = randomOf(cpu.id + 7);
  for (let step = 0; step < args.steps; step++) {
    const timer = slot(random(TIMERS)) + Slot.timer;
    const choice = random(4);
    if (choice === 0) delTimer(cpu, timer);
    else if (choice === 1) delTimerSync(cpu, timer);
    else modTimer(cpu, timer, jiffies(cpu) + random(3));
    cpu.relax();
  }
  barrier(cpu, at + 4);
  // One run at least, whatever the storm did.
  modTimer(cpu, slot(cpu.id % TIMERS) + Slot.timer, jiffies(cpu));
  cpu.waitWhileEquals(slot(cpu.id % TIMERS) + Slot.runs, 0);
  memory.store(at + 192, 1);
  for (let i = cpu.id; i < TIMERS; i += cpu.nrCpus) {
    delTimerSync(cpu, slot(i) + Slot.timer);
    memory.store(slot(i) + Slot.alive, 0);
    if (memory.load(slot(i) + Slot.inside) !== 0) memory.fetchAdd(errors, 1);
  }
  barrier(cpu, at + 8);
  let runs = 0;
  for (let i = 0; i < TIMERS; i++) runs += memory.load(slot(i) + Slot.runs);
  return { errors: memory.load(errors), runs };
}

/** Each CPU has a periodic hrtimer, and every CPU cancels those of the others now and then. Returns callbacks after the last cancel. */
export function hrtimerStorm(cpu: Cpu, args: { steps: number }): { late: number; calls: number } {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const slot = (id: number): Ptr => at + 512 + id * 128;
  const fn = cpu.text.define('hrstorm', (self, timer) => {
    memory.fetchAdd(timer - Slot.timer + Slot.runs, 1);
    self.unpark(timer - Slot.timer + Slot.runs);
    hrtimerForwardNow(self, timer, 20_000);
    return HRTIMER_RESTART;
  });
  const own = slot(cpu.id) + Slot.timer;
  hrtimerSetup(cpu, own, fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
  barrier(cpu, at);
  const random = randomOf(cpu.id + 3);
  for (let step = 0; step < args.steps; step++) {
    const timer = slot(random(cpu.nrCpus)) + Slot.timer;
    if (random(3) === 0) hrtimerCancel(cpu, timer);
    else hrtimerStart(cpu, timer, random(30_000), HRTIMER_MODE_REL);
    cpu.relax();
  }
  barrier(cpu, at + 4);
  hrtimerStart(cpu, own, 0, HRTIMER_MODE_REL);
  cpu.waitWhileEquals(slot(cpu.id) + Slot.runs, 0);
  hrtimerCancel(cpu, own);
  const calls = memory.load(slot(cpu.id) + Slot.runs);
  for (let turn = 0; turn < 1000; turn++) cpu.relax();
  const late = memory.load(slot(cpu.id) + Slot.runs) - calls;
  return { late, calls };
}

/** Waits, parked, for a word that only an hrtimer of this CPU changes. */
export function parkedUntilHrtimer(cpu: Cpu): number {
  const { memory } = cpu;
  const word = sharedScratch(cpu) + 512 + cpu.id * 128;
  const timer = word + Slot.timer;
  const fn = cpu.text.define('wakeWord', (self, at) => {
    memory.store(at - Slot.timer, 1);
    self.unpark(at - Slot.timer);
    return HRTIMER_NORESTART;
  });
  hrtimerSetup(cpu, timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
  hrtimerStart(cpu, timer, 2_000_000, HRTIMER_MODE_REL);
  return cpu.waitWhileEquals(word, 0);
}

/** Sleeps, idle, until a timer on this CPU wakes the task; `rounds` times. */
export function* asleepUntilTimer(cpu: Cpu, args: { rounds: number }): Sleeps<number> {
  const { memory } = cpu;
  const word = sharedScratch(cpu) + 512 + cpu.id * 128;
  const timer = word + Slot.timer;
  const fn = cpu.text.define('wakeTask', (self, at) => {
    wakeUpProcess(self, self.memory.load(at - Slot.timer));
  });
  timerSetup(cpu, timer, fn);
  memory.store(word, currentTask(cpu));
  for (let round = 0; round < args.rounds; round++) {
    setCurrentState(cpu, TaskState.uninterruptible);
    modTimer(cpu, timer, jiffies(cpu) + 1);
    while (timerPending(cpu, timer)) yield* schedule(cpu);
    setCurrentState(cpu, TaskState.running);
  }
  return args.rounds;
}

/** CPU 0 arms a timer on each other CPU, which is idle; its function says so. Returns who ran. */
export function armOnOthers(cpu: Cpu): number[] {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const done = at + 64;
  const fn = cpu.text.lookup('sayWhere');
  for (let id = 1; id < cpu.nrCpus; id++) {
    const timer = at + 512 + id * 128 + Slot.timer;
    timerSetup(cpu, timer, fn);
    setTimerExpires(cpu, timer, jiffies(cpu) + 1);
    addTimerOn(cpu, timer, id);
  }
  let count = memory.load(done);
  while (count < cpu.nrCpus - 1) count = cpu.waitWhileEquals(done, count);
  const ran: number[] = [];
  for (let id = 1; id < cpu.nrCpus; id++) ran.push(memory.load(at + 512 + id * 128));
  return ran;
}

/** Before armOnOthers, on every CPU. */
export function defineSayWhere(cpu: Cpu): void {
  cpu.text.define('sayWhere', (self, timer) => {
    const done = sharedScratch(self) + 64;
    self.memory.store(timer - Slot.timer, self.id);
    self.memory.fetchAdd(done, 1);
    self.unpark(done);
  });
}
