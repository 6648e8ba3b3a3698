/** ww_mutexes: contexts that want the same locks in opposite order all get them. */
import { exploration } from '@percpu/experiment';
import type { Exploration, ExplorationDefinition, Program } from '@percpu/experiment';
import { Errno } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import {
  wwAcquireDone,
  wwAcquireFini,
  wwAcquireInit,
  wwClassInit,
  WwClass,
  wwMutexLock,
  wwMutexLockSlow,
  wwMutexTrylock,
  wwMutexUnlock,
} from '../../sleeping/ww-mutex/index.ts';
import type { WwPolicy } from '../../sleeping/ww-mutex/index.ts';
import { PURE_SPINNING } from '../waiting.ts';
import { expectOver, setup, takesBoth, takesOne, wwMutex } from './stories.ts';
import type { WwState } from './stories.ts';

type Told = Omit<ExplorationDefinition<WwState, Cpu>, 'on' | 'setup'>;

const ww = (policy: WwPolicy, told: Told): Exploration =>
  exploration<WwState, Cpu>({
    parameters: PURE_SPINNING.parameters,
    ...told,
    on: 'machine',
    setup: setup(policy),
  });

const POLICIES: readonly WwPolicy[] = ['wound-wait', 'wait-die'];

const crosswise: readonly Exploration[] = POLICIES.flatMap((policy) => [
  ww(policy, {
    name: `ww-mutex-crosswise-${policy}`,
    title: `ww_mutex, ${policy}: two contexts take two locks in opposite order (1 preemption)`,
    description: 'They back off as often as they must; none waits for ever, and both finish.',
    limits: { preemptions: 1 },
    programs: [takesBoth(wwMutex, 0), takesBoth(wwMutex, 1)],
    after: (world, state) => expectOver(world, state, [2, 2]),
  }),
  ww(policy, {
    name: `ww-mutex-three-contexts-${policy}`,
    title: `ww_mutex, ${policy}: three contexts and two locks (no preemption)`,
    description: 'As with two; whoever is refused may be refused again, by somebody else.',
    limits: { preemptions: 0 },
    programs: [takesBoth(wwMutex, 0), takesBoth(wwMutex, 1), takesBoth(wwMutex, 0)],
    after: (world, state) => expectOver(world, state, [3, 3]),
  }),
  ww(policy, {
    name: `ww-mutex-without-context-${policy}`,
    title: `ww_mutex, ${policy}: a task without a context among those with one (no preemption)`,
    description: 'It waits as for a plain mutex and is never refused.',
    limits: { preemptions: 0 },
    programs: [takesBoth(wwMutex, 0), takesOne(wwMutex, 1, false), takesOne(wwMutex, 1, true)],
    after: (world, state) => expectOver(world, state, [1, 3]),
  }),
]);

/** Mistakes of callers, found in every schedule. */
const misused = (
  name: string,
  wrong: string,
  does: (p: Program<Cpu>, state: WwState) => Sleeps<void>,
  message: RegExp,
): Exploration =>
  ww('wound-wait', {
    name: `ww-mutex-${name}`,
    title: `busted twin: ww-mutex-${name}`,
    description: wrong,
    programs: [does, takesOne(wwMutex, 0, true)],
    mustFind: { kind: 'oops', message },
  });

const begin = ({ cpu, id }: Program<Cpu>, { contexts, wwClass }: WwState): number => {
  wwAcquireInit(cpu, contexts[id]!, wwClass);
  return contexts[id]!;
};

export const wwMutexMisuse: readonly Exploration[] = [
  misused(
    'taken-after-done',
    'Another lock after wwAcquireDone.',
    function* (p, state) {
      const ctx = begin(p, state);
      wwAcquireDone(p.cpu, ctx);
      yield* wwMutexLock(p.cpu, state.locks[1]!, ctx);
    },
    /taken after ww_acquire_done/,
  ),
  misused(
    'ends-with-locks',
    'wwAcquireFini before all locks are given back.',
    function* (p, state) {
      const ctx = begin(p, state);
      yield* wwMutexLock(p.cpu, state.locks[1]!, ctx);
      wwAcquireFini(p.cpu, ctx);
    },
    /ww_acquire_fini with 1 ww_mutexes still held/,
  ),
  misused(
    'of-another-class',
    'A context of one class takes a lock of another.',
    function* (p, state) {
      const other = state.wwClass + WwClass.size;
      wwClassInit(p.cpu, other, 'wound-wait');
      wwAcquireInit(p.cpu, state.contexts[p.id]!, other);
      yield* wwMutexLock(p.cpu, state.locks[1]!, state.contexts[p.id]!);
    },
    /the context is of a different class/,
  ),
  misused(
    'slow-without-refusal',
    'The slow form without having been refused.',
    function* (p, state) {
      yield* wwMutexLockSlow(p.cpu, state.locks[1]!, begin(p, state));
    },
    /ww_mutex_lock_slow without -EDEADLK/,
  ),
];

export const wwMutexExplorations: readonly Exploration[] = [
  ...crosswise,
  ww('wound-wait', {
    name: 'ww-mutex-already',
    title: 'ww_mutex: a lock that the context has',
    description: 'Is told -EALREADY, wherever the others are; once given back it is gone.',
    limits: { preemptions: 2 },
    programs: [
      function* (p: Program<Cpu>, state): Sleeps<void> {
        const ctx = begin(p, state);
        yield* wwMutexLock(p.cpu, state.locks[0]!, ctx);
        p.see('again', yield* wwMutexLock(p.cpu, state.locks[0]!, ctx));
        wwMutexUnlock(p.cpu, state.locks[0]!);
        wwAcquireFini(p.cpu, ctx);
      },
      takesOne(wwMutex, 0, true),
    ],
    after: (world, state) => expectOver(world, state, [1, 0]),
    allowed: [{ again: Errno.EALREADY }],
  }),
  ww('wound-wait', {
    name: 'ww-mutex-trylock',
    title: 'ww_mutex: trylock with a context against lock (2 preemptions)',
    description:
      'An attempt that fails has changed nothing, one that succeeds counts for the context.',
    limits: { preemptions: 2 },
    programs: [
      takesOne(wwMutex, 0, true),
      (p: Program<Cpu>, state): void => {
        const ctx = begin(p, state);
        const taken = wwMutexTrylock(p.cpu, state.locks[0]!, ctx);
        p.see('taken', taken);
        if (taken) wwMutexUnlock(p.cpu, state.locks[0]!);
        wwAcquireFini(p.cpu, ctx);
      },
    ],
    after: (world, state) => expectOver(world, state, [1, 0]),
    allowed: [{ taken: false }, { taken: true }],
  }),
];
