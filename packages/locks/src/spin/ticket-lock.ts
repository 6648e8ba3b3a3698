/**
 * Ticket spin lock: arrivals draw a number and are served in order.
 *
 *   next    number the next arrival draws   ─┐ free: equal
 *   serving number that may enter           ─┘ held, k waiting: next = serving + 1 + k (mod 2^32)
 *
 * Strict order is also the weakness: one CPU off its core stops all behind it (experiment
 * `lock-handover`, oversubscribed points). A waiter that sleeps says which number it waits for, and
 * the unlock wakes that one alone.
 */
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { lockView } from '../lock-view.ts';
import { spinLockType } from './spin-lock-type.ts';
import type { SpinLockType } from './spin-lock-type.ts';
import { TicketLock } from './ticket-layout.ts';
import { NOBODY_WAITS, NOT_HELD, SERVED_AT_ONCE, serveNext, takeTicket } from './ticket-steps.ts';

export { TicketLock };

export const ticket: SpinLockType = spinLockType({
  name: 'ticket',
  layout: TicketLock,

  lock(cpu: Cpu, at: Ptr): void {
    const composite = lockView(cpu).takeTicket;
    const mine = composite === undefined ? takeTicket(cpu.memory, at) : composite(at);
    // Edge H: pairs with the store of `serving` in unlock. Reading our number there means that
    // everything the last holder wrote is visible.
    if (mine !== SERVED_AT_ONCE) cpu.waitUntilEquals(at + TicketLock.serving, mine);
  },

  trylock(cpu: Cpu, at: Ptr): boolean {
    const { memory } = cpu;
    const serving = memory.load(at + TicketLock.serving);
    // Taking the number that is being served, if it is still to be had: then nobody is before us.
    return memory.compareExchange(at + TicketLock.next, serving, (serving + 1) >>> 0) === serving;
  },

  unlock(cpu: Cpu, at: Ptr): void {
    const composite = lockView(cpu).serveNext;
    const now = composite === undefined ? serveNext(cpu.memory, at) : composite(at);
    if (now === NOBODY_WAITS) return;
    if (now === NOT_HELD) bug(cpu, `unlock of a free ticket lock, lock: ${hex(at)}`);
    cpu.unpark(at + TicketLock.serving, now);
  },

  isLocked(cpu: Cpu, at: Ptr): boolean {
    const { memory } = cpu;
    // In this order: `serving` may overtake the `next` that was read, never the other way round.
    const serving = memory.load(at + TicketLock.serving);
    return memory.load(at + TicketLock.next) !== serving;
  },
});

export const ticketLock: SpinLockType['lock'] = ticket.lock;
export const ticketTrylock: SpinLockType['trylock'] = ticket.trylock;
export const ticketUnlock: SpinLockType['unlock'] = ticket.unlock;
export const ticketIsLocked: SpinLockType['isLocked'] = ticket.isLocked;
