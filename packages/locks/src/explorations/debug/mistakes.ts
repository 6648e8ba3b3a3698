/** Mistakes that the debug mode must call by their names, whatever else happens meanwhile. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR, schedule } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { debugCheckNoLocksFreed } from '../../debug/index.ts';
import { Mutex, mutexDestroy, mutexInit, mutexLock, mutexUnlock } from '../../sleeping/mutex.ts';
import type { Ptr } from '@percpu/memory';
import { ticket } from '../../spin/ticket-lock.ts';
import { allocLock, increment } from '../guarded.ts';
import { sleepingState } from '../sleeping/sleeping.ts';
import type { SleepingState } from '../sleeping/sleeping.ts';

interface Mistake {
  readonly name: string;
  readonly title: string;
  readonly message: RegExp;
  /** A task on CPU 0; on CPU 1 another takes the mutex and releases it. */
  readonly does: (p: Program<Cpu>, state: SleepingState & { readonly spin: Ptr }) => Sleeps<void>;
}

const MISTAKES: readonly Mistake[] = [
  {
    name: 'debug-ends-with-a-mutex',
    title: 'a task that ends and keeps a mutex',
    message: /BUG: .* still has locks held! 1: mutex/,
    *does({ cpu }, { at }) {
      yield* mutexLock(cpu, at);
    },
  },
  {
    name: 'debug-ends-with-a-spin-lock',
    title: 'a task that ends and keeps a spin lock',
    message: /BUG: .* still has locks held! 1: ticket/,

    *does({ cpu }, { spin }) {
      ticket.lock(cpu, spin);
    },
  },
  {
    name: 'debug-sleeps-with-a-spin-lock',
    title: 'a task that gives the CPU up with a spin lock',
    message: /BUG: scheduling while atomic: .*, holds ticket/,
    *does({ cpu }, { spin }) {
      ticket.lock(cpu, spin);
      yield* schedule(cpu);
      ticket.unlock(cpu, spin);
    },
  },
  {
    name: 'debug-takes-a-mutex-with-a-spin-lock',
    title: 'a mutex is taken, free or not, under a spin lock',
    message: /BUG: sleeping function called from invalid context: .*, holds ticket/,
    *does({ cpu }, { at, spin }) {
      ticket.lock(cpu, spin);
      yield* mutexLock(cpu, at);
      mutexUnlock(cpu, at);
      ticket.unlock(cpu, spin);
    },
  },
  {
    name: 'debug-frees-a-mutex',
    title: 'memory with a mutex in it is freed while another task may have it',
    message: /BUG: held lock freed! .* mutex/,

    *does({ cpu }, { at }) {
      // What a free would touch: the look alone is no access that others notice.
      cpu.memory.load(at);
      debugCheckNoLocksFreed(cpu, at, Mutex.size);
    },
  },
  {
    name: 'debug-destroys-a-mutex',
    title: 'a mutex is destroyed while another task may want it',
    message: /BUG: mutex (destroyed while held|bad magic)/,

    *does({ cpu }, { at }) {
      mutexDestroy(cpu, at);
    },
  },
  {
    name: 'debug-initialises-a-mutex-again',
    title: 'a mutex is initialised while another task may have it',
    message: /BUG: held lock freed! .* initialises .* mutex/,

    *does({ cpu }, { at }) {
      mutexInit(cpu, at);
    },
  },
];

export const mistakeExplorations: readonly Exploration[] = [
  ...MISTAKES.map(({ name, title, message, does }) =>
    exploration<SleepingState & { readonly spin: Ptr }, Cpu>({
      name,
      title: `busted twin: ${title}`,
      description: 'Another task takes and releases the mutex meanwhile.',
      on: 'machine',
      limits: { preemptions: 2 },
      setup: (world: World<Cpu>) => ({
        ...sleepingState(world, Mutex, mutexInit),
        spin: allocLock(world, ticket),
      }),
      programs: [
        does,
        function* ({ cpu }: Program<Cpu>, { at, data }): Sleeps<void> {
          yield* mutexLock(cpu, at);
          increment(cpu, data);
          mutexUnlock(cpu, at);
        },
      ],
      mustFind: { kind: 'oops', message },
    }),
  ),
  exploration<{ readonly lock: Ptr }, Cpu>({
    name: 'debug-interrupt-releases',
    title: 'busted twin: an interrupt handler releases what the task it interrupted holds',
    description:
      'The lock is this CPU’s, and its task is the running one; but the handler does not hold it.',
    on: 'machine',
    cpus: 1,
    setup(world: World<Cpu>) {
      const state = { lock: allocLock(world, ticket) };
      world.cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) => {
        if (ticket.isLocked(cpu, state.lock)) ticket.unlock(cpu, state.lock);
      });
      return state;
    },
    program({ cpu }: Program<Cpu>, { lock }) {
      cpu.raise(0, FIRST_FREE_VECTOR);
      ticket.lock(cpu, lock);
      ticket.unlock(cpu, lock);
    },
    mustFind: { kind: 'oops', message: /BUG: spinlock wrong context/ },
  }),
];
