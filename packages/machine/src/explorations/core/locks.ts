/** The locks of the machine itself: the raw spin lock, and the boot lock with what is created under it. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import { bootLock, bootUnlock } from '../../boot-lock.ts';
import type { Cpu } from '../../cpu.ts';
import {
  rawSpinLock,
  rawSpinLockIrqsave,
  rawSpinTrylock,
  rawSpinUnlock,
  rawSpinUnlockIrqrestore,
} from '../../raw-spinlock.ts';
import { subsystemState } from '../../subsystem.ts';
import type { Subsystem } from '../../subsystem.ts';
import { expect, SPINNING } from './support.ts';

interface Locked {
  readonly lock: Ptr;
  readonly data: Ptr;
}

export function locked(w: World<Cpu>): Locked {
  return { lock: w.alloc(128), data: w.alloc(128) };
}

export function increment(p: Program<Cpu>, { data }: Locked): void {
  p.memory.write(data, p.memory.read(data) + 1);
}

const RAW = {
  title: 'The raw spin lock keeps two CPUs apart, and both get it',
  description: 'Two CPUs add to a plain counter under the lock.',
} as const;

function lockOnce(p: Program<Cpu>, s: Locked): void {
  rawSpinLock(p.cpu, s.lock);
  increment(p, s);
  rawSpinUnlock(p.cpu, s.lock);
}

function isCounted(w: World<Cpu>, { data }: Locked): void {
  expect(w.memory.read(data) === w.cpus.length, 'an increment was lost');
}

const rawSpinlock: Exploration = exploration<Locked, Cpu>({
  name: 'raw-spinlock',
  ...RAW,
  on: 'cpu',
  cpus: 2,
  parameters: { 'spin.budget': 0 },
  setup: locked,
  program: lockOnce,
  after: isCounted,
});

const rawSpinlockThree: Exploration = exploration<Locked, Cpu>({
  name: 'raw-spinlock-three',
  title: 'Three CPUs and the raw spin lock',
  description: 'As raw-spinlock, spinning only.',
  on: 'cpu',
  cpus: 3,
  parameters: SPINNING,
  setup: locked,
  program: lockOnce,
  after: isCounted,
});

const rawSpinlockIrqsave: Exploration = exploration<Locked, Cpu>({
  name: 'raw-spinlock-irqsave',
  title: 'The irqsave form against trylock',
  description: 'One CPU locks with interrupts off, the other tries until it succeeds.',
  on: 'cpu',
  parameters: SPINNING,
  setup: locked,
  programs: [
    (p: Program<Cpu>, s) => {
      const flags = rawSpinLockIrqsave(p.cpu, s.lock);
      increment(p, s);
      rawSpinUnlockIrqrestore(p.cpu, s.lock, flags);
    },
    (p: Program<Cpu>, s) => {
      while (!rawSpinTrylock(p.cpu, s.lock)) p.cpu.relax();
      increment(p, s);
      rawSpinUnlock(p.cpu, s.lock);
    },
  ],
  after: isCounted,
});

const bootLockNests: Exploration = exploration<Locked, Cpu>({
  name: 'boot-lock-nests',
  title: 'The boot lock may be taken again by its owner, and by nobody else',
  description:
    'CPU 0 takes it twice, CPU 1 once; both add to a plain counter, and interrupts are on again at the end.',
  on: 'cpu',
  parameters: SPINNING,
  setup: locked,
  programs: [
    (p: Program<Cpu>, s) => {
      const outer = bootLock(p.cpu);
      const inner = bootLock(p.cpu);
      bootUnlock(p.cpu, inner);
      increment(p, s);
      bootUnlock(p.cpu, outer);
    },
    (p: Program<Cpu>, s) => {
      const flags = bootLock(p.cpu);
      increment(p, s);
      bootUnlock(p.cpu, flags);
    },
  ],
  after: isCounted,
});

/** Counts how often it is created. */
function counted(data: Ptr): Subsystem<Ptr> {
  return {
    name: 's',
    create({ memory }): Ptr {
      memory.write(data, memory.read(data) + 1);
      memory.write(data + 4, 7);
      return data;
    },
    attach: (_, at) => at,
  };
}

const subsystemOnce: Exploration = exploration<Locked, Cpu>({
  name: 'subsystem-once',
  title: 'A subsystem that CPUs use for the first time at once is created once',
  description:
    'Two CPUs use it; both find what create wrote, plainly, and no thread creates it twice.',
  on: 'cpu',
  cpus: 2,
  parameters: SPINNING,
  setup: locked,
  program(p: Program<Cpu>, { data }) {
    const at = p.cpu.use(counted(data));
    expect(at === data && p.memory.read(at + 4) === 7, 'attached to what is not ready');
  },
  after(w: World<Cpu>, { data }) {
    expect(w.memory.read(data) === 1, 'created twice');
  },
});

const subsystemLookedUp: Exploration = exploration<Locked, Cpu>({
  name: 'subsystem-looked-up',
  title: 'Who looks for a subsystem while it is created finds nothing, or all of it',
  description:
    'As a watchdog does, which is no CPU and takes no lock: subsystemState returns 0, or the address of what create has written.',
  on: 'cpu',
  setup: locked,
  programs: [
    (p: Program<Cpu>, { data }) => {
      p.cpu.use(counted(data));
    },
    (p: Program<Cpu>, { data }) => {
      const at = subsystemState(p.memory, p.cpu.machine, 's');
      p.see('found', at !== 0);
      if (at !== 0) expect(at === data && p.memory.read(at + 4) === 7, 'found before it was ready');
    },
  ],
  allowed: [{ found: false }, { found: true }],
});

export const locks: readonly Exploration[] = [
  rawSpinlock,
  rawSpinlockThree,
  rawSpinlockIrqsave,
  bootLockNests,
  subsystemOnce,
  subsystemLookedUp,
];
