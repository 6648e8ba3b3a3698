/**
 * What an object does when operations come one after the other. A concurrent object is linearizable when
 * each of its operations seems to take place at one moment between its call and its return (Herlihy and
 * Wing, TOPLAS 1990): some order of the operations, true to who ended before whom began, is accepted here.
 */

import { DefinitionError, show, unknownName } from '../names.ts';

/** One operation as it was seen from outside. */
export interface Operation {
  readonly operation: string;
  readonly args: readonly unknown[];
  readonly result: unknown;
  /** It never returned (its CPU died, or the run ended): any result would do. */
  readonly pending: boolean;
}

export interface SequentialSpec<S = unknown> {
  readonly name: string;
  readonly initial: S;
  /** The state after `op` in `state`; undefined when `op` cannot have had that result there. Changes nothing. */
  next(state: S, op: Operation): S | undefined;
  /** Equal for equal states, different for different ones. */
  key(state: S): string;
  /**
   * Parts of the object that know nothing of each other, as the keys of a map: each is checked by itself
   * (P-compositionality: Horn and Kroening, FORTE 2015). Undefined: this operation concerns them all.
   */
  part?(op: Operation): string | undefined;
}

/** What a table of operations does with one of them. */
export type Steps<S> = Readonly<
  Record<string, (state: S, args: readonly unknown[], op: Operation) => S | undefined>
>;

/** A specification from one function per operation. An operation that is not in the table is an error. */
export function sequentialSpec<S>(
  spec: Omit<SequentialSpec<S>, 'next'> & { readonly steps: Steps<S> },
): SequentialSpec<S> {
  const { steps, ...rest } = spec;
  return Object.freeze({
    ...rest,
    next: (state: S, op: Operation): S | undefined => {
      const step = Object.hasOwn(steps, op.operation) ? steps[op.operation] : undefined;
      if (step === undefined)
        throw unknownName(`operation of a ${spec.name}`, op.operation, Object.keys(steps));
      return step(state, op.args, op);
    },
  });
}

/** Did `op` return `value`? One that never returned may have. */
export function returned(op: Operation, value: unknown): boolean {
  return op.pending || Object.is(op.result, value);
}

/** A value as part of a key: text and numbers that look alike stay apart. */
export function keyOf(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** Throws `DefinitionError` unless `value` is a whole number from `least`, or Infinity. */
export function checkCapacity(what: string, value: number, least = 1): void {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= least)) return;
  throw new DefinitionError(
    `${what}: capacity must be a whole number, ${least} or more; got ${show(value)}`,
  );
}
