/** Reader-writer spin locks that interrupt handlers read. The interrupt may arrive between any two accesses. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { RwLockType } from '../../reader-writer/rwlock-type.ts';
import { Guarded, increment } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
import { PURE_SPINNING } from '../waiting.ts';
import { expectFree, read, setup, write } from './rw-spin-case.ts';
import type { How, Step } from './rw-spin-case.ts';

const VECTOR = FIRST_FREE_VECTOR;

export interface Interrupted extends How {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Of the task that is interrupted by a reader. */
  readonly task: Step;
  /** Of the second CPU. */
  readonly other: Step;
}

/** CPU 0 is interrupted between any two accesses by a handler that reads. */
export function interrupted(type: RwLockType, how: Interrupted): Exploration {
  const {
    name,
    title,
    description,
    task,
    other,
    waiting = PURE_SPINNING,
    preemptions,
    busted,
  } = how;
  const bounded =
    preemptions === undefined ? '' : ` (${preemptions} preemption${preemptions === 1 ? '' : 's'})`;
  return exploration<LockAndData, Cpu>({
    name: busted === undefined ? `${type.name}-${name}` : type.name,
    title: busted === undefined ? `${type.name}: ${title}${bounded}` : `busted twin: ${type.name}`,
    description: busted?.wrong ?? description,
    on: 'machine',
    parameters: waiting.parameters,
    limits: preemptions === undefined ? {} : { preemptions },
    setup(world: World<Cpu>) {
      const state = setup(type)(world);
      world.cpus[0]!.setVector(VECTOR, (cpu) => {
        type.read.lock(cpu, state.lock);
        const x = cpu.memory.read(state.data + Guarded.x);
        const y = cpu.memory.read(state.data + Guarded.y);
        type.read.unlock(cpu, state.lock);
        if (x !== y) throw new Error(`torn: ${x}, ${y}`);
      });
      return state;
    },
    programs: [
      (p: Program<Cpu>, state): void => {
        p.cpu.raise(0, VECTOR);
        task(type, p, state);
      },
      (p: Program<Cpu>, state): void => other(type, p, state),
    ],
    after: (world: World<Cpu>, { lock }) => expectFree(world, type, lock),
    mustFind: busted?.mustFind,
  });
}

export const readerInterrupted = (type: RwLockType, how: How): Exploration =>
  interrupted(type, {
    name: `reader-interrupted-${(how.waiting ?? PURE_SPINNING).name}`,
    title: `a reader, interrupted by a reader, and a writer, ${(how.waiting ?? PURE_SPINNING).title}`,
    description:
      'While the writer waits for the task, the interrupt on top of that task gets in: it does not queue.',
    task: read,
    other: write,
    ...how,
  });

/** A writer that keeps interrupts out. */
export const writeIrqsave: Step = (type, { cpu }, { lock, data }) => {
  const flags = type.write.lockIrqsave(cpu, lock);
  increment(cpu, data);
  cpu.memory.write(data + Guarded.y, cpu.memory.read(data + Guarded.x));
  type.write.unlockIrqrestore(cpu, lock, flags);
};
