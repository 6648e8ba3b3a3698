/**
 * The model against this host: calibrates, then runs the same experiments on threads and under virtual time, on 1 to
 * all cores, each CPU on a core of its own. `npm run host -w @percpu/model`. Compare ratios: the model knows no instructions.
 *
 * A CPU that loses its core to somebody else leaves the lock to the others, who then hand it over to nobody: such repeats are
 * not counted.
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
import type { HostPoint } from './host-program.ts';

const REPEATS = 5;
const MOST_TRIES = 12;
const MEASURE_NS = 40e6;
/** Share of the window for which a CPU may be without its core. */
const DISPLACED = 0.02;
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
      let tries = 0;
      while (measured.length < REPEATS && tries++ < MOST_TRIES) {
        const ns = await parallel(entry, variant, cpus);
        if (ns !== undefined) measured.push(ns);
      }
      const median = measured.sort((a, b) => a - b)[measured.length >> 1] ?? NaN;
      print(
        `${name} ${variant.padEnd(8)} ${String(cpus).padStart(3)} CPUs  host ${median.toFixed(1).padStart(9)} ns  model ${modelled.toFixed(1).padStart(9)} ns  model / host ${(modelled / median).toFixed(2)}  (${measured.length} of ${tries} repeats undisturbed)`,
      );
    }
  }
}

/** ns per operation and CPU; undefined: a CPU lost its core. */
async function parallel(
  entry: Experiment,
  variant: string,
  cpus: number,
): Promise<number | undefined> {
  const window = { kind: 'time', warmUpNs: 40e6, measureNs: MEASURE_NS } as const;
  const cell = chooseCell(entry, { variant, cpus, window });
  const machine = await Machine.boot({ cpus, checked: false });
  try {
    const bytes = entry.arenaBytes(cpus);
    const place = {
      control: memblockAlloc(machine.memory, controlBytes(cpus), CACHE_LINE),
      arena: { at: memblockAlloc(machine.memory, bytes, CACHE_LINE), bytes },
    };
    const module = new URL('./host-program.ts', import.meta.url);
    const points = await machine.run<HostPoint>(
      { module, args: { cell, place } },
      { timeoutMs: 30_000 },
    );
    if (points.some(({ displacedNs }) => displacedNs > DISPLACED * MEASURE_NS)) return undefined;
    return nsPerOp(
      entry,
      cell,
      points.map(({ measured }) => measured),
    );
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
