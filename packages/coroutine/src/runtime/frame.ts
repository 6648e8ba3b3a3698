/** What a driver holds of one simulated CPU: a suspended call. */
import { R } from './registers.ts';
import type { Yield } from './registers.ts';
import { twinOf } from './twin.ts';
import type { Coroutine } from './twin.ts';
import { lostAccess } from './uncontrolled.ts';

type AnyFunction = (this: never, ...args: never[]) => unknown;
export type FrameResult<T> = IteratorResult<Yield, T>;

/**
 * A call that runs until its next shared access. `next(value)` goes on with the result of that access, `throw(error)`
 * lets the access fail. A CPU that dies is a frame that is dropped: it runs no `finally` block.
 */
export class Frame<T = unknown> {
  readonly #coroutine: Coroutine<T>;

  constructor(coroutine: Coroutine<T>) {
    this.#coroutine = coroutine;
  }

  next(value?: unknown): FrameResult<T> {
    return reached(this.#coroutine.next(value as never));
  }

  throw(error: unknown): FrameResult<T> {
    return reached(this.#coroutine.throw(error));
  }
}

function reached<T>(result: FrameResult<T>): FrameResult<T> {
  if (result.done === true) {
    if (R.pending) throw lostAccess();
  } else {
    R.pending = false;
  }
  return result;
}

/**
 * The call `fn.apply(thisArg, args)`, not yet begun. A function without a twin is simply called by the first
 * `next()`. The result of a hand-written generator function is a controlled generator: see `step`.
 */
export function begin<F extends AnyFunction>(
  fn: F,
  thisArg?: ThisParameterType<F>,
  args: readonly unknown[] = [],
): Frame<ReturnType<F>> {
  const generator = twinOf(fn);
  const coroutine =
    generator === undefined
      ? plainCall(fn, thisArg, args)
      : generator.apply(thisArg, args as never[]);
  return new Frame(coroutine as Coroutine<ReturnType<F>>);
}

function* plainCall(fn: AnyFunction, thisArg: unknown, args: readonly unknown[]): Coroutine {
  return fn.apply(thisArg as never, args as never[]);
}
