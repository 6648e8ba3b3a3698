/**
 * A profile of this host, measured on real threads: what a line takes between all pairs of cores, how fast contended
 * read-modify-writes follow each other, how long a sleeper takes to wake and a call to arrive. As JavaScript sees it, seam and all,
 * so that the model can be held against the same program on the same host.
 */
import { availableParallelism, cpus } from 'node:os';
import { checkProfile } from '../../profile/check-profile.ts';
import type { Figure, FigureName } from '../../profile/figures.ts';
import type { Profile } from '../../profile/profile.ts';
import { SMT_SLOWDOWN } from '../../profile/published/sources.ts';
import { callRoundTrip } from './calls.ts';
import { groupCores, median } from './clusters.ts';
import { Threads } from './threads.ts';
import { gripOf, transferOf } from './transfer.ts';

export interface CalibrateOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (share: number, doing: string) => void;
}

export class CalibrationError extends Error {
  override readonly name: string = 'CalibrationError';
}

const CONTENDED_MS = 40;
const DRAM_BYTES = 96 * 2 ** 20;

/** @throws CalibrationError on a host with a single core; the reason of `signal` once that is aborted */
export async function calibrate({
  signal,
  progress = () => undefined,
}: CalibrateOptions = {}): Promise<Profile> {
  if (availableParallelism() < 2)
    throw new CalibrationError(
      'calibrate: this host has one core; a line can only be timed between two',
    );
  const threads = new Threads();
  try {
    await threads.start();
    const step = (share: number, doing: string): void => {
      signal?.throwIfAborted();
      progress(share, doing);
    };
    return await measureAll(threads, step);
  } finally {
    await threads.stop();
  }
}

async function measureAll(
  threads: Threads,
  step: (share: number, doing: string) => void,
): Promise<Profile> {
  const alone = async (
    loop: 'hit' | 'rmw' | 'pause' | 'notifyNobody' | 'dram',
    amount: number,
    bytes = 4096,
  ): Promise<number> => (await threads.run([0], { loop, at: threads.place(bytes), amount }))[0]!;
  const both = async (loop: 'wake' | 'notify', amount: number): Promise<number> =>
    (await threads.run([0, 1], { loop, at: threads.place(), amount }))[0]!;

  step(0, 'single accesses');
  const hit = await alone('hit', 1_000_000);
  const rmw = await alone('rmw', 1_000_000);
  const pause = await alone('pause', 100_000);
  const notifyNobody = await alone('notifyNobody', 100_000);
  const dram = await alone('dram', DRAM_BYTES, DRAM_BYTES);
  const distances = await pairs(threads, { hit, rmw }, step);
  step(0.6, 'contended increments');
  const interval = await contendedInterval(threads);
  step(0.75, 'wake-ups');
  const wake = await both('wake', 2_000);
  const notify = Math.min(await both('notify', 40), wake);
  step(0.85, 'calls between CPUs');
  const awake = await callRoundTrip(false);
  const asleep = await callRoundTrip(true);
  step(1, 'done');

  const { topology, smt, llc, socket, remote } = groupCores(distances);
  const far = ascending([smt, llc, socket, remote]);
  const measured = source(threads.isPinned);
  const figures: Partial<Record<FigureName, Figure>> = {
    hit: measured(hit, 'read and write of an own line'),
    rmw: measured(rmw, 'fetchAdd of an own line'),
    ...(smt === undefined ? {} : { smt: measured(far[0]!, 'half of a ping-pong, nearest pairs') }),
    llc: measured(far[1]!, 'half of a ping-pong, median of the pairs of a group'),
    socket: measured(far[2]!, 'half of a ping-pong, median of the pairs of two groups'),
    ...(remote === undefined
      ? {}
      : { remote: measured(far[3]!, 'half of a ping-pong, furthest pairs') }),
    dram: measured(dram, 'dependent reads all over 96 MiB'),
    grip: measured(
      gripOf(interval, median(distances[0]!.slice(1)), rmw),
      `fetchAdd of one word by ${threads.cores} threads: one each ${interval.toFixed(1)} ns`,
    ),
    refetch: {
      ...measured(interval, 'as contended increments follow each other'),
      trust: 'assumed',
    },
    pause: measured(pause, 'Memory.pause'),
    smtSlowdown: SMT_SLOWDOWN,
    ipiSend: measured(rmw, 'as a fetchAdd: an interrupt is a bit in a word of the target'),
    ipiDeliver: measured(
      Math.max(0, awake / 2),
      'half the round trip of smpCallFunctionSingle, target awake',
    ),
    interrupt: measured(0, 'in ipiDeliver'),
    idleExit: measured(Math.max(0, asleep - awake), 'the same, target asleep, less target awake'),
    notify: measured(notify, 'Memory.notify with a sleeper'),
    notifyNobody: measured(notifyNobody, 'Memory.notify without one'),
    wakeLatency: measured(
      Math.max(0, wake - notify),
      'ping-pong of wait and notify, one way, less notify',
    ),
  };
  return checkProfile({
    schema: 2,
    name: 'host',
    title: `${cpus()[0]?.model.trim() ?? 'this host'}, ${threads.cores} cores`,
    source: `percpu calibrate, Node ${process.versions.node}`,
    topology,
    lineBytes: 64,
    figures,
  });
}

/** ns that a line takes between each two cores. */
async function pairs(
  threads: Threads,
  own: { readonly hit: number; readonly rmw: number },
  step: (share: number, doing: string) => void,
): Promise<number[][]> {
  const { cores } = threads;
  const distances = Array.from({ length: cores }, () => new Array<number>(cores).fill(0));
  const all = (cores * (cores - 1)) / 2;
  let done = 0;
  const at = threads.place(4096 * (all + 1));
  for (let a = 0; a < cores; a++) {
    for (let b = a + 1; b < cores; b++) {
      step(0.1 + (0.5 * done) / all, `a line between cores ${a} and ${b}`);
      const ns = await threads.run([a, b], {
        loop: 'pingPong',
        at: at + 4096 * done++,
        amount: 300,
      });
      distances[a]![b] = distances[b]![a] = transferOf(Math.min(...ns), own);
    }
  }
  return distances;
}

/** ns between two increments of one word by all threads. */
async function contendedInterval(threads: Threads): Promise<number> {
  const count = threads.cores;
  const cores = Array.from({ length: count }, (_, core) => core);
  const samples: number[] = [];
  for (let sample = 0; sample < 5; sample++) {
    const at = threads.place();
    threads.memory.store(at + 256 + 8, count);
    const ns = await threads.run(cores, { loop: 'contended', at, amount: CONTENDED_MS });
    samples.push(ns.reduce((sum, one) => sum + one, 0) / count / count);
  }
  return median(samples);
}

/** A line that has further to go is not there sooner; where noise says so, it is as far. */
function ascending(distances: readonly (number | undefined)[]): (number | undefined)[] {
  let least = 0;
  return distances.map((ns) => (ns === undefined ? undefined : (least = Math.max(least, ns))));
}

function source(isPinned: boolean): (value: number, how: string) => Figure {
  const where = isPinned ? 'threads pinned to cores' : 'threads where the host put them';
  return (value, how) => ({
    value: Math.round(value * 100) / 100,
    trust: 'measured',
    source: `${how}; ${where}`,
  });
}
