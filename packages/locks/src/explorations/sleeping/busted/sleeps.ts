/** Sleeps with one step misplaced or left out, on the wait queue, whose own steps are right. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import { schedule, TaskState } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import {
  finishWait,
  initWait,
  initWaitExclusive,
  initWaitQueue,
  prepareToWait,
  WaitQueue,
  wakeUp,
} from '../../../sleeping/wait-queue.ts';
import { waitEvent } from '../../../sleeping/wait-event.ts';
import { Guarded } from '../../guarded.ts';
import { sleepingState } from '../sleeping.ts';
import type { SleepingState } from '../sleeping.ts';

type Code = (p: Program<Cpu>, state: SleepingState) => void | Sleeps<void>;

const isSet = ({ memory }: Cpu, { data }: SleepingState): boolean =>
  memory.load(data + Guarded.x) !== 0;

const makesItTrue: Code = ({ cpu }, { at, data }) => {
  cpu.memory.store(data + Guarded.x, 1);
  wakeUp(cpu, at);
};

const wakesTooEarly: Code = ({ cpu }, { at, data }) => {
  wakeUp(cpu, at);
  cpu.memory.store(data + Guarded.x, 1);
};

const forgetsToWake: Code = ({ cpu }, { data }) => cpu.memory.store(data + Guarded.x, 1);

const waits: Code = ({ cpu }, state) => waitEvent(cpu, state.at, () => isSet(cpu, state));

const looksTooEarly: Code = function* ({ cpu }, state): Sleeps<void> {
  const entry = initWait(cpu);
  while (!isSet(cpu, state)) {
    prepareToWait(cpu, state.at, entry, TaskState.uninterruptible);
    yield* schedule(cpu);
  }
  finishWait(cpu, state.at, entry);
};

const looksOnce: Code = function* ({ cpu }, state): Sleeps<void> {
  const entry = initWaitExclusive(cpu);
  prepareToWait(cpu, state.at, entry, TaskState.uninterruptible);
  if (!isSet(cpu, state)) yield* schedule(cpu);
  finishWait(cpu, state.at, entry);
};

function twin(
  name: string,
  wrong: string,
  programs: readonly Code[],
  mustFind: MustFind,
): Exploration {
  return exploration<SleepingState, Cpu>({
    name,
    title: `busted twin: ${name}`,
    description: wrong,
    on: 'machine',
    limits: { preemptions: 2 },
    setup: (world: World<Cpu>) => sleepingState(world, WaitQueue, initWaitQueue),
    programs,
    mustFind,
  });
}

const asleep = { kind: 'deadlock', message: /idle/ } as const;

export const bustedSleeps: readonly Exploration[] = [
  twin(
    'wait-queue-looks-too-early',
    'Looks at the condition before it announces its sleep: the wake-up may come in between.',
    [makesItTrue, looksTooEarly],
    asleep,
  ),
  twin(
    'wait-queue-wakes-too-early',
    'Wakes before the condition is true: the sleeper finds it false and sleeps on.',
    [wakesTooEarly, waits],
    asleep,
  ),
  twin(
    'wait-queue-forgets-to-wake',
    'Nobody is woken: right for those that come late enough.',
    [forgetsToWake, waits],
    asleep,
  ),
  twin(
    'wait-queue-wakes-one-of-two',
    'Both wait exclusively for what both can have, and only one is woken; that one wakes nobody.',
    [makesItTrue, looksOnce, looksOnce],
    asleep,
  ),
];
