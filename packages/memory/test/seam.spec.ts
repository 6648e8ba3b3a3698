import { chooseCell, controlBytes, measure, runWithoutSleeping } from '@percpu/experiment';
import type { BenchCpu, CpuMeasurement, Experiment, KnobValues } from '@percpu/experiment';
import { describe, expect, test } from 'vitest';
import { createMemory, memblockAlloc } from '../src/index.ts';
import type { Memory, MemoryOptions, Ptr } from '../src/index.ts';
import { experiments, scenarios } from '../src/experiments/index.ts';
import { seam } from '../src/experiments/seam.ts';

/** One CPU on this thread: the host's clock is the real one. */
class OneCpu implements BenchCpu<Memory> {
  readonly id = 0;
  readonly nrCpus = 1;
  readonly memory: Memory;
  constructor(options: MemoryOptions) {
    this.memory = createMemory({ bytes: 1 << 20, ...options });
  }
  now(): number {
    return this.memory.now();
  }
  delay(ns: number): void {
    this.memory.delay(ns);
  }
  relax(): void {
    this.memory.pause();
  }
  waitWhileEquals(at: Ptr, value: number): number {
    throw new Error(`a CPU alone would wait for ever (${at}, ${value})`);
  }
  unpark(): void {
    // Nobody else is there.
  }
}

const CALLS = 2;
const ACCESSES_A_CALL = 1_024;

function run(
  experiment: Experiment,
  variant: string,
  knobs: KnobValues,
  options: MemoryOptions,
): CpuMeasurement {
  const cpu = new OneCpu(options);
  const window = { kind: 'work', warmUpCalls: 1, calls: CALLS } as const;
  const cell = chooseCell(experiment, { variant, cpus: 1, knobs, window });
  const arenaBytes = experiment.arenaBytes(1);
  const place = {
    control: memblockAlloc(cpu.memory, controlBytes(1)),
    arena: { at: memblockAlloc(cpu.memory, arenaBytes), bytes: arenaBytes },
  };
  return runWithoutSleeping(measure(cpu, experiment, cell, place));
}

const VARIANTS = Object.keys(seam.variants);
const OPERATIONS = seam.knobs.operation!;
const WORDS = seam.knobs.words!;
const CASES = VARIANTS.flatMap((variant) =>
  OPERATIONS.flatMap((operation) => WORDS.map((words) => ({ variant, operation, words }))),
);

test('what is discovered', () => {
  expect(experiments.map(({ name }) => name)).toEqual(['seam']);
  expect(scenarios).toEqual([]);
  expect(VARIANTS).toEqual(['atomics', 'typed-array', 'seam-atomics', 'seam-wasm']);
});

describe.each([
  ['atomics checked', { backend: 'atomics', checked: true }],
  ['wasm fast', { backend: 'wasm', checked: false }],
] as const)('on a machine with %s memory', (_name, options) => {
  test.each(CASES)('$variant: $operation on $words words', ({ variant, ...knobs }) => {
    const { repeats } = run(seam, variant, knobs, options);
    expect(repeats.map(({ operations }) => operations)).toEqual([CALLS * ACCESSES_A_CALL]);
  });
});

test('the twin: additions that get lost are no result', () => {
  const variants = { forgetful: { atomic: true, loops: () => ({ add: () => 0 }) } };
  const broken: Experiment = { ...seam, variants };
  const adding = { operation: 'add', words: 'own' };
  expect(() => run(broken, 'forgetful', adding, { backend: 'wasm' })).toThrow(
    'seam: forgetful made 3072 additions, the words hold 0',
  );
});

test('the headline is the ratio on one CPU, where both were measured', () => {
  const result = (variant: string, cpus: number, median: number): unknown => ({
    variant,
    cpus,
    nsPerOp: { median },
  });
  const headline = seam.headline as unknown as (results: unknown[]) => unknown;
  const measured = [
    result('atomics', 1, 10),
    result('seam-wasm', 2, 99),
    result('seam-wasm', 1, 4),
  ];
  expect(headline(measured)).toEqual([
    { label: 'seam-wasm / atomics, 1 CPU', value: 0.4, unit: '×' },
  ]);
  expect(headline([])).toEqual([]);
});
