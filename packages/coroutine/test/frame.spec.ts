/** What a driver can do with a suspended call. */
import { expect, test } from 'vitest';
import { begin, isControlled, R, step, twinOf, YIELD } from '../src/runtime/index.ts';
import { cleaner, generator, plain } from './programs/frames.ts';
import { stubMemory } from './support/stub-memory.ts';

test('a frame stops at each access and ends with the result', () => {
  const frame = begin(cleaner, undefined, [stubMemory([]), []]);
  expect(frame.next()).toEqual({ done: false, value: YIELD });
  expect(frame.next(1)).toEqual({ done: false, value: YIELD });
  expect(frame.next(2)).toEqual({ done: false, value: YIELD });
  expect(frame.next(0)).toEqual({ done: true, value: 3 });
});

test('throw: the access fails, where it stands', () => {
  const log: string[] = [];
  const frame = begin(cleaner, undefined, [stubMemory([]), log]);
  frame.next();
  expect(frame.throw(new Error('fault'))).toEqual({ done: false, value: YIELD });
  expect(log).toEqual(['caught fault', 'finally']);
  expect(frame.next(0)).toEqual({ done: true, value: -1 });
});

test('throw reaches into a generator that is being stepped', () => {
  const log: string[] = [];
  const frame = begin(generator.consume, undefined, [stubMemory([]), log]);
  frame.next();
  expect(frame.throw(new Error('fault'))).toEqual({ done: false, value: YIELD });
  expect(log).toEqual(['finally']);
  expect(() => frame.next(0)).toThrow('fault');
});

test('closing a generator through yield* of another: no access may be made', () => {
  const log: string[] = [];
  const frame = begin(generator.leave, undefined, [stubMemory([]), log]);
  frame.next();
  expect(() => frame.next(0)).toThrow(/memory\.load\(1\) in all .* closed through the yield\*/);
  expect(log).toEqual(['finally']);
});

test('a function without a twin is called at the first next', () => {
  expect(twinOf(plain)).toBeUndefined();
  expect(begin(plain, undefined, [2]).next()).toEqual({ done: true, value: 4 });
});

test('a generator function gives a controlled generator, for step()', () => {
  const made = begin(generator.all, undefined, [stubMemory([]), []]).next().value;
  expect(isControlled(made)).toBe(true);
  expect(isControlled(generator.all(stubMemory([]), []))).toBe(false);
  const steps = step(made as Generator, 'next');
  expect(steps.next()).toEqual({ done: false, value: YIELD });
  R.pending = false;
  expect(steps.next(5)).toEqual({ done: true, value: { done: false, value: 5 } });
});
