/**
 * The model against this host: calibrates, then runs the same experiments on threads and under virtual time, on 1 to
 * all cores. `npm run host -w @percpu/model`. Compare ratios: the model knows no instructions.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chooseCell,
  controlBytes,
  findByName,
  recordCell,
  summariseCell,
} from '@percpu/experiment';
import type { Cell, CpuMeasurement, Experiment } from '@percpu/experiment';
import { Machine } from '@percpu/machine/boot';
import { CACHE_LINE, memblockAlloc } from '@percpu/memory';
import { experiments } from '@percpu/locks/experiments';
import { engine } from '../../src/host/engine.ts';

const REPEATS = 5;
const { signal } = new AbortController();
const profile = await engine.calibrate({ signal, progress: () => undefined });
const file = join(mkdtempSync(join(tmpdir(), 'percpu-host-')), 'host.json');
writeFileSync(file, JSON.stringify(profile));
const model = engine.open({ profile: file, cwd: '.' });
const module = import.meta.resolve('@percpu/locks/experiments');

for (const [name, value] of Object.entries(profile.figures))
  print(`${name.padEnd(14)} ${value.value}`);
print(`${profile.title}; topology ${JSON.stringify(profile.topology)}`);
const counts = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32].filter(
  (count) => count <= availableParallelism(),
);
for (const [name, variants] of [
  ['counter', ['atomic', 'per-cpu']],
  ['lock-handover', ['tas', 'ticket', 'mcs']],
] as const) {
  const entry = findByName(experiments, name);
  for (const variant of variants) {
    for (const cpus of counts) {
      const window = engine.window(cpus);
      const cell = chooseCell(entry, { variant, clock: 'model', cpus, window });
      const found = { module, entry, parameters: [] };
      const { cpus: virtual } = await model.measure({ found, cell, signal });
      const modelled = nsPerOp(entry, cell, virtual);
      const measured: number[] = [];
      for (let repeat = 0; repeat < REPEATS; repeat++)
        measured.push(await parallel(entry, variant, cpus));
      const median = measured.sort((a, b) => a - b)[REPEATS >> 1]!;
      print(
        `${name} ${variant.padEnd(8)} ${String(cpus).padStart(3)} CPUs  host ${median.toFixed(1).padStart(9)} ns  model ${modelled.toFixed(1).padStart(9)} ns  model / host ${(modelled / median).toFixed(2)}`,
      );
    }
  }
}

async function parallel(entry: Experiment, variant: string, cpus: number): Promise<number> {
  const window = { kind: 'time', warmUpNs: 60e6, measureNs: 150e6 } as const;
  const cell = chooseCell(entry, { variant, cpus, window });
  const machine = await Machine.boot({ cpus, checked: false });
  try {
    const bytes = entry.arenaBytes(cpus);
    const place = {
      control: memblockAlloc(machine.memory, controlBytes(cpus), CACHE_LINE),
      arena: { at: memblockAlloc(machine.memory, bytes, CACHE_LINE), bytes },
    };
    const module = new URL('./host-program.ts', import.meta.url);
    const measured = await machine.run<CpuMeasurement>(
      { module, args: { cell, place } },
      { timeoutMs: 30_000 },
    );
    return nsPerOp(entry, cell, measured);
  } finally {
    await machine.shutdown();
  }
}

function nsPerOp(entry: Experiment, cell: Cell, measured: readonly CpuMeasurement[]): number {
  return summariseCell(
    recordCell(entry, cell, measured, { package: 'bench', oversubscribed: false }),
  ).nsPerOp.median;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
