/** The one sleeping place of a CPU: whatever it should see wakes it. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { FIRST_FREE_VECTOR } from '../../interrupt-bits.ts';
import { expect } from './support.ts';

interface News {
  /** What the handler was told, plainly, before the interrupt was raised. */
  readonly news: Ptr;
  /** Times that the handler ran. This CPU's only. */
  readonly taken: Ptr;
}

export const FIRST: number = FIRST_FREE_VECTOR;

/** CPU 1 takes the interrupt FIRST: reads the news, and counts. */
export function newsFor(w: World<Cpu>): News {
  const at = { news: w.alloc(128), taken: w.alloc(128) };
  w.cpus[1]!.setVector(FIRST, ({ memory }) => {
    memory.write(at.taken, memory.read(at.taken) + 1 + memory.read(at.news));
  });
  return at;
}

/** Sleeps and takes interrupts until the handler has run. */
export function sleepUntilTaken(cpu: Cpu, { taken }: News): void {
  cpu.takeInterrupts();
  while (cpu.memory.read(taken) === 0) {
    cpu.idle(() => cpu.memory.read(taken) !== 0);
    cpu.takeInterrupts();
  }
}

const interruptWakes: Exploration = exploration<News, Cpu>({
  name: 'interrupt-wakes',
  title: 'An interrupt gets a CPU out of its sleep',
  description:
    'CPU 0 writes plain news and raises an interrupt on CPU 1, which is on its way to sleep. Its handler runs and reads the news.',
  on: 'cpu',
  setup: newsFor,
  programs: [
    (p: Program<Cpu>, { news }) => {
      p.memory.write(news, 10);
      p.cpu.raise(1, FIRST);
    },
    (p: Program<Cpu>, s) => sleepUntilTaken(p.cpu, s),
  ],
  after(w: World<Cpu>, { taken }) {
    expect(w.memory.read(taken) === 11, 'the handler ran twice, or before the news');
  },
});

const interruptsMerge: Exploration = exploration<News, Cpu>({
  name: 'interrupts-merge',
  title: 'Two raisers of one interrupt: the second may ride along, none is lost',
  description:
    'CPUs 0 and 2 raise the same interrupt on CPU 1. Whoever finds the bit set does not kick; the one who set it has, or is about to.',
  on: 'cpu',
  setup(w: World<Cpu>) {
    const at = { news: w.alloc(128), taken: w.alloc(128) };
    w.cpus[1]!.setVector(FIRST, ({ memory }) => {
      memory.write(at.taken, memory.load(at.news));
    });
    return at;
  },
  programs: [
    (p: Program<Cpu>, { news }) => {
      p.memory.fetchAdd(news, 1);
      p.cpu.raise(1, FIRST);
    },
    (p: Program<Cpu>, { taken }) => {
      // The news of both have to arrive, in one interrupt or in two.
      while (p.memory.read(taken) !== 2) {
        p.cpu.idle(() => false);
        p.cpu.takeInterrupts();
      }
    },
    (p: Program<Cpu>, { news }) => {
      p.memory.fetchAdd(news, 1);
      p.cpu.raise(1, FIRST);
    },
  ],
});

interface Work {
  readonly work: Ptr;
}

const kickWakes: Exploration = exploration<Work, Cpu>({
  name: 'kick-wakes',
  title: 'A kick after the news is never slept over',
  description:
    'The idle protocol of parking.ts by itself: CPU 1 announces its sleep, looks for work and sleeps; CPU 0 stores work and kicks.',
  on: 'cpu',
  setup: (w: World<Cpu>) => ({ work: w.alloc(128) }),
  programs: [
    (p: Program<Cpu>, { work }) => {
      p.memory.store(work, 1);
      p.cpu.kick(1);
    },
    (p: Program<Cpu>, { work }) => {
      while (p.memory.load(work) === 0) p.cpu.idle(() => p.memory.load(work) !== 0);
    },
  ],
});

export const sleep: readonly Exploration[] = [interruptWakes, interruptsMerge, kickWakes];
