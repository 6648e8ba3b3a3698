import { CACHE_LINE, memblockAlloc } from '@percpu/memory';
import type { Memory } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import { ticket, TicketLock } from '../src/index.ts';
import type { SpinLockType } from '../src/index.ts';
import {
  NOBODY_WAITS,
  NOT_HELD,
  SERVED_AT_ONCE,
  serveNext,
  takeTicket,
  ticketSteps,
} from '../src/spin/ticket-steps.ts';
import { cpusInOneThread } from './support/one-thread.ts';

const LAST = 0xffff_ffff;

describe('states', () => {
  const lock: keyof SpinLockType = 'lock';
  const unlock: keyof SpinLockType = 'unlock';
  const trylock: keyof SpinLockType = 'trylock';

  // prettier-ignore
  test.each<[string, [number, number], (keyof SpinLockType)[], [number, number] | RegExp]>([
    // case                    next, serving  then                       leaves, or throws
    ['first taker',            [0, 0],        [lock, unlock],            [1, 1]],
    ['trylock draws a number', [7, 7],        [trylock, unlock],         [8, 8]],
    ['trylock of a held one',  [8, 7],        [trylock],                 [8, 7]],
    ['trylock with a queue',   [LAST, 7],     [trylock],                 [LAST, 7]],
    ['numbers wrap',           [LAST, LAST],  [lock, unlock],            [0, 0]],
    ['trylock wraps',          [LAST, LAST],  [trylock, unlock, lock],   [1, 0]],
    ['unlock when free',       [3, 3],        [unlock],                  /already unlocked/],
    ['taken twice',            [0, 0],        [lock, lock],              /recursion on CPU#0/],
  ])('%s', (_, [next, serving], steps, leaves) => {
    const [cpu] = cpusInOneThread(1);
    const { memory } = cpu!;
    const at = memblockAlloc(memory, CACHE_LINE);
    memory.store(at + TicketLock.next, next);
    memory.store(at + TicketLock.serving, serving);
    const run = (): void => {
      for (const step of steps) (ticket[step] as SpinLockType['unlock'])(cpu!, at);
    };
    if (leaves instanceof RegExp) expect(run).toThrow(leaves);
    else {
      run();
      expect([memory.load(at + TicketLock.next), memory.load(at + TicketLock.serving)]).toEqual(leaves);
    }
  });

  test('fast memory: the unlock itself sees that the lock was free', () => {
    const [cpu] = cpusInOneThread(1, { checked: false, backend: 'wasm' });
    const at = memblockAlloc(cpu!.memory, CACHE_LINE);
    expect(() => ticket.unlock(cpu!, at)).toThrow(/unlock of a free ticket lock/);
  });
});

describe('steps', () => {
  const memory: Memory = cpusInOneThread(1, { checked: false, backend: 'wasm' })[0]!.memory;
  const composite = ticketSteps(memory)!;
  const forms = [
    ['plain', (at: number) => takeTicket(memory, at), (at: number) => serveNext(memory, at)],
    ['composite', composite.take, composite.serve],
  ] as const;

  // prettier-ignore
  const table: readonly [string, 'take' | 'serve', [number, number], number, [number, number]][] = [
    // case                      step     next, serving  answer           leaves
    ['free',                     'take',  [5, 5],        SERVED_AT_ONCE,  [6, 5]],
    ['held',                     'take',  [6, 5],        6,               [7, 5]],
    ['held, the number wraps',   'take',  [0, LAST],     0,               [1, LAST]],
    ['free, next wraps',         'take',  [LAST, LAST],  SERVED_AT_ONCE,  [0, LAST]],
    ['a high number',            'take',  [LAST, 9],     LAST,            [0, 9]],
    ['nobody waits',             'serve', [6, 5],        NOBODY_WAITS,    [6, 6]],
    ['nobody waits, wraps',      'serve', [0, LAST],     NOBODY_WAITS,    [0, 0]],
    ['one waits',                'serve', [7, 5],        6,               [7, 6]],
    ['one waits for a high one', 'serve', [0, 0xffff_fffe], LAST,         [0, LAST]],
    ['not held',                 'serve', [5, 5],        NOT_HELD,        [5, 6]],
  ];

  test.each(
    forms.flatMap(([form, take, serve]) =>
      table.map((row) => [form, ...row, { take, serve }] as const),
    ),
  )('%s: %s', (_form, _case, step, [next, serving], answer, leaves, functions) => {
    const at = memblockAlloc(memory, CACHE_LINE);
    memory.store(at + TicketLock.next, next);
    memory.store(at + TicketLock.serving, serving);
    expect(functions[step](at)).toBe(answer);
    expect([memory.load(at + TicketLock.next), memory.load(at + TicketLock.serving)]).toEqual(
      leaves,
    );
  });

  test.each([
    ['checked memory', { checked: true, backend: 'wasm' } as const, undefined],
    ['fast memory', { checked: false, backend: 'atomics' } as const, 'function'],
  ])('%s', (_, options, expected) => {
    expect(typeof (ticketSteps(cpusInOneThread(1, options)[0]!.memory)?.take ?? undefined)).toBe(
      expected ?? 'undefined',
    );
  });
});
