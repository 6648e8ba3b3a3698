/**
 * Is there an order of the operations that a sequential specification accepts and that keeps every operation
 * before those that began after it had returned?
 *
 * The search is that of Wing and Gong (JPDC 1993), with Lowe's memory of configurations (CCPE 2017): which
 * operations have taken place, and the state they led to; a configuration met twice is not searched twice. An object
 * made of independent parts is checked part by part (P-compositionality: Horn and Kroening, FORTE 2015).
 */
import type { Operation, SequentialSpec } from '@percpu/experiment';
import type { Call } from '../../engine/call.ts';

/** Configurations looked at before the checker gives up: some seconds. */
const MAX_CONFIGURATIONS = 1_000_000;

export interface Linearization {
  readonly linearizable: boolean;
  /** An order that explains the history; otherwise the longest beginning of one that was found. */
  readonly order: readonly Call[];
  /** The calls that were checked together; all of them unless the specification has parts. */
  readonly calls: readonly Call[];
  /** Those that could have come next, and whose results fit none. Empty when linearizable. */
  readonly stuck: readonly Call[];
  readonly configurations: number;
}

/** @throws RangeError when the history needs more than `limit` configurations. */
export function checkHistory(
  spec: SequentialSpec,
  calls: readonly Call[],
  limit: number = MAX_CONFIGURATIONS,
): Linearization {
  let configurations = 0;
  const order: Call[] = [];
  for (const part of partsOf(spec, calls)) {
    const found = search(spec, part, limit - configurations);
    configurations += found.configurations;
    if (!found.linearizable) return { ...found, configurations };
    order.push(...found.order);
  }
  return { linearizable: true, order, calls, stuck: [], configurations };
}

function operationOf({ operation, args, result, returned }: Call): Operation {
  return { operation, args, result, pending: returned === Infinity };
}

function partsOf(spec: SequentialSpec, calls: readonly Call[]): readonly (readonly Call[])[] {
  const parts = new Map<string, Call[]>();
  for (const call of calls) {
    const part = spec.part?.(operationOf(call));
    // One that concerns all parts joins them.
    if (part === undefined) return [calls];
    const together = parts.get(part);
    if (together === undefined) parts.set(part, [call]);
    else together.push(call);
  }
  return [...parts.values()];
}

/** One step of the search: `call` took place in `before`. */
interface Step {
  readonly index: number;
  readonly before: unknown;
}

function search(spec: SequentialSpec, given: readonly Call[], limit: number): Linearization {
  const calls = [...given].sort((a, b) => a.invoked - b.invoked);
  const operations = calls.map(operationOf);
  const mustReturn = calls.filter(({ returned }) => returned !== Infinity).length;
  const done = new Array<boolean>(calls.length).fill(false);
  const visited = new Set<string>();
  const path: Step[] = [];
  let state = spec.initial;
  let returned = 0;
  let next = 0;
  let longest: readonly number[] = [];
  let stuck: readonly Call[] = candidates(calls, done);
  for (;;) {
    if (returned === mustReturn)
      return found(
        true,
        path.map(({ index }) => calls[index]!),
        calls,
        [],
        visited.size,
      );
    const index = nextCandidate(calls, done, next);
    if (index === undefined) {
      const step = path.pop();
      if (step === undefined)
        return found(
          false,
          longest.map((i) => calls[i]!),
          calls,
          stuck,
          visited.size,
        );
      done[step.index] = false;
      if (calls[step.index]!.returned !== Infinity) returned--;
      state = step.before;
      next = step.index + 1;
      continue;
    }
    next = index + 1;
    const after = spec.next(state, operations[index]!);
    if (after === undefined) continue;
    done[index] = true;
    const configuration = `${bits(done)} ${spec.key(after)}`;
    if (visited.has(configuration)) {
      done[index] = false;
      continue;
    }
    if (visited.size >= limit) {
      throw new RangeError(
        `linearizability: more than ${limit} configurations of ${calls.length} operations on a ${spec.name}; accepted are histories that take fewer: explore fewer operations`,
      );
    }
    visited.add(configuration);
    path.push({ index, before: state });
    state = after;
    if (calls[index]!.returned !== Infinity) returned++;
    next = 0;
    if (path.length > longest.length) {
      longest = path.map((step) => step.index);
      stuck = candidates(calls, done);
    }
  }
}

function found(
  linearizable: boolean,
  order: readonly Call[],
  calls: readonly Call[],
  stuck: readonly Call[],
  configurations: number,
): Linearization {
  return { linearizable, order, calls, stuck, configurations };
}

/** The first call from `from` that nothing not yet done must precede. `calls` are in the order of their beginnings. */
function nextCandidate(
  calls: readonly Call[],
  done: readonly boolean[],
  from: number,
): number | undefined {
  let earliestReturn = Infinity;
  for (const [i, call] of calls.entries()) {
    if (done[i]!) continue;
    // All later ones began after somebody had returned who is not done.
    if (call.invoked > earliestReturn) return undefined;
    if (i >= from) return i;
    earliestReturn = Math.min(earliestReturn, call.returned);
  }
  return undefined;
}

function candidates(calls: readonly Call[], done: readonly boolean[]): readonly Call[] {
  const list: Call[] = [];
  for (
    let i = nextCandidate(calls, done, 0);
    i !== undefined;
    i = nextCandidate(calls, done, i + 1)
  )
    list.push(calls[i]!);
  return list;
}

/** 16 calls a character. */
function bits(done: readonly boolean[]): string {
  let text = '';
  for (let i = 0; i < done.length; i += 16) {
    let word = 0;
    for (let j = 0; j < 16; j++) if (done[i + j] === true) word |= 1 << j;
    text += String.fromCharCode(word);
  }
  return text;
}
