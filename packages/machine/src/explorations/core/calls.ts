/** Function calls between CPUs: each runs once, and whoever waits goes on after it has run. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import { CallSingleData } from '../../call-queue.ts';
import type { Cpu } from '../../cpu.ts';
import { Errno } from '../../errno.ts';
import { onEachCpu, smpCallFunctionSingle, smpCallFunctionSingleAsync } from '../../smp-call.ts';
import { defineEverywhere, expect, SPINNING, stayUntil, takeCalls } from './support.ts';

interface Called {
  readonly fn: Ptr;
  /** What the function writes, a line for each CPU. */
  readonly data: Ptr;
  /** Atomic: how often it ran, or who has finished. */
  readonly count: Ptr;
}

const LINE = 128;

/** `fn(at)`: one more at `at`, plainly. */
function increment(cpu: Cpu, at: number): void {
  cpu.memory.write(at, cpu.memory.read(at) + 1);
}

/** `fn(at)`: one more at `at`, atomically, for those who wait for it. */
function countUp(cpu: Cpu, at: number): void {
  cpu.memory.fetchAdd(at, 1);
}

/** `fn(base)`: one more on this CPU's line. */
function incrementMine(cpu: Cpu, base: number): void {
  increment(cpu, base + cpu.id * LINE);
}

function called(w: World<Cpu>, name: string, fn: (cpu: Cpu, at: number) => void): Called {
  takeCalls(w);
  const at = { fn: defineEverywhere(w, name, fn), data: w.alloc(4 * LINE), count: w.alloc(LINE) };
  // Nobody creates or looks up anything for the first time in a program.
  for (const cpu of w.cpus) cpu.text.call(at.fn, at.data);
  w.memory.fill(at.data, 0, 4 * LINE);
  return at;
}

/** Says that this CPU is done, and stays to be called until all are. */
function attendUntil(cpu: Cpu, count: Ptr, all: number): void {
  cpu.memory.fetchAdd(count, 1);
  stayUntil(cpu, count, all);
}

const callWaits: Exploration = exploration<Called, Cpu>({
  name: 'call-waits',
  title: 'A call with wait returns after the function has run',
  description:
    'CPU 0 calls a function on CPU 1, which writes plain data, and reads them when the call has returned: no race, and the data are there.',
  on: 'cpu',
  parameters: SPINNING,
  setup: (w: World<Cpu>) => called(w, 'increment', increment),
  programs: [
    (p: Program<Cpu>, { fn, data, count }) => {
      expect(smpCallFunctionSingle(p.cpu, 1, fn, data, true) === 0, 'CPU 1 is offline');
      p.see('data', p.memory.read(data));
      attendUntil(p.cpu, count, 2);
    },
    (p: Program<Cpu>, { count }) => attendUntil(p.cpu, count, 2),
  ],
  allowed: [{ data: 1 }],
});

const callWakes: Exploration = exploration<Called, Cpu>({
  name: 'call-wakes',
  title: 'A call reaches a CPU that sleeps',
  description:
    'As call-waits, with CPUs that sleep instead of spinning: the IPI gets CPU 1 out of a sleep for something else, and CPU 0 is woken by the end of the call.',
  on: 'cpu',
  parameters: { 'spin.budget': 0 },
  setup: (w: World<Cpu>) => called(w, 'increment', increment),
  programs: [
    (p: Program<Cpu>, { fn, data, count }) => {
      smpCallFunctionSingle(p.cpu, 1, fn, data, true);
      p.see('data', p.memory.read(data));
      p.memory.store(count, 1);
      p.cpu.unpark(count);
    },
    (p: Program<Cpu>, { count }) => p.cpu.waitUntilEquals(count, 1),
  ],
  allowed: [{ data: 1 }],
});

const callsCross: Exploration = exploration<Called, Cpu>({
  name: 'calls-cross',
  title: 'Two CPUs that call each other both get their answer',
  description:
    'Each CPU calls a function on the other and waits. Whoever waits takes calls meanwhile, so neither waits for ever.',
  on: 'cpu',
  cpus: 2,
  parameters: SPINNING,
  setup: (w: World<Cpu>) => called(w, 'incrementMine', incrementMine),
  program(p: Program<Cpu>, { fn, data, count }) {
    const other = 1 - p.id;
    smpCallFunctionSingle(p.cpu, other, fn, data, true);
    expect(p.memory.read(data + other * LINE) === 1, 'the call returned before it ran');
    attendUntil(p.cpu, count, 2);
  },
});

const callTwice: Exploration = exploration<Called, Cpu>({
  name: 'call-twice',
  title: 'A second call to the same CPU waits for the first, and none is lost',
  description:
    'CPU 0 calls CPU 1 twice without waiting: both calls use the same csd, whose flags word keeps the second from overwriting the first.',
  on: 'cpu',
  parameters: SPINNING,
  setup: (w: World<Cpu>) => called(w, 'countUp', countUp),
  programs: [
    (p: Program<Cpu>, { fn, count }) => {
      smpCallFunctionSingle(p.cpu, 1, fn, count, false);
      smpCallFunctionSingle(p.cpu, 1, fn, count, false);
    },
    (p: Program<Cpu>, { count }) => stayUntil(p.cpu, count, 2),
  ],
});

const callQueue: Exploration = exploration<Called, Cpu>({
  name: 'call-queue',
  title: 'Calls of two CPUs to a third all run, once each',
  description:
    'CPUs 0 and 1 push to the call queue of CPU 2 while it empties it. The links of the queue are plain: the race detector watches them. ' +
    'Only the first to push sends an IPI, and that is enough.',
  on: 'cpu',
  parameters: SPINNING,
  setup: (w: World<Cpu>) => called(w, 'countUp', countUp),
  programs: [
    (p: Program<Cpu>, { fn, count }) => {
      smpCallFunctionSingle(p.cpu, 2, fn, count, false);
    },
    (p: Program<Cpu>, { fn, count }) => {
      smpCallFunctionSingle(p.cpu, 2, fn, count, false);
    },
    (p: Program<Cpu>, { count }) => stayUntil(p.cpu, count, 2),
  ],
  after(w: World<Cpu>, { count }) {
    expect(w.memory.load(count) === 2, 'a call ran twice');
  },
});

const callEach: Exploration = exploration<Called, Cpu>({
  name: 'call-each',
  title: 'onEachCpu returns when the function has run on all CPUs',
  description:
    'CPU 0 of three calls a function everywhere; afterwards the plain data that each CPU wrote are there. With at most one preemption.',
  on: 'cpu',
  parameters: SPINNING,
  limits: { preemptions: 1 },
  setup: (w: World<Cpu>) => called(w, 'incrementMine', incrementMine),
  programs: [
    (p: Program<Cpu>, { fn, data, count }) => {
      onEachCpu(p.cpu, fn, data, true);
      for (let id = 0; id < 3; id++)
        expect(p.memory.read(data + id * LINE) === 1, `it did not run on CPU ${id}`);
      attendUntil(p.cpu, count, 3);
    },
    (p: Program<Cpu>, { count }) => attendUntil(p.cpu, count, 3),
    (p: Program<Cpu>, { count }) => attendUntil(p.cpu, count, 3),
  ],
});

interface Async extends Called {
  readonly csd: Ptr;
}

const callAsync: Exploration = exploration<Async, Cpu>({
  name: 'call-async',
  title: 'A csd is sent by one CPU at a time, and each sending runs once',
  description:
    'CPUs 0 and 1 send the same csd to CPU 2. The later one is told -EBUSY as long as the first call has not been taken; calls that were accepted all run.',
  on: 'cpu',
  parameters: SPINNING,
  setup(w: World<Cpu>) {
    const csd = w.alloc(CallSingleData.size);
    w.memory.describe(csd, CallSingleData, 'csd');
    return { ...called(w, 'increment', increment), csd };
  },
  programs: [
    (p: Program<Cpu>, s) => sendAsync(p, s),
    (p: Program<Cpu>, s) => sendAsync(p, s),
    (p: Program<Cpu>, { count }) => {
      stayUntil(p.cpu, count, 2);
      p.cpu.takeInterrupts();
    },
  ],
  after(w: World<Cpu>, { data }) {
    const accepted = Number(w.seen.cpu0 === 0) + Number(w.seen.cpu1 === 0);
    expect(accepted > 0, 'nobody could send');
    expect(w.memory.read(data) === accepted, `${accepted} calls, ${w.memory.read(data)} runs`);
  },
});

function sendAsync(p: Program<Cpu>, { csd, fn, data, count }: Async): void {
  const result = smpCallFunctionSingleAsync(p.cpu, 2, csd, fn, data);
  expect(result === 0 || result === Errno.EBUSY, `sending returned ${result}`);
  p.see(`cpu${p.id}`, result);
  p.memory.fetchAdd(count, 1);
}

export const calls: readonly Exploration[] = [
  callWaits,
  callWakes,
  callsCross,
  callTwice,
  callQueue,
  callEach,
  callAsync,
];
