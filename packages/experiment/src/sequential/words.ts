/** A register and a counter: one word. */

import { returned, sequentialSpec } from './spec.ts';
import type { SequentialSpec, Steps } from './spec.ts';

/** `read()`, `write(v)`, `exchange(v)` and `compareExchange(expected, v)`, both returning what was there. */
export function registerSpec(initial: unknown = 0): SequentialSpec<readonly [unknown]> {
  const steps: Steps<readonly [unknown]> = {
    read: (state, _args, op) => (returned(op, state[0]) ? state : undefined),
    write: (_state, [value]) => [value],
    exchange: (state, [value], op) => (returned(op, state[0]) ? [value] : undefined),
    compareExchange: (state, [expected, value], op) => {
      if (!returned(op, state[0])) return undefined;
      return Object.is(state[0], expected) ? [value] : state;
    },
  };
  return sequentialSpec({
    name: 'register',
    initial: [initial],
    steps,
    key: ([value]) => `${typeof value} ${String(value)}`,
  });
}

/** `add(n = 1)`, `fetchAdd(n)` → the value before, `read()`. */
export function counterSpec(initial = 0): SequentialSpec<number> {
  const steps: Steps<number> = {
    add: (state, [n = 1]) => state + (n as number),
    fetchAdd: (state, [n], op) => (returned(op, state) ? state + (n as number) : undefined),
    read: (state, _args, op) => (returned(op, state) ? state : undefined),
  };
  return sequentialSpec({ name: 'counter', initial, steps, key: String });
}
