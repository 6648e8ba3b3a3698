/** The lockref: its count changes without the lock as if under it, and holds still for whoever has the lock. */
import { exploration, sequentialSpec } from '@percpu/experiment';
import type { Exploration, Operation, Program, SequentialSpec, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { lockView } from '../../lock-view.ts';
import {
  Lockref,
  lockrefCount,
  lockrefGet,
  lockrefGetNotDead,
  lockrefGetNotZero,
  lockrefInit,
  lockrefLock,
  lockrefMarkDead,
  lockrefPutOrLock,
  lockrefPutReturn,
  lockrefUnlock,
} from '../../counting/lockref.ts';
import { Guarded } from '../guarded.ts';
import { PURE_SPINNING } from '../waiting.ts';
import type { BustedCount } from './refcount.ts';

/** What a twin does in its own, wrong way. */
export interface LockrefSteps {
  readonly get: typeof lockrefGet;
  readonly getNotDead: typeof lockrefGetNotDead;
  readonly putOrLock: typeof lockrefPutOrLock;
  readonly markDead: typeof lockrefMarkDead;
}

export const LOCKREF: LockrefSteps = {
  get: lockrefGet,
  getNotDead: lockrefGetNotDead,
  putOrLock: lockrefPutOrLock,
  markDead: lockrefMarkDead,
};

interface Referred {
  readonly at: Ptr;
  /** `Guarded`: x is the object. */
  readonly object: Ptr;
}

function referred({ cpus, alloc }: World<Cpu>, count: number): Referred {
  const state = { at: alloc(Lockref.size), object: alloc(Guarded.size) };
  for (const cpu of cpus) lockView(cpu);
  lockrefInit(cpus[0]!, state.at, count);
  cpus[0]!.memory.describe(state.object, Guarded, 'object');
  return state;
}

const text = (busted: BustedCount | undefined, name: string, title: string) =>
  busted === undefined
    ? { name: `lockref-${name}`, title: `lockref: ${title}` }
    : { name: busted.name, title: `busted twin: ${busted.wrong}`, mustFind: busted.mustFind };

/** While the lock is held, nobody changes the count. */
export function heldStill(steps: LockrefSteps = LOCKREF, busted?: BustedCount): Exploration {
  return exploration<Referred, Cpu>({
    ...text(busted, 'held-still', 'the count holds still for whoever has the lock'),
    description:
      'One takes a reference; another holds the lock, reads the count twice and adds one of its own, with a load and a store. Both readings are the same, and nothing is lost.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => referred(world, 1),
    programs: [
      ({ cpu }: Program<Cpu>, { at }): void => steps.get(cpu, at),
      ({ cpu, memory }: Program<Cpu>, { at }): void => {
        lockrefLock(cpu, at);
        const before = lockrefCount(cpu, at);
        if (lockrefCount(cpu, at) !== before) throw new Error('the count changed under the lock');
        memory.store(at + Lockref.count, before + 1);
        lockrefUnlock(cpu, at);
      },
    ],
    after({ cpus }: World<Cpu>, { at }) {
      const count = lockrefCount(cpus[0]!, at);
      if (count !== 3) throw new Error(`1 reference and 2 more are ${count}`);
    },
  });
}

/** Of two that drop their references, one is told to free, with the lock. */
export function lastOneLocks(steps: LockrefSteps = LOCKREF, busted?: BustedCount): Exploration {
  return exploration<Referred, Cpu>({
    ...text(busted, 'last-one-locks', 'who drops the last reference has the lock'),
    description:
      'Two use the object and drop their references; the last one holds the lock then, marks the lockref dead and frees: once, and after the other.',
    on: 'cpu',
    cpus: 2,
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => referred(world, 2),
    program: (p: Program<Cpu>, state) => p.see(`freed${p.id}`, drop(p, steps, state)),
    after: ({ seen }: World<Cpu>) => {
      if (seen.freed0 === seen.freed1) throw new Error('freed by both, or by neither');
    },
  });
}

function drop(
  { cpu, memory }: Program<Cpu>,
  steps: LockrefSteps,
  { at, object }: Referred,
): boolean {
  memory.read(object + Guarded.x);
  if (steps.putOrLock(cpu, at)) return false;
  steps.markDead(cpu, at);
  lockrefUnlock(cpu, at);
  memory.write(object + Guarded.x, 1);
  return true;
}

/** Who wants a reference to an object that is being freed gets none. */
export function notFromTheDead(steps: LockrefSteps = LOCKREF, busted?: BustedCount): Exploration {
  return exploration<Referred, Cpu>({
    ...text(busted, 'not-from-the-dead', 'a reference is asked for while the last one is dropped'),
    description:
      'One drops the last reference; another asks for one, uses the object if it gets it, and drops it. The object is freed once, and not while it is used.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => referred(world, 1),
    programs: [
      (p: Program<Cpu>, state): void => p.see('freed', drop(p, steps, state)),
      (p: Program<Cpu>, state): void => {
        const got = steps.getNotDead(p.cpu, state.at);
        p.see('got', got);
        p.see('freedLate', got && drop(p, steps, state));
      },
    ],
    ...(busted === undefined
      ? {
          allowed: [
            { freed: true, got: false, freedLate: false },
            { freed: true, got: true, freedLate: false },
            { freed: false, got: true, freedLate: true },
          ],
        }
      : {}),
  });
}

const returned = ({ pending, result }: Operation, value: number | boolean): boolean =>
  pending || result === value;

/** A count, and nobody has the lock for long. `putReturn` may always say that somebody has it. */
const lockrefSpec: SequentialSpec<number> = sequentialSpec<number>({
  name: 'lockref',
  initial: 1,
  key: String,
  steps: {
    getNotZero: (count, _args, op) =>
      returned(op, count > 0) ? (count > 0 ? count + 1 : count) : undefined,
    putReturn: (count, _args, op) =>
      op.result === -1 ? count : returned(op, count - 1) && count > 0 ? count - 1 : undefined,
    putOrLock: (count, _args, op) =>
      returned(op, count > 1) ? (count > 1 ? count - 1 : count) : undefined,
  },
});

export function linearizable(steps: LockrefSteps = LOCKREF, busted?: BustedCount): Exploration {
  return exploration<Referred, Cpu>({
    ...text(busted, 'linearizable', 'as a number that changes at one moment each'),
    description:
      'Three take and drop references in different ways. What they are told is what some order of the operations, one after the other, would tell them.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    limits: { preemptions: 2 },
    setup: (world: World<Cpu>) => referred(world, 1),
    programs: [
      (p: Program<Cpu>, { at }): void => {
        const got = p.call('getNotZero', [], () => lockrefGetNotZero(p.cpu, at));
        if (got) p.call('putReturn', [], () => lockrefPutReturn(p.cpu, at));
      },
      (p: Program<Cpu>, { at }): void => {
        const put = p.call('putOrLock', [], () => steps.putOrLock(p.cpu, at));
        if (!put) lockrefUnlock(p.cpu, at);
      },
      (p: Program<Cpu>, { at }): void => {
        p.call('getNotZero', [], () => lockrefGetNotZero(p.cpu, at));
      },
    ],
    sequential: lockrefSpec,
  });
}

export const lockrefExplorations: readonly Exploration[] = [
  heldStill(),
  lastOneLocks(),
  notFromTheDead(),
  linearizable(),
];
