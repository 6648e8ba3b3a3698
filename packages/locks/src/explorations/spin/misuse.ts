/** What a lock makes of callers that do not hold it, or hold it already: on checked memory a BUG, in every schedule. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { mcs } from '../../spin/mcs-lock.ts';
import type { SpinLockType } from '../../spin/spin-lock-type.ts';
import { tas } from '../../spin/tas-lock.ts';
import { ticket } from '../../spin/ticket-lock.ts';
import { ttas } from '../../spin/ttas-lock.ts';
import { increment, lockAndData } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
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
    message: /lock already unlocked|lock released by the wrong CPU/,
  },
  {
    name: 'locked-twice',
    title: 'locked twice',
    does(type, cpu, at) {
      type.lock(cpu, at);
      type.lock(cpu, at);
    },
    message: /lock recursion/,
  },
];

export const misuseExplorations: readonly Exploration[] = [tas, ttas, ticket, mcs].flatMap((type) =>
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
