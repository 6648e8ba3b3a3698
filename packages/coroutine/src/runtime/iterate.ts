/** `for…of` over something whose steps can be suspended. The loop that uses it is in emit/loops.ts. */
import { isControlled, step, twinOf } from './twin.ts';
import type { Coroutine } from './twin.ts';

type Method = (this: unknown, value?: unknown) => unknown;
type Result = IteratorResult<unknown>;

/** Iterates natively over itself, for ever; each turn of the loop then takes a `step`. */
class SteppedIteration {
  readonly #iterable: object;
  #iterator: Iterator<unknown> | undefined;
  #over = false;
  #left = false;
  value: unknown;

  constructor(iterable: object) {
    this.#iterable = iterable;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): { done: false; value: SteppedIteration } {
    return { done: false, value: this };
  }

  /** Called by the loop when it is left early. The iterator is closed afterwards, where one can wait. */
  return(): Result {
    this.#left = !this.#over;
    return { done: true, value: undefined };
  }

  get left(): boolean {
    return this.#left;
  }

  /** Gets the next element into `value`. Returns true at the end. */
  *step(): Coroutine<boolean> {
    // An iterator that throws is not closed.
    this.#over = true;
    this.#iterator ??= yield* open(this.#iterable);
    const result = (yield* callMethod(this.#iterator, 'next')) as Result;
    if (Object(result) !== result)
      throw new TypeError(`Iterator result ${String(result as unknown)} is not an object`);
    if (result.done === true) return true;
    this.#over = false;
    this.value = result.value;
    return false;
  }

  /** After `return`. `failing`: the loop threw, and nothing that the iterator does can hide that. */
  *close(failing: boolean): Coroutine<void> {
    this.#left = false;
    const iterator = this.#iterator;
    if (iterator === undefined) return;
    try {
      if (iterator.return !== undefined) yield* callMethod(iterator, 'return');
    } catch (error) {
      if (!failing) throw error;
    }
  }
}

function* open(iterable: object): Coroutine<Iterator<unknown>> {
  if (isControlled(iterable)) return iterable as Iterator<unknown>;
  return (yield* callMethod(iterable as Iterator<unknown>, Symbol.iterator)) as Iterator<unknown>;
}

function* callMethod(
  target: Iterator<unknown>,
  name: 'next' | 'return' | typeof Symbol.iterator,
): Coroutine {
  if (isControlled(target) && name !== Symbol.iterator) return yield* step(target, name);
  const method = (target as unknown as Record<PropertyKey, Method>)[name]!;
  const found = twinOf(method);
  return found === undefined ? method.call(target) : yield* found.call(target);
}

/** What a `for…of` in a twin iterates over: `iterable` itself, unless its steps can be suspended. */
export function iterate(iterable: unknown): unknown {
  if (isControlled(iterable)) return new SteppedIteration(iterable);
  const method = (iterable as { [Symbol.iterator]?: unknown } | null | undefined)?.[
    Symbol.iterator
  ];
  return twinOf(method) === undefined ? iterable : new SteppedIteration(iterable as object);
}

/** Was the loop over it left early, and it has still to be closed? */
export function wasLeft(iterated: unknown): iterated is SteppedIteration {
  return iterated instanceof SteppedIteration && iterated.left;
}
