/** Wait queues: the condition and the wake-up may cross in any way, and nobody sleeps for ever. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import {
  initWaitQueue,
  WaitQueue,
  waitQueueActive,
  wakeUp,
  wakeUpAll,
} from '../../sleeping/wait-queue.ts';
import { waitEvent, waitEventExclusive, waitEventTimeout } from '../../sleeping/wait-event.ts';
import { Guarded } from '../guarded.ts';
import { sleepingState } from './sleeping.ts';
import type { SleepingState } from './sleeping.ts';

const setup = (world: World<Cpu>): SleepingState => sleepingState(world, WaitQueue, initWaitQueue);

/** The condition: an atomic word, as in all code that waits without a lock. */
const isSet = (cpu: Cpu, data: Ptr) => (): boolean => cpu.memory.load(data + Guarded.x) !== 0;

/** A token that one task only can have. */
const takeToken = (cpu: Cpu, data: Ptr) => (): boolean =>
  cpu.memory.compareExchange(data + Guarded.x, 1, 0) === 1;

const waits = ({ cpu }: Program<Cpu>, { at, data }: SleepingState): Sleeps<void> =>
  waitEvent(cpu, at, isSet(cpu, data));

const waitsForToken = ({ cpu }: Program<Cpu>, { at, data }: SleepingState): Sleeps<void> =>
  waitEventExclusive(cpu, at, takeToken(cpu, data));

function expectEmpty({ cpus }: World<Cpu>, { at }: SleepingState): void {
  if (waitQueueActive(cpus[0]!, at)) throw new Error('somebody is still on the wait queue');
}

export const waitQueueExplorations: readonly Exploration[] = [
  exploration<SleepingState, Cpu>({
    name: 'wait-queue-wakes-its-waiter',
    title: 'wait queue: the condition comes true while a task goes to sleep',
    description: 'Whether it sees the condition, the wake-up or both, it goes on.',
    on: 'machine',
    limits: { preemptions: 3 },
    setup,
    programs: [
      ({ cpu }: Program<Cpu>, { at, data }): void => {
        cpu.memory.store(data + Guarded.x, 1);
        wakeUp(cpu, at);
      },
      waits,
    ],
    after: expectEmpty,
  }),
  exploration<SleepingState, Cpu>({
    name: 'wait-queue-wakes-all',
    title: 'wait queue: one wakeUp ends all sleeps that are not exclusive (1 preemption)',
    description: 'Two tasks wait for the same condition; wakeUpAll is told of the same once more.',
    on: 'machine',
    limits: { preemptions: 1 },
    setup,
    programs: [
      ({ cpu }: Program<Cpu>, { at, data }): void => {
        cpu.memory.store(data + Guarded.x, 1);
        wakeUp(cpu, at);
        wakeUpAll(cpu, at);
      },
      waits,
      waits,
    ],
    after: expectEmpty,
  }),
  exploration<SleepingState, Cpu>({
    name: 'wait-queue-exclusive',
    title: 'wait queue: a token that one of two can have, handed on (1 preemption)',
    description:
      'Exclusive waiters are woken one at a time. Who has had the token gives it back and wakes the next: nobody is left asleep.',
    on: 'machine',
    limits: { preemptions: 1 },
    setup(world: World<Cpu>) {
      const state = setup(world);
      world.memory.store(state.data + Guarded.x, 1);
      return state;
    },
    cpus: 3,
    *program(p: Program<Cpu>, state): Sleeps<void> {
      const { cpu } = p;
      yield* waitsForToken(p, state);
      cpu.memory.write(state.data + Guarded.y, cpu.memory.read(state.data + Guarded.y) + 1);
      cpu.memory.store(state.data + Guarded.x, 1);
      wakeUp(cpu, state.at);
    },
    after(world: World<Cpu>, state) {
      expectEmpty(world, state);
      const turns = world.memory.read(state.data + Guarded.y);
      if (turns !== 3) throw new Error(`the token was had ${turns} times by three tasks`);
    },
  }),
  exploration<SleepingState, Cpu>({
    name: 'wait-queue-timeout',
    title: 'wait queue: the condition comes true as time runs out (no preemption but that)',
    description: 'A wait that answers 0 found the condition false when time was up, and has left.',
    on: 'machine',
    timeouts: true,
    limits: { preemptions: 0 },
    setup,
    programs: [
      ({ cpu }: Program<Cpu>, { at, data }): void => {
        cpu.memory.store(data + Guarded.x, 1);
        wakeUp(cpu, at);
      },
      function* (p: Program<Cpu>, { at, data }): Sleeps<void> {
        p.see('in-time', (yield* waitEventTimeout(p.cpu, at, isSet(p.cpu, data), 1000)) > 0);
      },
    ],
    after: expectEmpty,
    allowed: [{ 'in-time': true }, { 'in-time': false }],
  }),
];
