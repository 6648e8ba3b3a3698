/** Locks that are wrong, each in one way. A validator that lets one of them pass is no validator. */
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import {
  clh,
  cna,
  mcs,
  McsLock,
  queued,
  spinLockType,
  tas,
  TasLock,
  ticket,
  TicketLock,
  ttas,
  TtasLock,
} from '../../src/index.ts';
import type { SpinLockType } from '../../src/index.ts';

/** Between looking and taking there is time for another CPU to look. */
const WINDOW_TURNS = 40;
const window = (cpu: Cpu): void => {
  for (let turn = 0; turn < WINDOW_TURNS; turn++) cpu.relax();
};

/** Looks, then takes: two CPUs that look at the same time both take. */
const tasNotAtomic: SpinLockType = spinLockType({
  name: 'tas-not-atomic',
  layout: TasLock,
  lock(cpu: Cpu, at: Ptr): void {
    while (cpu.memory.load(at) !== 0) cpu.waitWhileEquals(at, 1);
    window(cpu);
    cpu.memory.store(at, 1);
  },
  trylock(cpu: Cpu, at: Ptr): boolean {
    if (cpu.memory.load(at) !== 0) return false;
    window(cpu);
    cpu.memory.store(at, 1);
    return true;
  },
  unlock(cpu: Cpu, at: Ptr): void {
    cpu.memory.store(at, 0);
    cpu.unpark(at);
  },
  isLocked: (cpu, at) => cpu.memory.load(at) !== 0,
});

/** Loses patience: after a bounded wait it takes the lock for its own. */
const ttasImpatient: SpinLockType = spinLockType({
  name: 'ttas-impatient',
  layout: TtasLock,
  lock(cpu: Cpu, at: Ptr): void {
    for (let turn = 0; turn < WINDOW_TURNS; turn++) {
      if (cpu.memory.exchange(at, 1) === 0) return;
      cpu.relax();
    }
  },
  trylock: (cpu, at) => cpu.memory.exchange(at, 1) === 0,
  unlock(cpu: Cpu, at: Ptr): void {
    cpu.memory.store(at, 0);
    cpu.unpark(at);
  },
  isLocked: (cpu, at) => cpu.memory.load(at) !== 0,
});

/** Lets two numbers in at a time. */
const ticketServesTwo: SpinLockType = spinLockType({
  name: 'ticket-serves-two',
  layout: TicketLock,
  lock(cpu: Cpu, at: Ptr): void {
    const mine = cpu.memory.fetchAdd(at + TicketLock.next, 1);
    while (((mine - cpu.memory.load(at + TicketLock.serving)) | 0) > 1) cpu.relax();
  },
  trylock(cpu: Cpu, at: Ptr): boolean {
    const serving = cpu.memory.load(at + TicketLock.serving);
    return cpu.memory.compareExchange(at + TicketLock.next, serving, serving + 1) === serving;
  },
  unlock(cpu: Cpu, at: Ptr): void {
    cpu.memory.fetchAdd(at + TicketLock.serving, 1);
  },
  isLocked: (cpu, at) =>
    cpu.memory.load(at + TicketLock.next) !== cpu.memory.load(at + TicketLock.serving),
});

/** Swaps the tail but does not wait for whoever was there. */
const mcsDoesNotWait: SpinLockType = spinLockType({
  name: 'mcs-does-not-wait',
  layout: McsLock,
  lock(cpu: Cpu, at: Ptr): void {
    cpu.memory.exchange(at + McsLock.tail, cpu.id + 1);
  },
  trylock: (cpu, at) => cpu.memory.compareExchange(at + McsLock.tail, 0, cpu.id + 1) === 0,
  unlock(cpu: Cpu, at: Ptr): void {
    cpu.memory.compareExchange(at + McsLock.tail, cpu.id + 1, 0);
  },
  isLocked: () => true,
});

/** A good lock with a form that forgets to turn interrupts back on. */
const forgetsInterrupts: SpinLockType = {
  ...ticket,
  name: 'ticket-forgets-interrupts',
  unlockIrqrestore: (cpu, at) => ticket.unlock(cpu, at),
};

/** A good lock whose trylock, when it fails, leaves preemption off. */
const leaksPreemption: SpinLockType = {
  ...ttas,
  name: 'ttas-leaks-preemption',
  trylock(cpu: Cpu, at: Ptr): boolean {
    if (ttas.trylock(cpu, at)) return true;
    cpu.preemptDisable();
    return false;
  },
};

/** Serves the newest first. `serving` counts the arrivals that have been let in; `next` counts all. */
const ticketNewestFirst: SpinLockType = spinLockType({
  name: 'ticket-newest-first',
  layout: TicketLock,
  lock(cpu: Cpu, at: Ptr): void {
    const mine = cpu.memory.fetchAdd(at + TicketLock.next, 1);
    while (cpu.memory.load(at + TicketLock.serving) !== mine) cpu.relax();
  },
  trylock: () => false,
  unlock(cpu: Cpu, at: Ptr): void {
    // After CPU 0 (number 0) comes the last number, then down to 1; 0 again is free.
    const now = cpu.memory.load(at + TicketLock.serving);
    const newest = cpu.memory.load(at + TicketLock.next) - 1;
    cpu.memory.store(at + TicketLock.serving, now === 0 ? newest : now - 1);
  },
  isLocked: () => true,
});

/** Every lock there is. */
export const good: readonly SpinLockType[] = [tas, ttas, ticket, mcs, clh, queued, cna];

const busted: readonly SpinLockType[] = [
  tasNotAtomic,
  ttasImpatient,
  ticketServesTwo,
  mcsDoesNotWait,
  forgetsInterrupts,
  leaksPreemption,
  ticketNewestFirst,
];

export function lockNamed(name: string): SpinLockType {
  const all = [...good, ...busted];
  const found = all.find((type) => type.name === name);
  if (found === undefined)
    throw new Error(`no lock ${name}; known: ${all.map((type) => type.name).join(' ')}`);
  return found;
}
