/** The mutex: tasks that sleep for a lock, on their own CPU and on others. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import { Mutex, mutexInit, mutexIsLocked, mutexLock, mutexTrylock, mutexUnlock } from '../mutex.ts';
import { expectIncrements, Guarded, increment } from './guarded.ts';
import { sleepingState } from './sleeping.ts';
import type { SleepingState } from './sleeping.ts';

const setup = (world: World<Cpu>): SleepingState => sleepingState(world, Mutex, mutexInit);

function* lockOnce({ cpu }: Program<Cpu>, { at, data }: SleepingState): Sleeps<void> {
  yield* mutexLock(cpu, at);
  increment(cpu, data);
  mutexUnlock(cpu, at);
}

function expectUnlocked({ cpus }: World<Cpu>, { at }: SleepingState): void {
  if (mutexIsLocked(cpus[0]!, at)) throw new Error('the mutex is held, but by nobody');
}

const excludes = (cpus: number, preemptions: number): Exploration =>
  exploration<SleepingState, Cpu>({
    name: `mutex-excludes-${cpus}`,
    title: `mutex: tasks of ${cpus} CPUs exclude each other (${preemptions} preemptions)`,
    description:
      'Each task increments a plain word under the mutex. Two inside are a race, a sleeper that nobody wakes is a lost wake-up.',
    on: 'machine',
    cpus,
    limits: { preemptions },
    setup,
    program: lockOnce,
    after(world: World<Cpu>, state) {
      expectIncrements(world, state.data, cpus);
      expectUnlocked(world, state);
    },
  });

export const mutexExplorations: readonly Exploration[] = [
  excludes(2, 2),
  excludes(3, 1),
  exploration<SleepingState, Cpu>({
    name: 'mutex-trylock',
    title: 'mutex: trylock against lock (2 preemptions)',
    description: 'An attempt that fails has changed nothing, one that succeeds excludes.',
    on: 'machine',
    limits: { preemptions: 2 },
    setup,
    programs: [
      lockOnce,
      (p: Program<Cpu>, { at, data }): void => {
        const taken = mutexTrylock(p.cpu, at);
        p.see('taken', taken);
        if (!taken) return;
        increment(p.cpu, data);
        mutexUnlock(p.cpu, at);
      },
    ],
    after(world: World<Cpu>, state) {
      expectIncrements(world, state.data, 1 + Number(world.seen.taken));
      expectUnlocked(world, state);
    },
    allowed: [{ taken: false }, { taken: true }],
  }),
  exploration<SleepingState, Cpu>({
    name: 'mutex-hand-over',
    title: 'mutex: hand-over publishes the data (2 preemptions)',
    description:
      'One task writes two plain words under the mutex, another reads them: both or neither are new.',
    on: 'machine',
    limits: { preemptions: 2 },
    setup,
    programs: [
      function* ({ cpu }: Program<Cpu>, { at, data }): Sleeps<void> {
        yield* mutexLock(cpu, at);
        cpu.memory.write(data + Guarded.x, 1);
        cpu.memory.write(data + Guarded.y, 1);
        mutexUnlock(cpu, at);
      },
      function* (p: Program<Cpu>, { at, data }): Sleeps<void> {
        yield* mutexLock(p.cpu, at);
        p.see('x', p.cpu.memory.read(data + Guarded.x));
        p.see('y', p.cpu.memory.read(data + Guarded.y));
        mutexUnlock(p.cpu, at);
      },
    ],
    allowed: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  }),
];
