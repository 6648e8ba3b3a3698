/** How long does it take until another CPU has run a function, and the caller knows? */
import { experiment, LINE, powersOfTwo, upToHostCores } from '@percpu/experiment';
import type { Experiment, HeadlineFigure, Result } from '@percpu/experiment';
import { layout } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { PerCpuLayout } from '../machine-layout.ts';
import { areaOf } from '../machine-info.ts';
import { smpCallFunctionMany, smpCallFunctionSingle } from '../smp-call.ts';

interface Variant {
  readonly asleep: boolean;
  readonly broadcast: boolean;
}

/** What a CPU keeps for itself. */
interface Local {
  readonly fn: Ptr;
  /** CPU numbers of the targets; the leader's, once it has looked. */
  targets: number[];
}

/** Turns of a target that is awake, per call of its body: it looks for interrupts at each. */
const TURNS = 64;
/** From the moment that a target says it sleeps until it really does, in ns. */
const SETTLE_NS = 20_000;

// Shared words, each on a line of its own: [let go][calls made][CPU number and calls taken of each index …]
const LET_GO = 0;
const MADE = LINE;
const OF_INDEX = 2 * LINE;
const NUMBER = 0;
const TAKEN = 4;

/** For reports. */
const Target = layout({ number: 'u32', taken: 'u32' }, { name: 'target' });

export const ipi: Experiment = experiment({
  name: 'ipi',
  title: 'Calling a function on another CPU',
  description:
    'Round trip of smpCallFunction with wait: send, run on the target, answer. To one target or to all, ' +
    'spinning (awake) or parked (asleep). Expect awake to cost a few line transfers, asleep a wake-up by the host.',
  unit: 'calls',
  variants: {
    'one-awake': { asleep: false, broadcast: false },
    'one-asleep': { asleep: true, broadcast: false },
    'broadcast-awake': { asleep: false, broadcast: true },
    'broadcast-asleep': { asleep: true, broadcast: true },
  } satisfies Record<string, Variant>,
  cpus: { parallel: upToHostCores, model: powersOfTwo(2, 4096) },
  minCpus: 2,
  drivers: 'one',
  latency: 'recorded',
  arenaBytes: (cpus) => OF_INDEX + cpus * LINE,
  // A target that is awake never dozes; one that is to sleep does so soon.
  bootParameters: (variant) => ({
    'relax.budget': 0,
    ...(variant.endsWith('asleep') ? { 'spin.budget': 200 } : {}),
  }),
  report: ['p50', 'p90', 'p99', 'max'],

  setup: (cpu: Cpu, context) => {
    const at = context.alloc(OF_INDEX + context.cpus * LINE);
    for (let i = 1; i < context.cpus; i++)
      cpu.memory.describe(at + OF_INDEX + i * LINE, Target, `target ${i}`);
    return at;
  },

  prepare: (cpu: Cpu, at, { index }): Local => {
    const mine = at + OF_INDEX + index * LINE;
    cpu.memory.store(mine + NUMBER, cpu.id);
    cpu.memory.store(at + LET_GO, 0);
    // Defined anew for each repeat, under the same name: each CPU has its own line.
    const fn = cpu.text.define('ipi_experiment', ({ memory }) => {
      memory.write(mine + TAKEN, memory.read(mine + TAKEN) + 1);
    });
    return { fn, targets: [] };
  },

  body: (cpu: Cpu, at, context) => {
    const { variant, index, cpus, local } = context;
    if (index !== 0) return target(cpu, at, variant);
    if (local.targets.length === 0) local.targets = readTargets(cpu, at, variant, cpus);
    if (variant.asleep) awaitSleep(cpu, local.targets);
    const begin = cpu.now();
    if (variant.broadcast) smpCallFunctionMany(cpu, local.targets, local.fn, 0, true);
    else smpCallFunctionSingle(cpu, local.targets[0]!, local.fn, 0, true);
    context.record(cpu.now() - begin);
    cpu.memory.write(at + MADE, cpu.memory.read(at + MADE) + 1);
    return 1;
  },

  finish: (cpu: Cpu, at, { index }) => {
    if (index !== 0) return;
    cpu.memory.store(at + LET_GO, 1);
    cpu.unpark(at + LET_GO);
  },

  verify: (cpu: Cpu, at, { cpus, variant, variantName }) => {
    const made = cpu.memory.read(at + MADE);
    const targets = readTargets(cpu, at, variant, cpus);
    let taken = 0;
    for (let i = 1; i <= targets.length; i++)
      taken += cpu.memory.read(at + OF_INDEX + i * LINE + TAKEN);
    if (taken !== made * targets.length) {
      throw new Error(
        `ipi: ${variantName}: ${made} calls to ${targets.length} CPUs, ${taken} taken`,
      );
    }
  },

  headline: (results) => [
    ...median(results, 'one-awake', 'call to one CPU, awake'),
    ...median(results, 'one-asleep', 'call to one CPU, asleep'),
  ],
});

/** What a target does meanwhile. Its operations are not counted. */
function target(cpu: Cpu, at: Ptr, { asleep }: Variant): number {
  if (asleep) cpu.waitWhileEquals(at + LET_GO, 0);
  else for (let turn = 0; turn < TURNS; turn++) cpu.relax();
  return 0;
}

function readTargets(cpu: Cpu, at: Ptr, { broadcast }: Variant, cpus: number): number[] {
  const targets: number[] = [];
  const count = broadcast ? cpus : 2;
  for (let i = 1; i < count; i++) targets.push(cpu.memory.load(at + OF_INDEX + i * LINE + NUMBER));
  return targets;
}

function awaitSleep(cpu: Cpu, targets: readonly number[]): void {
  for (const id of targets) {
    const sleeping = areaOf(cpu.machine, id) + PerCpuLayout.sleeping;
    while (cpu.memory.load(sleeping) === 0) cpu.relax();
  }
  cpu.delay(SETTLE_NS);
}

function median(results: readonly Result[], variant: string, label: string): HeadlineFigure[] {
  const p50 = results.find((one) => one.variant === variant && one.cpus === 2)?.latency?.p50;
  return p50 === undefined ? [] : [{ label, value: p50, unit: 'ns' }];
}
