/** Plain functions and their twins. */
import { R, TWIN } from './registers.ts';
import type { Yield } from './registers.ts';
import { describeSite } from './sites.ts';
import { lostAccess, UncontrolledAccessError } from './uncontrolled.ts';

/** What a frame yields; what it is resumed with is the result of the access. */
export type Coroutine<T = unknown> = Generator<Yield, T>;

/** A generator function: same arguments and `this` as the plain function, suspended at each shared access. */
export type Twin = (this: unknown, ...args: never[]) => Coroutine;

type AnyFunction = (this: never, ...args: never[]) => unknown;

/** Marks what the body of a hand-written generator makes when it runs as a twin. */
const CONTROLLED: unique symbol = Symbol.for('percpu.controlled') as typeof CONTROLLED;

/** Gives `plain` its twin. Returns `plain`. */
export function twin<F extends AnyFunction>(plain: F, generator: Twin): F {
  // Not enumerable: Object.assign(wrapper, plain) must not make it the wrapper's twin.
  Object.defineProperty(plain, TWIN, { value: generator, writable: true, configurable: true });
  return plain;
}

/** The twin of `callee`, whatever that is. */
export function twinOf(callee: unknown): Twin | undefined {
  return (callee as { [TWIN]?: Twin } | null | undefined)?.[TWIN];
}

type Method = 'next' | 'return' | 'throw';
type Result = IteratorResult<unknown, unknown>;
type Native = Generator;

/**
 * One step of a generator from inside a twin: YIELDs that come out go on to the driver until the
 * generator has something to say to its own caller.
 */
export function* step(
  generator: Iterator<unknown>,
  method: Method,
  value?: unknown,
): Coroutine<Result> {
  const native = generator as Native;
  let result = native[method](value);
  while (result.done !== true && result.value === R.YIELD) {
    let how: Method = 'next';
    let sent: unknown;
    try {
      sent = yield R.YIELD;
    } catch (error) {
      // The access failed: it did so inside the generator.
      sent = error;
      how = 'throw';
    }
    result = native[how](sent);
  }
  return result;
}

/**
 * `yield* iterable` of a hand-written generator. A native one, told to return, takes the first `done` that does
 * not come at once for the end of the expression, and goes on behind it: an access in a `finally` block would do that.
 */
export function* delegate(iterable: Iterable<unknown, unknown>): Generator<unknown, unknown> {
  if (!isControlled(iterable)) return yield* iterable;
  let result = iterable.next() as Result;
  while (result.done !== true) {
    let how: Method = 'return';
    let sent: unknown;
    try {
      sent = yield result.value;
      how = 'next';
    } catch (error) {
      sent = error;
      how = 'throw';
    } finally {
      if (how === 'return') close(iterable);
    }
    result = iterable[how](sent) as Result;
  }
  return result.value;
}

function close(generator: Generator): void {
  const { done, value } = generator.return(undefined) as Result;
  if (done === true) return;
  if (value === R.YIELD) {
    R.pending = false;
    throw new UncontrolledAccessError(
      `shared access outside a controlled frame: ${describeSite(R.pendingSite)} is in a finally block of a generator ` +
        'that is closed through the yield* of another; accepted there is code without shared accesses',
    );
  }
  throw new UncontrolledAccessError(
    'a generator that is closed through the yield* of another yields in its finally block, which is not supported',
  );
}

type NativeMethod = (this: unknown, value: unknown) => Result;

function controlledMethod(method: Method): AnyFunction {
  const own = Object.getPrototypeOf(nothing()) as object;
  const generatorPrototype = Object.getPrototypeOf(own) as Record<Method, NativeMethod>;
  const native = generatorPrototype[method];
  const plain = {
    [method](this: Native, value: unknown): Result {
      // A built-in that iterates took our YIELD for a value and asks for the next one.
      if (R.pending) throw lostAccess();
      return native.call(this, value);
    },
  }[method]!;
  return twin(plain, function* (this: Native, value: unknown) {
    return yield* step(this, method, value);
  } as Twin);
}

function* nothing(): Generator {
  // Only its prototype is of interest.
}

const controlled: Readonly<Record<PropertyKey, Readonly<PropertyDescriptor>>> = {
  [CONTROLLED]: { value: true },
  next: { value: controlledMethod('next'), writable: true, configurable: true },
  return: { value: controlledMethod('return'), writable: true, configurable: true },
  throw: { value: controlledMethod('throw'), writable: true, configurable: true },
};

/** Makes the generators of `body` controlled ones. */
export function setPrototype(plain: AnyFunction, body: Twin): void {
  if (isControlled(body.prototype)) return;
  // `instanceof`, and methods that somebody has put on the prototype, as for the plain generator.
  const prototype = Object.create(plain.prototype as object, controlled) as object;
  Object.defineProperty(body, 'prototype', { value: prototype });
}

/**
 * Gives the hand-written generator function `plain` its twin. `body` is its transformed body, which
 * yields YIELD besides its own values. Returns `plain`.
 */
export function generatorTwin<F extends AnyFunction>(plain: F, body: Twin): F {
  setPrototype(plain, body);
  return twin(plain, function* (this: unknown, ...args: never[]) {
    return body.apply(this, args);
  });
}

/** Did the twin of a hand-written generator function make this? */
export function isControlled(generator: unknown): generator is Generator {
  return (generator as { [CONTROLLED]?: true } | null | undefined)?.[CONTROLLED] === true;
}
