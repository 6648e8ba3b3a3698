/**
 * How long modelling takes: `lock-handover`, all variants, 1 to 256 CPUs in powers of two, one point after the other in one
 * thread; then 1024 and 4096 CPUs, with the memory they need. `npm run bench -w @percpu/model [-- CPUS…]`.
 */
import { registerCoroutine } from '@percpu/coroutine/hooks';

registerCoroutine();
const { chooseCell, findByName, recordCell, summariseCell } = await import('@percpu/experiment');
const { experiments } = await import('@percpu/locks/experiments');
const { measurePoint } = await import('../../src/point.ts');
const { PROFILES } = await import('../../src/profile/profiles.ts');

const entry = findByName(experiments, 'lock-handover');
const asked = process.argv.slice(2).map(Number);
const small = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const large = [1024, 4096];
const began = performance.now();
for (const cpus of asked.length > 0 ? asked : small)
  for (const variant of Object.keys(entry.variants)) point(variant, cpus);
process.stdout.write(`all together: ${seconds(began)} s\n`);
if (asked.length === 0)
  for (const cpus of large) for (const variant of ['ticket', 'mcs']) point(variant, cpus);

function point(variant: string, cpus: number): void {
  const start = performance.now();
  const cell = chooseCell(entry, { variant, clock: 'model', cpus });
  const { cpus: measured, model } = measurePoint({
    profile: PROFILES[0]!,
    experiment: entry,
    cell,
  });
  const { nsPerOp, fairness } = summariseCell(
    recordCell(entry, cell, measured, { package: 'bench', oversubscribed: false }),
  );
  const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
  const dearest = model!.lines[0]?.name ?? 'none';
  process.stdout.write(
    `${String(cpus).padStart(4)} CPUs  ${variant.padEnd(7)} ${(nsPerOp.median / cpus).toFixed(1).padStart(9)} ns between two  ` +
      `fairness ${fairness.toFixed(2)}  dearest line: ${dearest.padEnd(28)} ${seconds(start)} s  ${rss} MiB\n`,
  );
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(2);
}
