/** CLH locks that are wrong, each in one way. */
import type { Exploration } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { CLH_STEPS, clhType } from '../../../spin/clh-lock.ts';
import type { ClhSteps } from '../../../spin/clh-lock.ts';
import { ClhNode, ClhSlot } from '../../../spin/clh-layout.ts';
import type { SpinLockType } from '../../../spin/spin-lock-type.ts';
import { mutualExclusion, takenTwice } from '../spin-locks.ts';
import { PURE_SPINNING, SLEEPS_AT_ONCE } from '../../waiting.ts';

function twin(name: string, wrong: Partial<ClhSteps>): SpinLockType {
  return clhType(name, { ...CLH_STEPS, ...wrong });
}

const reusesTooEarly = twin('clh-reuses-its-own-node', {
  recycle: (memory, slot) => memory.readOwn(slot + ClhSlot.node),
});

const freesPlainly = twin('clh-frees-with-a-plain-store', {
  free: ({ memory }: Cpu, node) => memory.write(node + ClhNode.busy, 0),
});

const forgetsToWake = twin('clh-forgets-to-wake', {
  free: ({ memory }: Cpu, node) => memory.store(node + ClhNode.busy, 0),
});

const wakesTooEarly = twin('clh-wakes-too-early', {
  free(cpu, node) {
    cpu.unpark(node + ClhNode.busy);
    cpu.memory.store(node + ClhNode.busy, 0);
  },
});

const lost = { kind: 'lost-wakeup', message: /busy/ } as const;

export const bustedClhLocks: readonly Exploration[] = [
  takenTwice(reusesTooEarly, {
    wrong:
      'Goes on with its own node, which is the tail or watched by the CPU behind: it queues behind itself, or makes that one wait on.',
    mustFind: { kind: 'deadlock', message: /busy/ },
  }),
  mutualExclusion(freesPlainly, {
    cpus: 2,
    waiting: PURE_SPINNING,
    busted: { wrong: 'A plain store of `busy`.', mustFind: { kind: 'race' } },
  }),
  mutualExclusion(forgetsToWake, {
    cpus: 2,
    waiting: SLEEPS_AT_ONCE,
    busted: { wrong: 'A waiter that sleeps is let in and not woken.', mustFind: lost },
  }),
  mutualExclusion(wakesTooEarly, {
    cpus: 2,
    waiting: SLEEPS_AT_ONCE,
    busted: {
      wrong: 'Looks for sleepers before it lets them in: one may fall asleep in between.',
      mustFind: lost,
    },
  }),
];
