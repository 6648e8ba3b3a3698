/** One number that every CPU adds to: who shares what, and what does it cost? */
import { experiment, LINE, pastHostCores, powersOfTwo } from '@percpu/experiment';
import type { Experiment, HeadlineFigure, Result } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { layout, percpuAlloc } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { perCpuSum, thisCpuInc } from '../counting/this-cpu.ts';
import { ticket } from '../spin/ticket-lock.ts';

/** `at`: LOCK, then the word; or, per CPU, the word that holds the offset of the variable. */
interface Variant {
  readonly setup: (cpu: Cpu, at: Ptr) => void;
  /** Where a CPU adds: an address, or an offset in its area. */
  readonly place: (cpu: Cpu, at: Ptr) => number;
  readonly add: (cpu: Cpu, place: number) => void;
  readonly sum: (cpu: Cpu, at: Ptr) => number;
}

const BATCH = 256;

/** The word shares its line with the lock, as in a struct that somebody wrote without thinking of lines. */
const COUNT = ticket.layout.size;
const BYTES = COUNT + 4;

/** For reports. */
const Counter = layout({ count: 'u32' }, { name: 'counter' });

const nothing = (): void => undefined;

const atomic: Variant = {
  setup: nothing,
  place: (_cpu, at) => at + COUNT,
  add: (cpu, at) => void cpu.memory.fetchAdd(at, 1),
  sum: (cpu, at) => cpu.memory.load(at + COUNT),
};

const locked: Variant = {
  setup: (cpu, at) => ticket.init(cpu, at),
  place: (_cpu, at) => at,
  add: (cpu, at) => {
    ticket.lock(cpu, at);
    cpu.memory.write(at + COUNT, cpu.memory.read(at + COUNT) + 1);
    ticket.unlock(cpu, at);
  },
  sum: (cpu, at) => cpu.memory.read(at + COUNT),
};

const perCpu: Variant = {
  setup: (cpu, at) => {
    const { memory, machine } = cpu;
    memory.write(at + COUNT, percpuAlloc(memory, machine.percpu, 4, 4));
  },
  place: (cpu, at) => cpu.memory.read(at + COUNT),
  add: thisCpuInc,
  sum: (cpu, at) => perCpuSum(cpu, cpu.memory.read(at + COUNT)),
};

export const counter: Experiment = experiment({
  name: 'counter',
  title: 'Three kinds of counter',
  description:
    'Every CPU adds 1, over and over: to one shared word atomically, to one word under a ticket lock, or to a word of its ' +
    'own. Expect the first two to fall as soon as there are two CPUs, and the third not to notice.',
  unit: 'additions',
  variants: { atomic, locked, 'per-cpu': perCpu } satisfies Record<string, Variant>,
  cpus: { parallel: pastHostCores, model: powersOfTwo(1, 4096) },
  arenaBytes: () => LINE,
  report: ['perSecond', 'nsPerOp', 'fairness'],

  setup: (cpu: Cpu, { variant, alloc }) => {
    const at = alloc(BYTES);
    cpu.memory.describe(at + COUNT, Counter);
    variant.setup(cpu, at);
    return at;
  },
  prepare: (cpu: Cpu, at, { variant }) => variant.place(cpu, at),
  body: (cpu: Cpu, _at, { variant, local, batch }) => {
    const additions = batch(BATCH);
    for (let i = 0; i < additions; i++) variant.add(cpu, local);
    return additions;
  },
  verify: (cpu: Cpu, at, { variant, variantName, performed }) => {
    const sum = variant.sum(cpu, at);
    if (sum !== performed % 2 ** 32) {
      throw new Error(`counter: ${variantName}: ${performed} additions made ${sum}`);
    }
  },
  headline: (results) => perCpuAgainstShared(results),
});

/** At the largest count of CPUs that all had a core. */
function perCpuAgainstShared(results: readonly Result[]): HeadlineFigure[] {
  const fair = results.filter(({ oversubscribed }) => !oversubscribed);
  const most = Math.max(...fair.map(({ cpus }) => cpus));
  const rate = (variant: string): number | undefined =>
    fair.find((one) => one.variant === variant && one.cpus === most)?.opsPerSecond.median;
  const own = rate('per-cpu');
  const shared = rate('atomic');
  if (own === undefined || shared === undefined || most < 2) return [];
  return [
    {
      label: `per-CPU counter against a shared atomic one on ${most} CPUs`,
      value: own / shared,
      unit: '×',
    },
  ];
}
