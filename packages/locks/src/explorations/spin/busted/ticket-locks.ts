/** Ticket locks that are wrong, each in one way. */
import type { Exploration } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { spinLockType } from '../../../spin/spin-lock-type.ts';
import type { SpinLockAlgorithm, SpinLockType } from '../../../spin/spin-lock-type.ts';
import { ticket, TicketLock } from '../../../spin/ticket-lock.ts';
import { mutualExclusion, trylock } from '../spin-locks.ts';
import { PURE_SPINNING, SLEEPS_AT_ONCE } from '../../waiting.ts';

function twin(name: string, wrong: Partial<SpinLockAlgorithm>): SpinLockType {
  return spinLockType({
    name,
    layout: TicketLock,
    lock(cpu: Cpu, at: Ptr): void {
      const mine = cpu.memory.fetchAdd(at + TicketLock.next, 1);
      cpu.waitUntilEquals(at + TicketLock.serving, mine);
    },
    unlock(cpu: Cpu, at: Ptr): void {
      const now = cpu.memory.load(at + TicketLock.serving) + 1;
      cpu.memory.store(at + TicketLock.serving, now);
      cpu.unpark(at + TicketLock.serving, now);
    },
    trylock: ticket.trylock,
    isLocked: ticket.isLocked,
    ...wrong,
  });
}

const servesPlainly = twin('ticket-serves-with-a-plain-store', {
  unlock: ({ memory }, at) =>
    memory.write(at + TicketLock.serving, memory.load(at + TicketLock.serving) + 1),
});

const drawsInTwoSteps = twin('ticket-draws-in-two-steps', {
  lock(cpu, at) {
    const mine = cpu.memory.load(at + TicketLock.next);
    cpu.memory.store(at + TicketLock.next, mine + 1);
    cpu.waitUntilEquals(at + TicketLock.serving, mine);
  },
});

const wakesAnyOne = twin('ticket-wakes-any-one', {
  unlock(cpu, at) {
    cpu.memory.store(at + TicketLock.serving, cpu.memory.load(at + TicketLock.serving) + 1);
    cpu.unparkOne(at + TicketLock.serving);
  },
});

const wakesTooEarly = twin('ticket-wakes-too-early', {
  unlock(cpu, at) {
    const now = cpu.memory.load(at + TicketLock.serving) + 1;
    cpu.unpark(at + TicketLock.serving, now);
    cpu.memory.store(at + TicketLock.serving, now);
  },
});

const looksTooEarly = twin('ticket-looks-for-waiters-too-early', {
  unlock(cpu, at) {
    const now = cpu.memory.load(at + TicketLock.serving) + 1;
    const waiting = cpu.memory.load(at + TicketLock.next) - now;
    cpu.memory.store(at + TicketLock.serving, now);
    if (waiting !== 0) cpu.unpark(at + TicketLock.serving, now);
  },
});

const numbersTooNarrow = twin('ticket-of-one-bit', {
  lock(cpu, at) {
    const mine = cpu.memory.fetchAdd(at + TicketLock.next, 1) & 1;
    cpu.waitUntilEquals(at + TicketLock.serving, mine);
  },
  unlock(cpu, at) {
    const now = cpu.memory.load(at + TicketLock.serving) ^ 1;
    cpu.memory.store(at + TicketLock.serving, now);
    cpu.unpark(at + TicketLock.serving, now);
  },
});

const triesInTwoSteps = twin('ticket-tries-in-two-steps', {
  trylock({ memory }, at) {
    const serving = memory.load(at + TicketLock.serving);
    if (memory.load(at + TicketLock.next) !== serving) return false;
    memory.store(at + TicketLock.next, serving + 1);
    return true;
  },
});

const forgetsToRelax = twin('ticket-forgets-to-relax', {
  lock({ memory }, at) {
    const mine = memory.fetchAdd(at + TicketLock.next, 1);
    // eslint-disable-next-line percpu/spin-loop-relaxes -- that is what is wrong with it
    while (memory.load(at + TicketLock.serving) !== mine);
  },
});

const guardedRace = { kind: 'race', message: /guarded/ } as const;
const lost = { kind: 'lost-wakeup', message: /serving/ } as const;

export const bustedTicketLocks: readonly Exploration[] = [
  mutualExclusion(servesPlainly, {
    cpus: 2,
    waiting: PURE_SPINNING,
    busted: {
      wrong: 'Plain: nothing orders the critical section before the next one.',
      mustFind: { kind: 'race' },
    },
  }),
  mutualExclusion(drawsInTwoSteps, {
    cpus: 2,
    waiting: PURE_SPINNING,
    busted: {
      wrong: 'Load and store: two that come at the same time draw the same number.',
      mustFind: guardedRace,
    },
  }),
  mutualExclusion(wakesAnyOne, {
    cpus: 3,
    waiting: SLEEPS_AT_ONCE,
    limits: { preemptions: 2 },
    busted: {
      wrong:
        'Wakes one waiter, whichever number that waits for: the one whose turn it is sleeps on.',
      mustFind: lost,
    },
  }),
  mutualExclusion(wakesTooEarly, {
    cpus: 2,
    waiting: SLEEPS_AT_ONCE,
    busted: { wrong: 'Looks for sleepers first, then serves the next number.', mustFind: lost },
  }),
  mutualExclusion(looksTooEarly, {
    cpus: 2,
    waiting: SLEEPS_AT_ONCE,
    busted: {
      wrong:
        'Looks whether anybody waits before it serves the next number: who draws in between sleeps for ever.',
      mustFind: lost,
    },
  }),
  mutualExclusion(numbersTooNarrow, {
    cpus: 3,
    waiting: PURE_SPINNING,
    busted: {
      wrong: 'ABA: with numbers of one bit the third CPU’s is the first’s, and is being served.',
      mustFind: guardedRace,
    },
  }),
  trylock(triesInTwoSteps, { wrong: 'Looks, then takes.', mustFind: guardedRace }),
  mutualExclusion(forgetsToRelax, {
    cpus: 2,
    waiting: PURE_SPINNING,
    limits: { steps: 500 },
    busted: {
      wrong: 'A bare loop. Nothing but fairness ends it, and there is none.',
      mustFind: { kind: 'step-limit' },
    },
  }),
];
