/** MCS locks with one step of the hand-over left out or misplaced. */
import type { Exploration } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { lockView, QueueNode } from '../../../lock-view.ts';
import { mcs, McsLock } from '../../../spin/mcs-lock.ts';
import { spinLockType } from '../../../spin/spin-lock-type.ts';
import type { SpinLockType } from '../../../spin/spin-lock-type.ts';
import { mutualExclusion, takenTwice } from '../spin-locks.ts';
import { PURE_SPINNING, SLEEPS_AT_ONCE } from '../../waiting.ts';

/** The steps of `mcs` that a twin may get wrong. Nothing nests here, so a CPU needs one node. */
interface Steps {
  /** Joins the queue behind the node `before`. */
  link(cpu: Cpu, before: Ptr, node: Ptr): void;
  /** The node behind ours, or 0: nobody is there, and the lock is free now. */
  findSuccessor(cpu: Cpu, at: Ptr, node: Ptr): Ptr;
  /** Ours is as it was before we came. */
  clean(cpu: Cpu, node: Ptr): void;
  /** Lets the CPU behind us in. */
  handOver(cpu: Cpu, behind: Ptr): void;
}

const right: Steps = {
  link({ memory }, before, node) {
    memory.store(node + QueueNode.waiting, 1);
    memory.store(before + QueueNode.next, node);
  },
  findSuccessor(cpu, at, node) {
    const { memory } = cpu;
    const behind = memory.load(node + QueueNode.next);
    if (behind !== 0) return behind;
    if (memory.compareExchange(at + McsLock.tail, node, 0) === node) return 0;
    return cpu.waitWhileEquals(node + QueueNode.next, 0);
  },
  clean: ({ memory }, node) => memory.store(node + QueueNode.next, 0),
  handOver(cpu, behind) {
    cpu.memory.store(behind + QueueNode.waiting, 0);
    cpu.unparkCpu(cpu.memory.read(behind + QueueNode.cpu), behind + QueueNode.waiting);
  },
};

function twin(name: string, wrong: Partial<Steps>): SpinLockType {
  const { link, findSuccessor, clean, handOver } = { ...right, ...wrong };
  return spinLockType({
    name,
    layout: McsLock,
    lock(cpu: Cpu, at: Ptr): void {
      const node = lockView(cpu).nodes;
      const before = cpu.memory.exchange(at + McsLock.tail, node);
      if (before === 0) return;
      link(cpu, before, node);
      cpu.unparkCpu(cpu.memory.read(before + QueueNode.cpu), before + QueueNode.next);
      cpu.waitWhileEquals(node + QueueNode.waiting, 1);
    },
    unlock(cpu: Cpu, at: Ptr): void {
      const node = lockView(cpu).nodes;
      const behind = findSuccessor(cpu, at, node);
      if (behind === 0) return;
      clean(cpu, node);
      handOver(cpu, behind);
    },
    trylock: mcs.trylock,
    isLocked: mcs.isLocked,
  });
}

const forgetsLateSuccessor = twin('mcs-forgets-late-successor', {
  findSuccessor({ memory }, at, node) {
    const behind = memory.load(node + QueueNode.next);
    if (behind === 0) memory.compareExchange(at + McsLock.tail, node, 0);
    return behind;
  },
});

const linksTooEarly = twin('mcs-links-too-early', {
  link({ memory }, before, node) {
    memory.store(before + QueueNode.next, node);
    memory.store(node + QueueNode.waiting, 1);
  },
});

const freesWithStore = twin('mcs-frees-with-a-store', {
  findSuccessor({ memory }, at, node) {
    const behind = memory.load(node + QueueNode.next);
    if (behind === 0) memory.store(at + McsLock.tail, 0);
    return behind;
  },
});

const leavesItsNodeDirty = twin('mcs-leaves-its-node-dirty', { clean() {} });

const forgetsToWake = twin('mcs-forgets-to-wake', {
  handOver: ({ memory }, behind) => memory.store(behind + QueueNode.waiting, 0),
});

const wakesTooEarly = twin('mcs-wakes-too-early', {
  handOver(cpu, behind) {
    cpu.unparkCpu(cpu.memory.read(behind + QueueNode.cpu), behind + QueueNode.waiting);
    cpu.memory.store(behind + QueueNode.waiting, 0);
  },
});

const handsOverPlainly = twin('mcs-hands-over-with-a-plain-store', {
  handOver: ({ memory }, behind) => memory.write(behind + QueueNode.waiting, 0),
});

export const bustedMcsLocks: readonly Exploration[] = [
  // The steps themselves are right: what the twins prove is not about the copy.
  mutualExclusion(twin('mcs-in-steps', {}), { cpus: 2, waiting: SLEEPS_AT_ONCE }),
  mutualExclusion(forgetsLateSuccessor, {
    cpus: 2,
    waiting: PURE_SPINNING,
    busted: {
      wrong:
        'The tail is no longer ours: somebody has come, but is not linked yet. This one does not wait for it.',
      mustFind: { kind: 'deadlock', message: /waiting/ },
    },
  }),
  mutualExclusion(linksTooEarly, {
    cpus: 2,
    waiting: PURE_SPINNING,
    busted: {
      wrong: 'The hand-over may come between the two stores: then `waiting` is 1 for ever.',
      mustFind: { kind: 'deadlock', message: /waiting/ },
    },
  }),
  mutualExclusion(freesWithStore, {
    cpus: 2,
    waiting: PURE_SPINNING,
    busted: {
      wrong:
        'Frees the lock with a store: whoever has come since is cut off, and the next finds the lock free.',
      mustFind: { kind: 'deadlock', message: /waiting/ },
    },
  }),
  takenTwice(leavesItsNodeDirty, {
    wrong:
      'Its next turn finds a successor of the last one: hands over to nobody, and the lock stays held.',
    mustFind: { kind: 'assertion', message: /held, but by nobody/ },
  }),
  mutualExclusion(forgetsToWake, {
    cpus: 2,
    waiting: SLEEPS_AT_ONCE,
    busted: {
      wrong: 'A waiter that sleeps is let in and not woken. Right for those that spin.',
      mustFind: { kind: 'lost-wakeup', message: /waiting/ },
    },
  }),
  mutualExclusion(wakesTooEarly, {
    cpus: 2,
    waiting: SLEEPS_AT_ONCE,
    busted: {
      wrong: 'Looks whether the waiter sleeps before it lets it in: it may fall asleep in between.',
      mustFind: { kind: 'lost-wakeup', message: /waiting/ },
    },
  }),
  mutualExclusion(handsOverPlainly, {
    cpus: 2,
    waiting: PURE_SPINNING,
    busted: {
      wrong: 'With a plain store of `waiting` nothing orders the critical sections.',
      mustFind: { kind: 'race' },
    },
  }),
];
