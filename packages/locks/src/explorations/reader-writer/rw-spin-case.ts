/** What the explorations of reader-writer spin locks are made of: steps of a CPU, and a case of several. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { RwLockType } from '../../reader-writer/rwlock-type.ts';
import { RwLock } from '../../reader-writer/rwlock.ts';
import { Guarded, increment, lockAndData } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
import type { Busted } from '../spin/spin-locks.ts';
import { PURE_SPINNING } from '../waiting.ts';
import type { WaitingStyle } from '../waiting.ts';

export interface How {
  readonly waiting?: WaitingStyle;
  readonly preemptions?: number;
  readonly busted?: Busted;
}

export type Step = (type: RwLockType, p: Program<Cpu>, state: LockAndData) => void;

export const setup =
  (type: RwLockType) =>
  (world: World<Cpu>): LockAndData =>
    lockAndData(world, type.write);

/** Changes two plain words. */
export const write: Step = (type, { cpu }, { lock, data }) => {
  type.write.lock(cpu, lock);
  increment(cpu, data);
  cpu.memory.write(data + Guarded.y, cpu.memory.read(data + Guarded.x));
  type.write.unlock(cpu, lock);
};

/** Reads both: a writer inside is a race. */
export const read: Step = (type, p, { lock, data }) => {
  type.read.lock(p.cpu, lock);
  see(p, data);
  type.read.unlock(p.cpu, lock);
};

function see(p: Program<Cpu>, data: Ptr): void {
  const x = p.cpu.memory.read(data + Guarded.x);
  const y = p.cpu.memory.read(data + Guarded.y);
  p.see(`cpu${p.id}`, x === y ? x : `${x}|${y}`);
}

/** Nothing that `see` could say: for those that read more than once. */
export const readQuietly: Step = (type, { cpu }, { lock, data }) => {
  type.read.lock(cpu, lock);
  const x = cpu.memory.read(data + Guarded.x);
  const y = cpu.memory.read(data + Guarded.y);
  type.read.unlock(cpu, lock);
  if (x !== y) throw new Error(`torn: ${x}, ${y}`);
};

export const twice =
  (step: Step): Step =>
  (type, p, state) => {
    step(type, p, state);
    step(type, p, state);
  };

export const tryRead: Step = (type, p, { lock, data }) => {
  if (!type.read.trylock(p.cpu, lock)) {
    p.see(`cpu${p.id}`, 'no');
    return;
  }
  see(p, data);
  type.read.unlock(p.cpu, lock);
};

export const tryWrite: Step = (type, { cpu }, { lock, data }) => {
  if (!type.write.trylock(cpu, lock)) return;
  increment(cpu, data);
  cpu.memory.write(data + Guarded.y, cpu.memory.read(data + Guarded.x));
  type.write.unlock(cpu, lock);
};

export function expectFree({ cpus }: World<Cpu>, { name }: RwLockType, lock: Ptr): void {
  const left = cpus[0]!.memory.load(lock + RwLock.cnts);
  if (left !== 0) throw new Error(`nobody is inside, but ${name} counts 0x${left.toString(16)}`);
}

export interface Case extends How {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly steps: readonly Step[];
  readonly outcomes?: readonly Readonly<Record<string, number | string>>[];
}

export function rwCase(type: RwLockType, how: Case): Exploration {
  const { name, title, description, steps, waiting = PURE_SPINNING, preemptions, busted } = how;
  const bounded =
    preemptions === undefined ? '' : ` (${preemptions} preemption${preemptions === 1 ? '' : 's'})`;
  return exploration<LockAndData, Cpu>({
    name: busted === undefined ? `${type.name}-${name}` : type.name,
    title: busted === undefined ? `${type.name}: ${title}${bounded}` : `busted twin: ${type.name}`,
    description: busted?.wrong ?? description,
    on: 'cpu',
    parameters: waiting.parameters,
    limits: preemptions === undefined ? {} : { preemptions },
    setup: setup(type),
    programs: steps.map((step) => (p: Program<Cpu>, state: LockAndData) => step(type, p, state)),
    after: (world: World<Cpu>, { lock }) => expectFree(world, type, lock),
    allowed: busted === undefined || busted.mustFind.kind === 'outcome' ? how.outcomes : undefined,
    mustFind: busted?.mustFind,
  });
}
