/** What does it cost to hand over to a CPU that waits? */
import { experiment, LINE, powersOfTwo, upToHostCores } from '@percpu/experiment';
import type { Experiment, HeadlineFigure, Result } from '@percpu/experiment';
import { layout } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';

interface Variant {
  readonly wait: (cpu: Cpu, at: Ptr) => number;
  readonly wake: (cpu: Cpu, at: Ptr) => void;
}

// One line a CPU holds its token word: 0 = wait, 1 = it is yours, 2 = the measurement is over.
const YOURS = 1;
const OVER = 2;
/** Line 0: hand-overs made; whoever has the token writes it. */
const MADE = 0;
const TOKENS = LINE;

/** For reports. */
const Token = layout({ token: 'u32' }, { name: 'token' });

const park: Variant = {
  wait: (cpu: Cpu, at: Ptr): number => cpu.waitWhileEquals(at, 0),
  wake: (cpu: Cpu, at: Ptr): void => cpu.unpark(at),
};

/** The primitive below: no CPU, no interrupts, no look at who waits. */
const bare: Variant = {
  wait: ({ memory }: Cpu, at: Ptr): number => {
    let seen = memory.load(at);
    while (seen === 0) {
      memory.wait(at, 0);
      seen = memory.load(at);
    }
    return seen;
  },
  wake: ({ memory }: Cpu, at: Ptr): void => void memory.notify(at),
};

export const wake: Experiment = experiment({
  name: 'wake',
  title: 'Handing over to a CPU that waits',
  description:
    'A token goes round all CPUs; each waits for its turn. spin: never sleeps within the measurement, park: sleeps ' +
    'at once in the parking lot, adaptive: spins for as long as the launcher thinks right, notify: bare wait and notify. Expect spin to win ' +
    'while every CPU has a core, and to collapse beyond.',
  unit: 'hand-overs',
  variants: {
    adaptive: park,
    spin: park,
    park,
    notify: bare,
  } satisfies Record<string, Variant>,
  cpus: { parallel: upToHostCores, model: powersOfTwo(2, 1024) },
  minCpus: 2,
  latency: true,
  arenaBytes: (cpus) => TOKENS + cpus * LINE,
  bootParameters: (variant) => SPIN[variant] ?? {},
  report: ['perSecond', 'p50', 'p99'],

  setup: (cpu: Cpu, context) => {
    const at = context.alloc(TOKENS + context.cpus * LINE);
    for (let i = 0; i < context.cpus; i++)
      cpu.memory.describe(at + TOKENS + i * LINE, Token, `token of cpu ${i}`);
    return at;
  },

  prepare: (cpu: Cpu, at, { index }) => {
    cpu.memory.store(at + TOKENS + index * LINE, index === 0 ? YOURS : 0);
  },

  body: (cpu: Cpu, at, { variant, index, cpus }) => {
    const mine = at + TOKENS + index * LINE;
    // Pairs with the store of whoever hands over: the token carries the count along.
    if (variant.wait(cpu, mine) === OVER) return 0;
    cpu.memory.write(at + MADE, cpu.memory.read(at + MADE) + 1);
    // Compare-exchanges, here and there: OVER stays, whoever had the token meanwhile.
    cpu.memory.compareExchange(mine, YOURS, 0);
    const next = at + TOKENS + ((index + 1) % cpus) * LINE;
    cpu.memory.compareExchange(next, 0, YOURS);
    variant.wake(cpu, next);
    return 1;
  },

  finish: (cpu: Cpu, at, { variant, index, cpus }) => {
    for (let other = 0; other < cpus; other++) {
      if (other === index) continue;
      cpu.memory.store(at + TOKENS + other * LINE, OVER);
      variant.wake(cpu, at + TOKENS + other * LINE);
    }
  },

  verify: (cpu: Cpu, at, { variantName, performed }) => {
    const made = cpu.memory.read(at + MADE);
    if (made !== performed) {
      throw new Error(
        `wake: ${variantName}: the token was handed over ${made} times, counted ${performed}`,
      );
    }
  },

  headline: (results) => [
    ...handOver(results, 'spin', 'hand-over to a CPU that spins'),
    ...handOver(results, 'park', 'hand-over to a CPU that sleeps'),
  ],
});

/** How the variants differ; `adaptive` is what a machine does when nobody says otherwise. */
const SPIN: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  spin: { 'spin.budget': 1_000_000 },
  park: { 'spin.budget': 0 },
};

/** Between two CPUs. */
function handOver(results: readonly Result[], variant: string, label: string): HeadlineFigure[] {
  const rate = results.find((one) => one.variant === variant && one.cpus === 2)?.opsPerSecond
    .median;
  return rate === undefined ? [] : [{ label, value: 1e9 / rate, unit: 'ns' }];
}
