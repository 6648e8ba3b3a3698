/** The latch: two copies, of which one is always whole. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import {
  readSeqcountLatch,
  readSeqcountLatchRetry,
  SeqCountLatch,
  seqcountLatchInit,
  writeSeqcountLatch,
} from '../../reader-writer/seqcount-latch.ts';
import { Guarded } from '../guarded.ts';
import { expectWhole, whole } from './seqlock.ts';

const VECTOR = FIRST_FREE_VECTOR;

interface LatchState {
  readonly latch: Ptr;
  /** Two `Guarded`, one after the other. */
  readonly copies: Ptr;
}

/** One turn of a latch's writer: L1 to L4. */
type LatchWrite = (cpu: Cpu, state: LatchState) => void;

function setCopy(cpu: Cpu, copy: Ptr): void {
  cpu.memory.store(copy + Guarded.x, 1);
  cpu.memory.store(copy + Guarded.y, 1);
}

/** The reader is an interrupt on top of the writer: it cannot wait. */
function latch(
  name: string,
  write: LatchWrite,
  busted?: { readonly wrong: string; readonly mustFind: MustFind },
): Exploration {
  return exploration<LatchState, Cpu>({
    name,
    title:
      busted === undefined
        ? 'seqcount latch: read by an interrupt on top of its writer, and by another CPU (1 preemption)'
        : `busted twin: ${name}`,
    description:
      busted?.wrong ??
      'Whenever the interrupt comes, one of the two copies is whole; nobody waits.',
    on: 'machine',
    limits: { preemptions: 1 },
    setup(world: World<Cpu>) {
      const state = {
        latch: world.alloc(SeqCountLatch.size),
        copies: world.alloc(2 * Guarded.size),
      };
      seqcountLatchInit(world.cpus[0]!, state.latch);
      world.cpus[0]!.setVector(VECTOR, (cpu) => expectWhole(readLatch(cpu, state)));
      return state;
    },
    programs: [
      ({ cpu }: Program<Cpu>, state): void => {
        cpu.raise(0, VECTOR);
        write(cpu, state);
      },
      (p: Program<Cpu>, state): void => p.see('cpu1', readLatch(p.cpu, state)),
    ],
    allowed: busted === undefined ? [{ cpu1: 0 }, { cpu1: 1 }] : undefined,
    mustFind: busted?.mustFind,
  });
}

function readLatch(cpu: Cpu, { latch: at, copies }: LatchState): number | string {
  let start: number;
  let x: number;
  let y: number;
  do {
    start = readSeqcountLatch(cpu, at);
    const copy = copies + (start & 1) * Guarded.size;
    x = cpu.memory.load(copy + Guarded.x);
    y = cpu.memory.load(copy + Guarded.y);
  } while (readSeqcountLatchRetry(cpu, at, start));
  return whole(x, y);
}

const rightLatch: LatchWrite = (cpu, { latch: at, copies }) => {
  writeSeqcountLatch(cpu, at);
  setCopy(cpu, copies);
  writeSeqcountLatch(cpu, at);
  setCopy(cpu, copies + Guarded.size);
};

const oneStepLatch: LatchWrite = (cpu, { latch: at, copies }) => {
  writeSeqcountLatch(cpu, at);
  setCopy(cpu, copies);
  setCopy(cpu, copies + Guarded.size);
  writeSeqcountLatch(cpu, at);
};

export const latchExplorations: readonly Exploration[] = [
  latch('seqcount-latch', rightLatch),
  latch('seqcount-latch-in-one-step', oneStepLatch, {
    wrong: 'Changes both copies between two numbers: whoever reads then has no whole one.',
    mustFind: { kind: 'oops', message: /torn/ },
  }),
];
