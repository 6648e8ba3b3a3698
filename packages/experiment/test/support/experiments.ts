/** Small experiments that the tests run on threads: looked up by name, as a worker does. */

import {
  experiment,
  pastHostCores,
  type BenchCpu,
  type Experiment,
  type Ptr,
} from '../../src/index.ts';

/** Where an experiment of ours throws; `nowhere` is the default. */
const PLACES = ['nowhere', 'setup', 'prepare', 'body', 'finish', 'verify'] as const;

class Planted extends Error {
  override readonly name: string = 'Planted';
}

function throwAt(
  here: string,
  { place, culprit, index }: { place: string; culprit: number; index: number },
): void {
  if (here === place && index === culprit) throw new Planted(`planted in ${here} of CPU ${index}`);
}

/** Counts in one shared word; variant `forgets` counts every operation but makes only every second. */
const counter: Experiment = experiment({
  name: 'counter',
  title: 'Shared counter',
  description: 'All CPUs add to one word.',
  unit: 'increments',
  variants: { atomic: 1, forgets: 2 },
  cpus: { parallel: pastHostCores },
  knobs: { place: PLACES, culprit: [0, 1] },
  latency: true,
  setup: (_cpu, context) => {
    throwAt('setup', context);
    return context.alloc(4);
  },
  prepare: (_cpu, _at, context) => {
    throwAt('prepare', context);
    return { calls: 0 };
  },
  body(cpu: BenchCpu, at: Ptr, context) {
    throwAt('body', context);
    if (++context.local.calls % context.variant === 0) cpu.memory.fetchAdd(at, 1);
  },
  finish: (_cpu, _at, context) => throwAt('finish', context),
  verify(cpu: BenchCpu, at: Ptr, context) {
    throwAt('verify', context);
    const found = cpu.memory.load(at);
    if (found !== context.performed % 2 ** 32)
      throw new Error(`the counter is ${found}, after ${context.performed} increments`);
  },
});

const DONE = 0xffff_ffff;

/** Two CPUs pass a token: each needs the other for every step, also for the last one. */
const passing: Experiment = experiment({
  name: 'passing',
  title: 'Passing a token',
  description: 'Each CPU waits for the other.',
  variants: { plain: {} },
  cpus: { parallel: [2] },
  minCpus: 2,
  setup: (_cpu, { alloc }) => alloc(4),
  prepare(cpu: BenchCpu, at: Ptr, { index }) {
    if (index === 0) cpu.memory.store(at, 0);
  },
  body(cpu: BenchCpu, at: Ptr, { index }) {
    const turn = cpu.waitWhileEquals(at, 1 - index);
    if (turn === DONE) return 0;
    cpu.memory.store(at, 1 - index);
    cpu.unpark(at);
    return 1;
  },
  finish(cpu: BenchCpu, at: Ptr, { index }) {
    // Only in our turn: else the partner, about to pass the token, would overwrite this.
    cpu.waitWhileEquals(at, 1 - index);
    cpu.memory.store(at, DONE);
    cpu.unpark(at);
  },
});

export const experiments: readonly Experiment[] = [counter, passing];
