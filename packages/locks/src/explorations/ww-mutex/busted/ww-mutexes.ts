/** ww_mutexes with one rule left out or wrong, and callers that back off in a wrong way. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind } from '@percpu/experiment';
import { TASK_NORMAL, wakeUpState } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { initContext } from '../../../sleeping/ww-mutex/context.ts';
import { WwAcquireCtx, WwClass } from '../../../sleeping/ww-mutex/layout.ts';
import type { WwPolicy } from '../../../sleeping/ww-mutex/index.ts';
import { PURE_SPINNING } from '../../waiting.ts';
import { but, expectOver, setup, takesBoth, wwMutex } from '../stories.ts';
import type { WwLock, WwState } from '../stories.ts';

function twin(
  name: string,
  wrong: string,
  policy: WwPolicy,
  lock: WwLock,
  mustFind: MustFind,
  most?: number,
): Exploration {
  return exploration<WwState, Cpu>({
    name: `ww-mutex-${name}`,
    title: `busted twin: ww-mutex-${name}`,
    description: wrong,
    on: 'machine',
    parameters: PURE_SPINNING.parameters,
    limits: { preemptions: 2 },
    setup: setup(policy),
    programs: [takesBoth(lock, 0, most), takesBoth(lock, 1, most)],
    after: (world, state) => expectOver(world, state, [2, 2]),
    mustFind,
  });
}

const asleep: MustFind = { kind: 'deadlock' };
const refused: MustFind = { kind: 'oops', message: /refused again/ };

export const bustedWwMutexes: readonly Exploration[] = [
  twin(
    'wounds-silently',
    'The wound is noted, but who is wounded sleeps on.',
    'wound-wait',
    but({ wound: ({ memory }, ctx) => memory.store(ctx + WwAcquireCtx.wounded, 1) }),
    asleep,
  ),
  twin(
    'wakes-unwounded',
    'Who is wounded is woken, finds no wound, and sleeps on.',
    'wound-wait',
    but({ wound: (cpu, _ctx, owner) => void wakeUpState(cpu, owner, TASK_NORMAL) }),
    asleep,
  ),
  twin(
    'younger-waits',
    'A younger context waits for an older one, which waits for it.',
    'wait-die',
    but({ kill: () => 0 }),
    asleep,
  ),
  twin(
    'does-not-look-for-waiters',
    'Takes a free lock without looking who came before it had said whose the lock is: nobody wounds it.',
    'wound-wait',
    but({ mayHaveWaiters: () => false }),
    asleep,
  ),
  twin(
    'stamps-in-two-steps',
    'Two contexts draw the same stamp: none is older, and each waits for the other.',
    'wound-wait',
    {
      ...but({}),
      begin(cpu, ctx, wwClass): void {
        const stamp = cpu.memory.load64(wwClass + WwClass.stamp) + 1;
        cpu.memory.store64(wwClass + WwClass.stamp, stamp);
        initContext(cpu, ctx, wwClass, stamp);
      },
    },
    asleep,
  ),
  twin(
    'does-not-heal',
    'A wound stays when all has been given back: whoever has to wait is refused again, for no reason.',
    'wound-wait',
    but({ heal: () => {} }),
    refused,
    1,
  ),
  twin(
    'backs-off-once',
    'One back-off has to be enough: under wait-die the older context may still have the other lock.',
    'wait-die',
    wwMutex,
    refused,
    1,
  ),
];
