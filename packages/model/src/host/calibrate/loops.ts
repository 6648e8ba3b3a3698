/** What the threads of a calibration do. Synchronous, on real threads; every function returns ns. */
import type { Memory, Ptr } from '@percpu/memory';

export type LoopName =
  'hit' | 'rmw' | 'pause' | 'notifyNobody' | 'pingPong' | 'contended' | 'wake' | 'notify' | 'dram';

export interface Job {
  readonly loop: LoopName;
  /** 0, 1, … among the threads that do this job together. */
  readonly rank: number;
  readonly at: Ptr;
  /** Rounds, or ms, as the loop has it. */
  readonly amount: number;
}

type Loop = (memory: Memory, at: Ptr, rank: number, amount: number) => number;

const MS = 1e6;
const PING_PONGS = 40;

/** ns per call of `step`, the least of several runs: what disturbs only adds. */
function cost(memory: Memory, rounds: number, step: () => void): number {
  let least = Infinity;
  for (let run = 0; run < 7; run++) {
    const before = memory.now();
    for (let i = 0; i < rounds; i++) step();
    least = Math.min(least, (memory.now() - before) / rounds);
  }
  return least;
}

const hit: Loop = (memory, at, _rank, rounds) =>
  cost(memory, rounds, () => memory.write(at, memory.read(at) + 1)) / 2;

const rmw: Loop = (memory, at, _rank, rounds) =>
  cost(memory, rounds, () => void memory.fetchAdd(at, 1));

const pause: Loop = (memory, _at, _rank, rounds) => cost(memory, rounds, () => void memory.pause());

const notifyNobody: Loop = (memory, at, _rank, rounds) =>
  cost(memory, rounds, () => void memory.notify(at));

/** Two threads hand a word to and fro: ns for one way, the least of many samples, for others may want the cores too. */
const pingPong: Loop = (memory, at, rank, rounds) => {
  let least = Infinity;
  for (let sample = 0; sample < PING_PONGS; sample++) {
    const before = memory.now();
    for (let round = 0; round < rounds; round++) {
      const turn = 2 * (sample * rounds + round) + rank;
      // eslint-disable-next-line percpu/spin-loop-relaxes -- what is measured; the partner has a core of its own
      while (memory.load(at) !== turn);
      memory.store(at, turn + 1);
    }
    least = Math.min(least, (memory.now() - before) / rounds / 2);
  }
  return least;
};

/** All threads increment one word for `ms`: ns per increment and thread. The second word is the start signal. */
const contended: Loop = (memory, at, rank, ms) => {
  const start = at + 256;
  memory.fetchAdd(start, 1);
  // eslint-disable-next-line percpu/spin-loop-relaxes -- until all have come; each has a core of its own
  while (memory.load(start + 4) === 0)
    if (rank === 0 && memory.load(start) === memory.load(start + 8)) memory.store(start + 4, 1);
  const before = memory.now();
  const end = before + ms * MS;
  let operations = 0;
  while (memory.now() < end) {
    for (let i = 0; i < 256; i++) memory.fetchAdd(at, 1);
    operations += 256;
  }
  return (memory.now() - before) / operations;
};

/** As `pingPong`, asleep in between: ns from a wake-up until the other one runs, the median round. */
const wake: Loop = (memory, at, rank, rounds) => {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const turn = 2 * round + rank;
    const before = memory.now();

    for (let seen = memory.load(at); seen !== turn; seen = memory.load(at)) memory.wait(at, seen);
    samples.push(memory.now() - before);
    memory.store(at, turn + 1);
    memory.notify(at);
  }
  // A wait is there and back.
  return samples.sort((a, b) => a - b)[rounds >> 1]! / 2;
};

/** What it costs to wake: rank 1 sleeps, rank 0 lets it fall asleep each time. */
const notify: Loop = (memory, at, rank, rounds) => {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    if (rank === 1) {
      while (memory.load(at) === round) memory.wait(at, round);
      continue;
    }
    memory.delay(200_000);
    memory.store(at, round + 1);
    const before = memory.now();
    memory.notify(at);
    least = Math.min(least, memory.now() - before);
  }
  return least;
};

/** Line after line of a large piece, each address out of the line before, so that nothing is fetched ahead. */
const dram: Loop = (memory, at, _rank, bytes) => {
  const lines = bytes / 64;
  const order = Uint32Array.from({ length: lines }, (_, index) => index);
  let state = 1;
  for (let i = lines - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % i;
    const taken = order[other]!;
    order[other] = order[i]!;
    order[i] = taken;
  }
  for (let i = 0; i < lines; i++)
    memory.write(at + order[i]! * 64, at + order[(i + 1) % lines]! * 64);
  const before = memory.now();
  let here = at;
  for (let i = 0; i < lines; i++) here = memory.read(here);
  return (memory.now() - before) / lines;
};

const LOOPS: Readonly<Record<LoopName, Loop>> = {
  hit,
  rmw,
  pause,
  notifyNobody,
  pingPong,
  contended,
  wake,
  notify,
  dram,
};

export function runJob(memory: Memory, { loop, at, rank, amount }: Job): number {
  return LOOPS[loop](memory, at, rank, amount);
}
