/**
 * What a machine costs to boot: time until all CPUs are in their idle loop, processor time, and resident memory a CPU.
 *
 *   npm run bench -w @percpu/machine                   from source; `-- 64` for a machine of 64 CPUs only
 *   npx nx build @percpu/machine
 *   npx node packages/machine/bench/boot.ts            as published
 */
import { argv, cpuUsage, memoryUsage, stdout } from 'node:process';
import { Machine } from '@percpu/machine/boot';

const MIB = 2 ** 20;

/** A first machine, so that what the host itself loads once is not counted. */
async function warmUp(): Promise<void> {
  await using _machine = await Machine.boot({ cpus: 1 });
}

async function measure(cpus: number): Promise<string> {
  const before = memoryUsage.rss();
  const spent = cpuUsage();
  const began = performance.now();
  await using _machine = await Machine.boot({ cpus });
  const bootMs = performance.now() - began;
  const { user, system } = cpuUsage(spent);
  const mib = (memoryUsage.rss() - before) / MIB / cpus;
  const cpuMs = (user + system) / 1000 / cpus;
  return `${cpus} CPUs: boot ${(bootMs / 1000).toFixed(2)} s; a CPU: ${cpuMs.toFixed(1)} ms of processor time, ${mib.toFixed(1)} MiB`;
}

await warmUp();
const counts = argv.length > 2 ? argv.slice(2).map(Number) : [16, 64, 256];
for (const cpus of counts) stdout.write(`${await measure(cpus)}\n`);
