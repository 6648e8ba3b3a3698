/**
 * The measurement of one cell, as every CPU that takes part runs it. Synchronous, through
 * `BenchCpu` only, so that it means the same under a virtual clock.
 *
 * A timed window is the same stretch of the common clock on every CPU. It opens `warmUpNs` after
 * the last CPU came to the start barrier, which gives those that were parked time to wake. Each
 * CPU finishes the chunk it is in when the window opens and when it closes, and says when that was.
 * A CPU that the host did not let run in the window reports no operations for all of it.
 *
 * Under a virtual clock nobody knows in advance how long a window should be: there the engine says, while it runs, when it opens
 * and when it closes (`Deadlines`), and calls of `body` cost nothing, so each one is a chunk and a batch of its own.
 */

import { arenaAllocator } from './arena.ts';
import type { BenchCpu, Ptr, Sleeps } from './bench-cpu.ts';
import {
  callTimes,
  callUntil,
  CHUNK_NS,
  clockCost,
  settle,
  type Loop,
  type OwnContext,
} from './body-loop.ts';
import type { Cell, Place, Window } from './cell.ts';
import type { Experiment } from './contract.ts';
import { ControlBlock, MeasurementStopped } from './control-block.ts';
import { MAX_CPUS } from './cpu-counts.ts';
import { Histogram, type HistogramRecord } from './histogram.ts';
import { ChoiceError, show } from './names.ts';
import { seededRandom } from './random.ts';

/** What one CPU did in one repeat. Times are ns after the start barrier opened. */
export interface RepeatRecord {
  readonly operations: number;
  readonly beganNs: number;
  readonly endedNs: number;
  readonly latency?: HistogramRecord;
}

/** Plain data: what a CPU sends back to the host. */
export interface CpuMeasurement {
  readonly cpu: number;
  readonly repeats: readonly RepeatRecord[];
}

/**
 * When the window opens and closes, on the clock of the machine: asked by CPU `cpu`, over and over. Infinity: not yet.
 * Where the work is fixed each CPU asks once, when it begins and when it has ended.
 */
export interface Deadlines {
  opens(cpu: number): number;
  closes(cpu: number): number;
}

/** A stream of random numbers for `setup`, besides those of the repeats. */
const SETUP_STREAM = 0xffff_ffff;

/**
 * To be run by every CPU in `cell.cpus`, with the same arguments. Task context (may sleep when a
 * function of the experiment sleeps). Throws what a function of the experiment throws on this CPU, and
 * `MeasurementStopped` when one threw on another; `place` is not to be used again then. `deadlines`: of a virtual clock,
 * for a window of time; what the window says is then not looked at.
 */
export function* measure(
  cpu: BenchCpu,
  experiment: Experiment,
  cell: Cell,
  place: Place,
  deadlines?: Deadlines,
): Sleeps<CpuMeasurement> {
  const index = cell.cpus.indexOf(cpu.id);
  if (index < 0)
    throw new ChoiceError(
      `CPU ${cpu.id} does not take part in this measurement (CPUs ${cell.cpus.join(', ')})`,
    );
  if (!(cell.variant in experiment.variants))
    throw new ChoiceError(`${experiment.name} has no variant ${cell.variant}`);
  const control = new ControlBlock(cpu, place.control, cell.cpus.length);
  try {
    return yield* take(cpu, experiment, cell, place, control, index, deadlines);
  } catch (error) {
    // Without this the others would wait at a barrier to which we shall not come.
    if (!(error instanceof MeasurementStopped)) control.fail(index);
    throw error;
  }
}

/** Runs a task to its end on a CPU that has no scheduler. Throws when it wants to sleep. */
export function runWithoutSleeping<T>(task: Sleeps<T>): T {
  const step = task.next();
  if (step.done === true) return step.value;
  throw new TypeError('this experiment sleeps: it needs a CPU with a scheduler, and yield*');
}

function* take(
  cpu: BenchCpu,
  experiment: Experiment,
  cell: Cell,
  place: Place,
  control: ControlBlock,
  index: number,
  deadlines: Deadlines | undefined,
): Sleeps<CpuMeasurement> {
  const context = makeContext(experiment, cell, index, deadlines !== undefined);
  if (index === 0) control.publishShared(yield* setUp(cpu, experiment, cell, place, context));
  control.meet();
  const at = control.readShared();
  const loop: Loop = {
    cpu,
    at,
    experiment,
    context,
    lookedAt: cpu.now(),
    calls: 1,
    sleeps: undefined,
    clockNs: clockCost(cpu),
    isVirtual: deadlines !== undefined,
    histogram: undefined,
  };
  const repeats: RepeatRecord[] = [];
  let performed = 0;
  for (let repeat = 0; repeat < cell.repeats; repeat++) {
    context.random = seededRandom(cell.seed, repeat * MAX_CPUS + index);
    context.local = yield* settle(experiment.prepare?.(cpu, at, context));
    const { record, operations } = yield* runWindow(loop, control, cell.window, deadlines);
    repeats.push(record);
    performed += operations;
    control.setOperations(index, performed);
    yield* settle(experiment.finish?.(cpu, at, context));
    control.meet();
    if (index === 0 && experiment.verify !== undefined) {
      yield* settle(experiment.verify(cpu, at, { ...context, performed: control.sumOperations() }));
    }
  }
  // The leader may still have found the last repeat wrong.
  control.meet();
  return { cpu: cpu.id, repeats };
}

function* setUp(
  cpu: BenchCpu,
  experiment: Experiment,
  cell: Cell,
  place: Place,
  context: OwnContext,
): Sleeps<Ptr> {
  const alloc = arenaAllocator(cpu, place.arena, experiment.name);
  const at = yield* settle(
    experiment.setup?.(cpu, { ...context, random: seededRandom(cell.seed, SETUP_STREAM), alloc }),
  );
  if (at === undefined) return 0;
  if (!Number.isInteger(at) || (at as number) < 0 || (at as number) >= 2 ** 32) {
    throw new TypeError(
      `experiment ${experiment.name}: setup must return an address or nothing; got ${show(at)}`,
    );
  }
  return at as Ptr;
}

/** The knobs are properties beside the others; `experiment()` has seen to it that none collides. */
function makeContext(
  experiment: Experiment,
  cell: Cell,
  index: number,
  isVirtual: boolean,
): OwnContext {
  return {
    ...cell.knobs,
    variant: experiment.variants[cell.variant],
    variantName: cell.variant,
    cpus: cell.cpus.length,
    index,
    random: seededRandom(cell.seed, index),
    batch: isVirtual ? () => 1 : (size) => size,
    local: undefined,
    sampling: false,
    record: () => undefined,
  };
}

/** One repeat between the barriers: warm-up, then what counts. `operations` includes the warm-up. */
function* runWindow(
  loop: Loop,
  control: ControlBlock,
  window: Window,
  deadlines: Deadlines | undefined,
): Sleeps<{ record: RepeatRecord; operations: number }> {
  const { cpu, context, experiment } = loop;
  const histogram = experiment.latency === false ? undefined : new Histogram();
  const recorded = experiment.latency === 'recorded' ? histogram : undefined;
  loop.histogram = undefined;
  context.record = () => undefined;
  const start = control.start();
  const ends = deadlines ?? fixedDeadlines(start, window);
  const warmUp =
    window.kind === 'time'
      ? yield* callUntil(loop, (id) => ends.opens(id), CHUNK_NS)
      : yield* callTimes(loop, window.warmUpCalls);
  loop.histogram = histogram;
  if (recorded !== undefined)
    context.record = (ns) => {
      if (context.sampling) recorded.record(ns - loop.clockNs);
    };
  let began = cpu.now();
  let counted;
  if (window.kind === 'work') {
    ends.opens(cpu.id);
    counted = yield* callTimes(loop, window.calls);
    ends.closes(cpu.id);
  } else {
    const chunkNs = Math.min(CHUNK_NS, window.measureNs / 100);
    counted = yield* callUntil(loop, (id) => ends.closes(id), chunkNs);
    const closed = ends.closes(cpu.id);
    if (began >= closed) {
      began = ends.opens(cpu.id);
      counted = { operations: 0, ended: closed };
    }
  }
  const record = {
    operations: counted.operations,
    beganNs: began - start,
    endedNs: counted.ended - start,
  };
  return {
    record: histogram === undefined ? record : { ...record, latency: histogram.toRecord() },
    operations: warmUp.operations + counted.operations,
  };
}

function fixedDeadlines(start: number, window: Window): Deadlines {
  if (window.kind === 'work') return { opens: () => start, closes: () => start };
  const opens = start + window.warmUpNs;
  const closes = opens + window.measureNs;
  return { opens: () => opens, closes: () => closes };
}
