/** The reference count: freed once, by the last, after all others; stuck rather than freed when it has gone wrong. */
import { exploration, sequentialSpec } from '@percpu/experiment';
import type {
  Exploration,
  MustFind,
  Operation,
  Program,
  SequentialSpec,
  World,
} from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { lockView } from '../../lock-view.ts';
import {
  Refcount,
  REFCOUNT_MAX,
  REFCOUNT_SATURATED,
  refcountDecAndLock,
  refcountDecAndTest,
  refcountDecIfOne,
  refcountInc,
  refcountIncNotZero,
  refcountRead,
  refcountSet,
} from '../../counting/refcount.ts';
import { ttas } from '../../spin/ttas-lock.ts';
import { Guarded } from '../guarded.ts';
import { PURE_SPINNING } from '../waiting.ts';

/** What a twin does in its own, wrong way. */
export interface RefcountSteps {
  readonly inc: typeof refcountInc;
  readonly incNotZero: typeof refcountIncNotZero;
  readonly decAndTest: typeof refcountDecAndTest;
  readonly decIfOne: typeof refcountDecIfOne;
  readonly decAndLock: (cpu: Cpu, at: Ptr, lock: Ptr) => boolean;
}

export const REFCOUNT: RefcountSteps = {
  inc: refcountInc,
  incNotZero: refcountIncNotZero,
  decAndTest: refcountDecAndTest,
  decIfOne: refcountDecIfOne,
  decAndLock: (cpu, at, lock) => refcountDecAndLock(cpu, at, ttas, lock),
};

/** A name for the twin, what is wrong with it, and what comes of that. */
export interface BustedCount {
  readonly name: string;
  readonly wrong: string;
  readonly mustFind: MustFind;
}

interface Counted {
  readonly refs: Ptr;
  /** `Guarded`: x is the object, y is 1 while it can be found. */
  readonly object: Ptr;
  readonly lock: Ptr;
}

function counted({ cpus, alloc, memory }: World<Cpu>, refs: number): Counted {
  const state = {
    refs: alloc(Refcount.size),
    object: alloc(Guarded.size),
    lock: alloc(ttas.layout.size),
  };
  for (const cpu of cpus) lockView(cpu);
  ttas.init(cpus[0]!, state.lock);
  refcountSet(cpus[0]!, state.refs, refs);
  cpus[0]!.memory.describe(state.refs, Refcount, 'refs');
  cpus[0]!.memory.describe(state.object, Guarded, 'object');
  memory.write(state.object + Guarded.y, 1);
  return state;
}

const text = (busted: BustedCount | undefined, name: string, title: string) =>
  busted === undefined
    ? { name: `refcount-${name}`, title: `refcount: ${title}` }
    : {
        name: busted.name,
        title: `busted twin: ${busted.wrong}`,
        mustFind: busted.mustFind,
      };

/** Each uses the object and drops its reference; whoever drops the last frees it. */
export function freedOnce(steps: RefcountSteps = REFCOUNT, busted?: BustedCount): Exploration {
  return exploration<Counted, Cpu>({
    ...text(busted, 'freed-once', 'three drop their references, the last one frees'),
    description:
      'Each writes to the object it has a reference to (one reads it) and drops that. The last one writes too, plainly: after all of them, and alone.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => counted(world, 2),
    programs: [
      (p: Program<Cpu>, { refs, object }): void => {
        steps.inc(p.cpu, refs);
        p.see(
          'first',
          Number(steps.decAndTest(p.cpu, refs)) + Number(free(p, steps, refs, object)),
        );
      },
      (p: Program<Cpu>, { refs, object }): void => {
        p.see('second', Number(free(p, steps, refs, object)));
      },
    ],
    after(world: World<Cpu>, { refs }) {
      const freed = Number(world.seen.first) + Number(world.seen.second);
      if (freed !== 1) throw new Error(`freed ${freed} times; once is right`);
      const left = refcountRead(world.cpus[0]!, refs);
      if (left !== 0) throw new Error(`${left} references left; all were dropped`);
    },
  });
}

/** Looks at the object, drops a reference, and frees the object if that was the last. */
function free(
  { cpu, memory }: Program<Cpu>,
  steps: RefcountSteps,
  refs: Ptr,
  object: Ptr,
): boolean {
  memory.read(object + Guarded.x);
  if (!steps.decAndTest(cpu, refs)) return false;
  memory.write(object + Guarded.x, 1);
  return true;
}

/** Whoever finds an object that is on its way out gets no reference. */
export function notFromZero(steps: RefcountSteps = REFCOUNT, busted?: BustedCount): Exploration {
  return exploration<Counted, Cpu>({
    ...text(busted, 'not-from-zero', 'a reference is taken while the last one is dropped'),
    description:
      'One drops the last reference and frees; the other asks for one, and if it gets it, uses the object and drops it. Freed once, and not while it is used.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => counted(world, 1),
    programs: [
      (p: Program<Cpu>, { refs, object }): void => {
        p.see('freed', free(p, steps, refs, object));
      },
      (p: Program<Cpu>, { refs, object }): void => {
        const got = steps.incNotZero(p.cpu, refs);
        p.see('got', got);
        p.see('freedLate', got && free(p, steps, refs, object));
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

/** The owner of the only reference turns it in; a second reference taken meanwhile keeps the object. */
export function ifOne(steps: RefcountSteps = REFCOUNT, busted?: BustedCount): Exploration {
  return exploration<Counted, Cpu>({
    ...text(busted, 'if-one', 'the last reference is dropped if it is the last'),
    description:
      'One drops its reference if it is the only one, and frees; another asks for a reference meanwhile. Never both.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => counted(world, 1),
    programs: [
      (p: Program<Cpu>, { refs }): void => p.see('freed', steps.decIfOne(p.cpu, refs)),
      (p: Program<Cpu>, { refs }): void => p.see('got', steps.incNotZero(p.cpu, refs)),
    ],
    allowed: [
      { freed: true, got: false },
      { freed: false, got: true },
    ],
  });
}

/** An object on a list: found under the lock, taken off by whoever drops the last reference. */
export function decAndLock(steps: RefcountSteps = REFCOUNT, busted?: BustedCount): Exploration {
  return exploration<Counted, Cpu>({
    ...text(busted, 'dec-and-lock', 'the last reference is dropped under the lock of the list'),
    description:
      'Two drop their references, and who drops the last takes the object off the list under its lock. Another looks at the list under the lock and takes a reference to what it finds there, never to an object that has none, and uses it before it is freed.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    limits: { preemptions: 3 },
    setup: (world: World<Cpu>) => counted(world, 1),
    programs: [
      ({ cpu }: Program<Cpu>, state): void => put(cpu, steps, state),
      ({ cpu }: Program<Cpu>, state): void => {
        ttas.lock(cpu, state.lock);
        const there = cpu.memory.read(state.object + Guarded.y) === 1;
        if (there && !steps.incNotZero(cpu, state.refs))
          throw new Error('an object without references is on the list');
        ttas.unlock(cpu, state.lock);
        if (!there) return;
        cpu.memory.read(state.object + Guarded.x);
        put(cpu, steps, state);
      },
    ],
    after({ memory, cpus }: World<Cpu>, { refs, object }) {
      if (memory.read(object + Guarded.y) !== 0 || refcountRead(cpus[0]!, refs) !== 0)
        throw new Error('nobody freed it');
    },
  });
}

function put(cpu: Cpu, steps: RefcountSteps, { refs, object, lock }: Counted): void {
  if (!steps.decAndLock(cpu, refs, lock)) return;
  cpu.memory.write(object + Guarded.y, 0);
  ttas.unlock(cpu, lock);
  cpu.memory.write(object + Guarded.x, 1);
}

/** Two take one reference too many: whatever they drop afterwards, nobody frees. */
export function saturates(steps: RefcountSteps = REFCOUNT, busted?: BustedCount): Exploration {
  return exploration<Counted, Cpu>({
    ...text(busted, 'saturates', 'a count that passes the middle is never 0 again'),
    description:
      'One takes two references more than there are and drops one, while another drops one. The count is stuck: nobody is told to free.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup(world: World<Cpu>) {
      const state = counted(world, REFCOUNT_MAX);
      // What is warned of is printed once: here, or the kernel log would be what is interleaved.
      refcountInc(world.cpus[0]!, state.refs);
      refcountDecAndTest(world.cpus[0]!, state.refs);
      refcountSet(world.cpus[0]!, state.refs, REFCOUNT_MAX);
      return state;
    },
    programs: [
      (p: Program<Cpu>, { refs }): void => {
        steps.inc(p.cpu, refs);
        steps.inc(p.cpu, refs);
        p.see('freed0', steps.decAndTest(p.cpu, refs));
      },
      (p: Program<Cpu>, { refs }): void => p.see('freed1', steps.decAndTest(p.cpu, refs)),
    ],
    allowed: [{ freed0: false, freed1: false }],
    after({ cpus }: World<Cpu>, { refs }) {
      const count = refcountRead(cpus[0]!, refs);
      const stuck = REFCOUNT_SATURATED | 0;
      if (Math.abs(count - stuck) > 4)
        throw new Error(`the count is ${count}; a saturated one is near ${stuck}`);
    },
  });
}

const returned = ({ pending, result }: Operation, value: boolean): boolean =>
  pending || result === value;

/** A count is a number: taking, trying to take, dropping and turning in, one after the other. */
const countSpec: SequentialSpec<number> = sequentialSpec<number>({
  name: 'refcount',
  initial: 1,
  key: String,
  steps: {
    incNotZero: (refs, _args, op) =>
      returned(op, refs !== 0) ? (refs === 0 ? 0 : refs + 1) : undefined,
    decAndTest: (refs, _args, op) => (returned(op, refs === 1) ? refs - 1 : undefined),
    decIfOne: (refs, _args, op) => (returned(op, refs === 1) ? (refs === 1 ? 0 : refs) : undefined),
  },
});

export function linearizable(steps: RefcountSteps = REFCOUNT, busted?: BustedCount): Exploration {
  const take = (p: Program<Cpu>, refs: Ptr): boolean =>
    p.call('incNotZero', [], () => steps.incNotZero(p.cpu, refs));
  const drop = (p: Program<Cpu>, refs: Ptr): boolean =>
    p.call('decAndTest', [], () => steps.decAndTest(p.cpu, refs));
  const takeAndDrop = (p: Program<Cpu>, { refs }: Counted): void => {
    if (take(p, refs)) drop(p, refs);
  };
  return exploration<Counted, Cpu>({
    ...text(busted, 'linearizable', 'as a number that changes at one moment each'),
    description:
      'Three take, drop and turn in references. What they are told is what some order of the operations, one after the other, would tell them.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => counted(world, 1),
    programs: [
      takeAndDrop,
      takeAndDrop,
      (p: Program<Cpu>, { refs }): void =>
        void p.call('decIfOne', [], () => steps.decIfOne(p.cpu, refs)),
    ],
    sequential: countSpec,
  });
}

export const refcountExplorations: readonly Exploration[] = [
  freedOnce(),
  notFromZero(),
  ifOne(),
  decAndLock(),
  saturates(),
  linearizable(),
];
