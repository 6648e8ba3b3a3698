/**
 * A loop that takes time and does nothing: what `delay` burns short spans with.
 *
 * In WebAssembly because its speed must not depend on how far V8 has optimised it. Each round is a
 * chain of dependent multiplications and additions, so the latency of the chain is what counts, and
 * code of V8's baseline and of its optimising compiler take the same time (measured: within 2 %; the
 * same loop in JavaScript differs by a factor of five between tiers).
 */
import {
  assemble,
  branchIf,
  constant,
  func,
  get,
  instantiate,
  loop,
  op,
  set,
  tee,
} from './assembler.ts';
import type { Code } from './assembler.ts';

/** Runs `rounds` (at least 1) rounds from `seed`; the result is only there to be used. */
export type Spin = (rounds: number, seed: number) => number;

const ROUNDS = 0;
const VALUE = 1;

// One step of a linear congruential generator (Knuth, TAOCP 2, §3.3.4): waits for the step before.
const step: Code = [
  ...constant(1_664_525),
  ...op('i32.mul'),
  ...constant(1_013_904_223),
  ...op('i32.add'),
];

const spin = func('spin', ['i32', 'i32'], 'i32', [
  loop(
    [...get(VALUE), ...step, ...step, ...set(VALUE)],
    [...get(ROUNDS), ...constant(1), ...op('i32.sub'), ...tee(ROUNDS)],
    branchIf(0),
  ),
  get(VALUE),
]);

export function instantiateSpin(memory: WebAssembly.Memory): Spin {
  return instantiate(assemble([spin]), memory).spin as Spin;
}
