/** Queue, stack and map, as their textbooks have them. */

import { checkCapacity, keyOf, returned, sequentialSpec } from './spec.ts';
import type { Operation, SequentialSpec, Steps } from './spec.ts';

export interface ContainerOptions {
  /** Taking from an empty one returns this. Default undefined. */
  readonly empty?: unknown;
  /** Adding to one that holds so many returns `full`. Default: there is always room. */
  readonly capacity?: number;
  /** Default false. */
  readonly full?: unknown;
  /** What adding returns when there was room. Default: whatever is returned, unless it is `full`. */
  readonly added?: unknown;
}

type Values = readonly unknown[];

/** `enqueue(v)` and `dequeue()`: first in, first out. */
export function queueSpec(options: ContainerOptions = {}): SequentialSpec<Values> {
  return container('queue', 'enqueue', 'dequeue', 0, options);
}

/** `push(v)` and `pop()`: last in, first out. */
export function stackSpec(options: ContainerOptions = {}): SequentialSpec<Values> {
  return container('stack', 'push', 'pop', -1, options);
}

function container(
  name: string,
  add: string,
  take: string,
  end: 0 | -1,
  options: ContainerOptions,
): SequentialSpec<Values> {
  const { empty, capacity = Infinity, full = false } = options;
  checkCapacity(name, capacity);
  const wasAdded = (op: Operation): boolean =>
    'added' in options
      ? returned(op, options.added)
      : capacity === Infinity || op.pending || !returned(op, full);
  const steps: Steps<Values> = {
    [add]: (state, [value], op) => {
      if (state.length < capacity) return wasAdded(op) ? [...state, value] : undefined;
      return returned(op, full) ? state : undefined;
    },
    [take]: (state, _args, op) => {
      if (state.length === 0) return returned(op, empty) ? state : undefined;
      if (!returned(op, state.at(end))) return undefined;
      return end === 0 ? state.slice(1) : state.slice(0, -1);
    },
  };
  return sequentialSpec({ name, initial: [], steps, key: (state) => state.map(keyOf).join() });
}

/**
 * `set(k, v)`, `get(k)` → v or `absent`, `has(k)`, `delete(k)` → was it there. Keys are checked one by one.
 * A state is the value of one key.
 */
export function mapSpec({ absent }: { readonly absent?: unknown } = {}): SequentialSpec<Values> {
  const steps: Steps<Values> = {
    set: (_state, [, value]) => [value],
    get: (state, _args, op) => {
      const value = state.length === 0 ? absent : state[0];
      return returned(op, value) ? state : undefined;
    },
    has: (state, _args, op) => (returned(op, state.length === 1) ? state : undefined),
    delete: (state, _args, op) => (returned(op, state.length === 1) ? [] : undefined),
  };
  return sequentialSpec({
    name: 'map',
    initial: [],
    steps,
    key: (state) => state.map(keyOf).join(),
    part: (op) => keyOf(op.args[0]),
  });
}
