/** What a lock makes of callers that do not hold it, or hold it already: on checked memory a BUG, in every schedule. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { SpinLockType } from '../../spin/spin-lock-type.ts';
import { increment, lockAndData } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
import { SPIN_LOCKS } from './types.ts';
import { PURE_SPINNING } from '../waiting.ts';

interface Misuse {
  readonly name: string;
  readonly title: string;
  readonly does: (type: SpinLockType, cpu: Cpu, at: number) => void;
  readonly message: RegExp;
}

const MISUSES: readonly Misuse[] = [
  {
    name: 'unlocked-twice',
    title: 'unlocked twice',
    does(type, cpu, at) {
      type.lock(cpu, at);
      type.unlock(cpu, at);
      type.unlock(cpu, at);
    },
    // The other CPU may have taken it by then.
    message: /BUG: spinlock (already unlocked|wrong CPU)/,
  },
  {
    name: 'locked-twice',
    title: 'locked twice',
    does(type, cpu, at) {
      type.lock(cpu, at);
      type.lock(cpu, at);
    },
    message: /BUG: spinlock recursion/,
  },
];

export const misuseExplorations: readonly Exploration[] = SPIN_LOCKS.flatMap((type) =>
  MISUSES.map(({ name, title, does, message }) =>
    exploration<LockAndData, Cpu>({
      name: `${type.name}-${name}`,
      title: `busted twin: ${type.name}, ${title}`,
      description: `A CPU misuses the lock (${title}) while another takes it.`,
      on: 'cpu',
      parameters: PURE_SPINNING.parameters,
      setup: (world: World<Cpu>) => lockAndData(world, type),
      programs: [
        ({ cpu }: Program<Cpu>, { lock }): void => does(type, cpu, lock),
        ({ cpu }: Program<Cpu>, { lock, data }): void => {
          type.lock(cpu, lock);
          increment(cpu, data);
          type.unlock(cpu, lock);
        },
      ],
      mustFind: { kind: 'oops', message },
    }),
  ),
);
