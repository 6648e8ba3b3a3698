/**
 * The innermost loop: calls `body` over and over, in chunks of about 20 µs.
 *
 * Between chunks the clock is read once, and one call of each chunk, at a random place, is timed
 * when latency is wanted: below 1 %. Around each call of `body` the loop itself takes 0.5 ns while this
 * body is the only one that has run in the thread, so that V8 compiles it into the loop, and 6 ns once
 * several have (measured: Node 26, EPYC). So a host boots anew for each variant. A body that sleeps
 * costs 55 ns a call, which is what a generator takes.
 *
 * Whether `body` is a plain function or a task that sleeps shows in what its first call returns.
 */

import type { BenchCpu, Ptr, Sleeps } from './bench-cpu.ts';
import type { BodyContext, Experiment } from './contract.ts';
import { show } from './names.ts';
import type { Histogram } from './histogram.ts';

export const CHUNK_NS = 20_000;
const MAX_CHUNK_CALLS = 2 ** 20;
/** Far less often than a chunk ends, so that it costs nothing that shows. */
const LOOK_NS = 1_000_000;

/** The context as the loop sees it; the body gets it read-only. */
export type OwnContext = { -readonly [F in keyof BodyContext]: BodyContext[F] };

export interface Loop {
  readonly cpu: BenchCpu;
  readonly at: Ptr;
  readonly experiment: Experiment;
  readonly context: OwnContext;
  /** When this CPU last looked for interrupts between two chunks, on the clock of the machine. */
  lookedAt: number;
  /** Calls in the next chunk. */
  calls: number;
  /** Unknown until the first call has returned. */
  sleeps: boolean | undefined;
  /** What a pair of clock reads costs, taken off each sample. ns. */
  readonly clockNs: number;
  /** A chunk is one call: nothing is to be gained from more, and to look at the clock costs nothing. */
  readonly isVirtual: boolean;
  /** Samples of the present repeat go here; undefined while warming up, or when none are wanted. */
  histogram: Histogram | undefined;
}

export interface Done {
  readonly operations: number;
  /** ns, on the clock of the machine. */
  readonly ended: number;
}

/** Calls until the clock says `deadline`; not at all when it is past already. */
export function* callUntil(
  loop: Loop,
  deadline: (cpu: number) => number,
  chunkNs: number,
): Sleeps<Done> {
  const { id } = loop.cpu;
  let operations = 0;
  let now = loop.cpu.now();
  while (now < deadline(id)) {
    const { calls } = loop;
    operations += yield* chunk(loop, calls);
    const before = now;
    now = loop.cpu.now();
    // Under a virtual clock a body that touches nothing would go on for ever.
    if (now === before && calls === MAX_CHUNK_CALLS) {
      throw new RangeError(
        `experiment ${loop.experiment.name}: ${calls} calls of body took no time at all, so the window never ends; fixedWork would`,
      );
    }
    adapt(loop, now - before, chunkNs);
    lookAround(loop, now);
  }
  return { operations, ended: now };
}

/** Calls `calls` times. */
export function* callTimes(loop: Loop, calls: number): Sleeps<Done> {
  let operations = 0;
  let now = loop.cpu.now();
  for (let left = calls; left > 0;) {
    const some = loop.sleeps === undefined ? 1 : Math.min(left, loop.calls);
    operations += yield* chunk(loop, some);
    left -= some;
    const before = now;
    now = loop.cpu.now();
    adapt(loop, now - before, CHUNK_NS);
    lookAround(loop, now);
  }
  return { operations, ended: now };
}

/** Runs what a function of an experiment returned to its end when it is a task, else returns it. */
export function* settle(returned: unknown): Sleeps<unknown> {
  return isTask(returned) ? yield* returned : returned;
}

/** The least that two clock reads in a row have cost: 0 under a virtual clock. */
export function clockCost(cpu: BenchCpu): number {
  let least = Infinity;
  for (let i = 0; i < 64; i++) {
    const before = cpu.now();
    least = Math.min(least, cpu.now() - before);
  }
  return Math.max(0, least);
}

/** A sign of life and a look for interrupts: without them a long window is a CPU that is locked up. */
function lookAround(loop: Loop, now: number): void {
  if (now - loop.lookedAt < LOOK_NS) return;
  loop.lookedAt = now;
  loop.cpu.relax();
}

function adapt(loop: Loop, elapsed: number, chunkNs: number): void {
  if (loop.isVirtual) return;
  if (elapsed * 2 < chunkNs) loop.calls = Math.min(loop.calls * 2, MAX_CHUNK_CALLS);
  else if (elapsed > chunkNs * 2) loop.calls = Math.max(1, loop.calls >> 1);
}

function* chunk(loop: Loop, calls: number): Sleeps<number> {
  let operations = 0;
  let left = calls;
  if (loop.sleeps === undefined) {
    const { experiment, cpu, at, context } = loop;
    const first = experiment.body(cpu, at, context);
    loop.sleeps = isTask(first);
    operations = count(yield* settle(first));
    left--;
  }
  if (loop.histogram !== undefined && left > 0) {
    const before = loop.context.random.below(left);
    operations += loop.sleeps ? yield* callSleeping(loop, before) : callPlain(loop, before);
    operations += yield* callSampled(loop, loop.histogram);
    left -= before + 1;
  }
  operations += loop.sleeps ? yield* callSleeping(loop, left) : callPlain(loop, left);
  // Caught once a chunk, not once a call: a string or a task added up to something that is not a number.
  if (!(operations >= 0 && operations < Infinity)) {
    throw new TypeError(
      `experiment ${loop.experiment.name}: body must return how many operations it did, or nothing; its calls add up to ${show(operations)}`,
    );
  }
  return operations;
}

function callPlain({ experiment: { body }, cpu, at, context }: Loop, calls: number): number {
  let operations = 0;
  for (let i = 0; i < calls; i++) operations += count(body(cpu, at, context));
  return operations;
}

function* callSleeping(
  { experiment: { body }, cpu, at, context }: Loop,
  calls: number,
): Sleeps<number> {
  let operations = 0;
  for (let i = 0; i < calls; i++) operations += count(yield* settle(body(cpu, at, context)));
  return operations;
}

function* callSampled(loop: Loop, histogram: Histogram): Sleeps<number> {
  const { experiment, cpu, at, context, clockNs } = loop;
  context.sampling = true;
  const before = cpu.now();
  const operations = count(yield* settle(experiment.body(cpu, at, context)));
  const elapsed = cpu.now() - before - clockNs;
  context.sampling = false;
  // A call that did nothing (a partner has gone already) has no latency.
  if (experiment.latency === true && operations > 0) histogram.record(elapsed / operations);
  return operations;
}

function count(returned: unknown): number {
  return returned === undefined ? 1 : (returned as number);
}

/** `prepare` may return anything; only a real generator is run. */
function isTask(value: unknown): value is Sleeps<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Generator'
  );
}
