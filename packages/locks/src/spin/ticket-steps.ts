/**
 * The two steps of the ticket lock, each in two forms that do the same accesses in the same order:
 *
 *   plain       a call of the seam for each access; the reference, and the form under every clock
 *               that is not the host's
 *   composite   one call into a WebAssembly module on the same memory. An uncontended lock and unlock
 *               is 5 atomic accesses: in 2 calls instead of 5 it takes about two thirds of the time
 *               (README, "Figures")
 */
import type { Memory, Ptr } from '@percpu/memory';
import {
  assemble,
  atomic,
  constant,
  func,
  get,
  instantiate,
  op,
  tee,
  when,
} from '@percpu/memory/wasm';
import type { Code } from '@percpu/memory/wasm';
import { TicketLock } from './ticket-layout.ts';

/** `take`: the number drawn is being served. */
export const SERVED_AT_ONCE = -1;
/** `serve`: nobody has drawn the number that is now served. */
export const NOBODY_WAITS = -1;
/** `serve`: the lock was free. */
export const NOT_HELD = -2;

export interface TicketSteps {
  /** Draws a number: `SERVED_AT_ONCE`, or the number to wait for. */
  readonly take: (at: Ptr) => number;
  /** Serves the next number: that number, or `NOBODY_WAITS`, or `NOT_HELD`. */
  readonly serve: (at: Ptr) => number;
}

/** `TicketSteps.take` in plain form. */
export function takeTicket(memory: Memory, at: Ptr): number {
  const mine = memory.fetchAdd(at + TicketLock.next, 1);
  return memory.load(at + TicketLock.serving) === mine ? SERVED_AT_ONCE : mine;
}

/** `TicketSteps.serve` in plain form. */
export function serveNext(memory: Memory, at: Ptr): number {
  const now = (memory.load(at + TicketLock.serving) + 1) >>> 0;
  // Only the holder writes `serving`, so load and store lose nothing: no fetchAdd.
  // Edge H: publishes the critical section.
  memory.store(at + TicketLock.serving, now);
  // Looked at after the store: whoever draws later finds itself served, and never sleeps.
  const waiting = (memory.load(at + TicketLock.next) - now) | 0;
  if (waiting === 0) return NOBODY_WAITS;
  return waiting === -1 ? NOT_HELD : now;
}

/** The composite steps over `memory`, or undefined where only the plain ones are right: no native form, or every access is to be checked. */
export function ticketSteps(memory: Memory): TicketSteps | undefined {
  if (memory.native === undefined || memory.checked) return undefined;
  return instantiate(assemble([take, serve]), memory.native) as unknown as TicketSteps;
}

const AT = 0;
const NUMBER = 1;
const WAITING = 2;
/** Answers are f64: a number is a u32, and the other answers lie below 0. */
const answer: Code = [...op('f64.convert_i32_u'), ...op('return')];
const negative = (value: number): Code => [...constant(value), ...op('f64.convert_i32_s')];

const take = func(
  'take',
  ['i32'],
  'f64',
  [
    [...get(AT), ...constant(1), ...atomic('i32.rmw.add', TicketLock.next), ...tee(NUMBER)],
    [...get(AT), ...atomic('i32.load', TicketLock.serving)],
    op('i32.ne'),
    when(get(NUMBER), answer),
    negative(SERVED_AT_ONCE),
  ],
  ['i32'],
);

const serve = func(
  'serve',
  ['i32'],
  'f64',
  [
    get(AT),
    [
      ...get(AT),
      ...atomic('i32.load', TicketLock.serving),
      ...constant(1),
      ...op('i32.add'),
      ...tee(NUMBER),
    ],
    atomic('i32.store', TicketLock.serving),
    [
      ...get(AT),
      ...atomic('i32.load', TicketLock.next),
      ...get(NUMBER),
      ...op('i32.sub'),
      ...tee(WAITING),
    ],
    op('i32.eqz'),
    when(negative(NOBODY_WAITS), op('return')),
    [...get(WAITING), ...constant(-1), ...op('i32.eq')],
    when(negative(NOT_HELD), op('return')),
    [...get(NUMBER), ...op('f64.convert_i32_u')],
  ],
  ['i32', 'i32'],
);
