/**
 * What the debug mode has written down: true at any moment, whoever comes in between, and gone when all is over. It is what
 * reports are made of, and decides which release is a mistake.
 */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import {
  currentTask,
  FIRST_FREE_VECTOR,
  lockHolders,
  readHeldLocks,
  schedule,
} from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { mutexInit, Mutex, mutexLock, mutexTrylock, mutexUnlock } from '../../sleeping/mutex.ts';
import type { SpinLockType } from '../../spin/spin-lock-type.ts';
import { mcs } from '../../spin/mcs-lock.ts';
import { ticket } from '../../spin/ticket-lock.ts';
import { allocLock } from '../guarded.ts';
import { sleepingState } from '../sleeping/sleeping.ts';
import { PURE_SPINNING } from '../waiting.ts';

export interface Locked {
  readonly at: Ptr;
}

/** Under the lock: this CPU's running task has it, and nobody else. */
function expectHolder(cpu: Cpu, at: Ptr): void {
  const holders = lockHolders(cpu.memory, cpu.machine, at);
  const [holder] = holders;
  if (holders.length !== 1 || holder!.cpu !== cpu.id || holder!.task !== currentTask(cpu))
    throw new Error(`written down are ${holders.length} holders; this CPU's task alone is right`);
}

/** For `after`: nothing is left. */
function expectNothingHeld({ cpus, memory }: World<Cpu>): void {
  for (const cpu of cpus) {
    const left = readHeldLocks(memory, cpu.machine, cpu.id).length;
    if (left > 0) throw new Error(`CPU ${cpu.id} is left with ${left} entries; all was released`);
  }
}

/** Two CPUs take the lock. */
export function spinHolders(
  type: SpinLockType,
  busted?: { readonly wrong: string; readonly mustFind: MustFind },
): Exploration {
  return exploration<Locked, Cpu>({
    name: busted === undefined ? `debug-${type.name}-holders` : type.name,
    title:
      busted === undefined
        ? `debug mode: holders of a ${type.name}`
        : `busted twin: ${busted.wrong}`,
    description:
      'Who is under the lock finds itself, and nobody else, written down as its holder; in the end nothing is.',
    ...(busted === undefined ? {} : { mustFind: busted.mustFind }),
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => ({ at: allocLock(world, type) }),
    cpus: 2,
    program: ({ cpu }: Program<Cpu>, { at }) => holdOnce(type, cpu, at),
    after: expectNothingHeld,
  });
}

function holdOnce(type: SpinLockType, cpu: Cpu, at: Ptr): void {
  type.lock(cpu, at);
  expectHolder(cpu, at);
  type.unlock(cpu, at);
}

/** An interrupt takes another lock, at any moment. */
const interruptedHolder: Exploration = exploration<Locked & { readonly other: Ptr }, Cpu>({
  name: 'debug-interrupted-holder',
  title: 'debug mode: the holder of a spin lock is interrupted, and the handler takes another one',
  description:
    'The handler adds an entry and takes it away, between any two accesses of the task that takes and releases a lock.',
  on: 'machine',
  cpus: 1,
  setup(world: World<Cpu>) {
    const state = { at: allocLock(world, ticket), other: allocLock(world, mcs) };
    world.cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) => holdOnce(mcs, cpu, state.other));
    return state;
  },
  program({ cpu }: Program<Cpu>, { at }) {
    cpu.raise(0, FIRST_FREE_VECTOR);
    holdOnce(ticket, cpu, at);
  },
  after: expectNothingHeld,
});

export type TakeMutex = (cpu: Cpu, at: Ptr) => Sleeps<boolean>;

/** Tasks that hold and await a mutex, sleep with it, and try it. */
export function mutexHolders(
  take: TakeMutex,
  busted?: { name: string; wrong: string; mustFind: MustFind },
): Exploration {
  return exploration<Locked, Cpu>({
    name: busted?.name ?? 'debug-mutex-holders',
    title:
      busted === undefined
        ? 'debug mode: holders of a mutex, which sleep with it'
        : `busted twin: ${busted.wrong}`,
    description:
      'Tasks take a mutex, give the CPU up under it, try it. Each finds itself, and nobody else, as its holder; in the end nothing is written down.',
    ...(busted === undefined ? {} : { mustFind: busted.mustFind }),
    on: 'machine',
    limits: { preemptions: 2 },
    setup: (world: World<Cpu>) => sleepingState(world, Mutex, mutexInit),
    programs: [
      function* ({ cpu }: Program<Cpu>, { at }): Sleeps<void> {
        if (!(yield* take(cpu, at))) return;
        expectHolder(cpu, at);
        yield* schedule(cpu);
        expectHolder(cpu, at);
        mutexUnlock(cpu, at);
      },
      function* ({ cpu }: Program<Cpu>, { at }): Sleeps<void> {
        if (mutexTrylock(cpu, at)) {
          expectHolder(cpu, at);
          mutexUnlock(cpu, at);
        }
        if (!(yield* take(cpu, at))) return;
        expectHolder(cpu, at);
        mutexUnlock(cpu, at);
      },
    ],
    after: expectNothingHeld,
  });
}

export const heldTableExplorations: readonly Exploration[] = [
  spinHolders(ticket),
  spinHolders(mcs),
  interruptedHolder,
  mutexHolders(function* (cpu, at) {
    yield* mutexLock(cpu, at);
    return true;
  }),
];
