/**
 * A sleep that was not needed, and what came of it. An allocation that finds memory at once returns this
 * instead of a generator: `yield* allocPages(cpu, GFP_KERNEL, 0)` then makes no generator at all.
 */
import type { Sleeps } from '@percpu/machine';

/** To `yield*` and to `isSleeps` a generator that has run to its end. */
class AlreadyDone<T> implements Generator<void, T, void> {
  readonly [Symbol.toStringTag] = 'Generator';
  private readonly value: T;

  constructor(value: T) {
    this.value = value;
  }
  next(): IteratorReturnResult<T> {
    return { done: true, value: this.value };
  }
  return(value: T): IteratorReturnResult<T> {
    return { done: true, value };
  }
  throw(error: unknown): never {
    throw error;
  }
  [Symbol.iterator](): this {
    return this;
  }
  [Symbol.dispose](): void {}
}

/** One for each call: two allocations may be begun before either is waited for. */
export function alreadyDone<T>(value: T): Sleeps<T> {
  return new AlreadyDone(value);
}
