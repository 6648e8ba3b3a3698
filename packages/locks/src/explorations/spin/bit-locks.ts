/** Bit locks: the other bits of the word go on changing, and may be locks too. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import {
  bitSpinIsLocked,
  bitSpinLock,
  bitSpinTrylock,
  bitSpinUnlock,
} from '../../spin/bit-lock.ts';
import { Guarded, increment } from '../guarded.ts';
import { PURE_SPINNING, SLEEPS_AT_ONCE } from '../waiting.ts';
import type { WaitingStyle } from '../waiting.ts';

const Word = layout({ bits: 'u32' }, { name: 'Word' });
const BIT = 31;
const OTHER = 0;
/** A flag that is no lock. */
const FLAG = 1 << 4;

interface State {
  readonly word: Ptr;
  readonly data: Ptr;
  /** What bit 0 protects. */
  readonly other: Ptr;
}

type Unlock = typeof bitSpinUnlock;

function setup({ cpus, alloc }: World<Cpu>): State {
  const { memory } = cpus[0]!;
  const state = { word: alloc(Word.size), data: alloc(Guarded.size), other: alloc(Guarded.size) };
  memory.describe(state.word, Word);
  memory.describe(state.data, Guarded, 'guarded');
  memory.describe(state.other, Guarded, 'other');
  return state;
}

function section(cpu: Cpu, bit: number, word: Ptr, data: Ptr, unlock: Unlock): void {
  bitSpinLock(cpu, bit, word);
  increment(cpu, data);
  unlock(cpu, bit, word);
}

interface Excludes {
  readonly name: string;
  readonly title: string;
  readonly waiting: WaitingStyle;
  readonly unlock?: Unlock;
  readonly description: string;
  readonly mustFind?: MustFind;
  readonly preemptions?: number;
  /** How many CPUs take each of the two bits, and how many set the flag. */
  readonly takers: number;
  readonly others: number;
  readonly flags: number;
}

function excludes({ takers, others, flags, waiting, unlock = bitSpinUnlock, ...how }: Excludes) {
  const { name, title, description, mustFind, preemptions } = how;
  const program =
    (bit: number, data: 'data' | 'other') =>
    ({ cpu }: Program<Cpu>, state: State): void =>
      section(cpu, bit, state.word, state[data], unlock);
  return exploration<State, Cpu>({
    name,
    title,
    description,
    on: 'cpu',
    parameters: waiting.parameters,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    setup,
    programs: [
      ...Array.from({ length: takers }, () => program(BIT, 'data')),
      ...Array.from({ length: others }, () => program(OTHER, 'other')),
      ...Array.from(
        { length: flags },
        () =>
          ({ cpu }: Program<Cpu>, { word }: State): void =>
            void cpu.memory.fetchOr(word, FLAG),
      ),
    ],
    after({ cpus, memory }: World<Cpu>, { word, data, other }) {
      const found = [
        memory.read(data + Guarded.x),
        memory.read(other + Guarded.x),
        Number(bitSpinIsLocked(cpus[0]!, BIT, word)),
        memory.load(word),
      ];
      const expected = [takers, others, 0, flags > 0 ? FLAG : 0];
      if (found.join() !== expected.join())
        throw new Error(`increments, lock and word are ${found.join()} and not ${expected.join()}`);
    },
    ...(mustFind === undefined ? {} : { mustFind }),
  });
}

const storesWord: Unlock = (cpu, bit, at) => {
  cpu.memory.store(at, (cpu.memory.load(at) & ~(1 << bit)) >>> 0);
  cpu.unpark(at);
  cpu.preemptEnable();
};

const forgetsToWake: Unlock = (cpu, bit, at) => {
  cpu.memory.fetchAnd(at, ~(1 << bit) >>> 0);
  cpu.preemptEnable();
};

const DESCRIPTION = 'Each CPU increments a plain word under its bit. The rest of the word changes.';

export const bitLockExplorations: readonly Exploration[] = [
  excludes({
    name: 'bit-lock-excludes-spinning',
    title: 'bit lock: two CPUs exclude each other while a flag beside it is set',
    description: DESCRIPTION,
    waiting: PURE_SPINNING,
    ...{ takers: 2, others: 0, flags: 1 },
  }),
  excludes({
    name: 'bit-lock-excludes-sleeping',
    title: 'bit lock: two CPUs exclude each other while a flag beside it is set, waiters sleep',
    description: DESCRIPTION,
    waiting: SLEEPS_AT_ONCE,
    ...{ takers: 2, others: 0, flags: 1 },
  }),
  excludes({
    name: 'bit-locks-of-a-word',
    title: 'bit lock: two bits of a word, two CPUs for each, waiters sleep (1 preemption)',
    description: DESCRIPTION,
    waiting: SLEEPS_AT_ONCE,
    preemptions: 1,
    ...{ takers: 2, others: 2, flags: 0 },
  }),
  exploration<State, Cpu>({
    name: 'bit-lock-trylock',
    title: 'bit lock: trylock against lock',
    description: 'An attempt that fails leaves no trace, and preemption as it was.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup,
    programs: [
      ({ cpu }: Program<Cpu>, { word, data }): void => section(cpu, BIT, word, data, bitSpinUnlock),
      (p: Program<Cpu>, { word, data }): void => {
        const taken = bitSpinTrylock(p.cpu, BIT, word);
        p.see('taken', taken);
        if (!taken) return;
        increment(p.cpu, data);
        bitSpinUnlock(p.cpu, BIT, word);
      },
    ],
    allowed: [{ taken: true }, { taken: false }],
  }),
  excludes({
    name: 'bit-lock-stores-the-word',
    title: 'busted twin: a bit lock whose unlock stores the whole word',
    description: 'A bit that is set between its load and its store is lost.',
    waiting: PURE_SPINNING,
    unlock: storesWord,
    ...{ takers: 1, others: 0, flags: 1 },
    mustFind: { kind: 'assertion', message: /word are/ },
  }),
  excludes({
    name: 'bit-lock-forgets-to-wake',
    title: 'busted twin: a bit lock whose unlock wakes nobody',
    description: 'A waiter that sleeps is never woken.',
    waiting: SLEEPS_AT_ONCE,
    unlock: forgetsToWake,
    ...{ takers: 2, others: 0, flags: 0 },
    mustFind: { kind: 'lost-wakeup', message: /bits/ },
  }),
];
