import os from 'node:os';
import { systemFiles } from './files.ts';
import type { SystemFiles } from './files.ts';
import { readTopology } from './topology.ts';
import type { Known, Topology } from './topology.ts';

/** Where a measurement was made: enough to judge it, nothing that names the user or the network. */
export interface HostFacts {
  readonly platform: string;
  readonly arch: string;
  readonly kernel: string;
  readonly cpuModel: string;
  /** Hardware threads that the system shows. */
  readonly logicalCpus: number;
  /** Hardware threads that this process may use (affinity and CPU quota heeded). */
  readonly availableCpus: number;
  readonly memoryBytes: number;
  /** CPU time this control group may use, in CPUs; undefined is no limit, 'unknown' no cgroup. */
  readonly cpuQuota: Known<number | 'none'>;
  readonly frequencyGovernor: Known<string>;
  readonly topology: Topology;
  readonly node: string;
  readonly v8: string;
}

/** Load of the host: 1, 5 and 15 minutes, as uptime tells it. Windows knows none: all zero. */
export type LoadAverage = readonly [one: number, five: number, fifteen: number];

export function readLoad(): LoadAverage {
  const [one = 0, five = 0, fifteen = 0] = os.loadavg();
  return [one, five, fifteen];
}

export function readHostFacts(files: SystemFiles = systemFiles()): HostFacts {
  const cpus = os.cpus();
  const model = cpus[0]?.model.replace(/\s+/g, ' ').trim();
  return {
    platform: os.platform(),
    arch: os.arch(),
    kernel: `${os.type()} ${os.release()}`,
    cpuModel: model === undefined || model === '' ? 'unknown' : model,
    logicalCpus: cpus.length,
    availableCpus: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    cpuQuota: readQuota(files),
    frequencyGovernor:
      files.read('sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? 'unknown',
    topology: readTopology(files),
    node: process.versions.node,
    v8: process.versions.v8,
  };
}

/** cgroup v2: "max 100000" or "150000 100000" (quota and period in µs). */
function readQuota(files: SystemFiles): HostFacts['cpuQuota'] {
  const [quota, period] = (files.read('sys/fs/cgroup/cpu.max') ?? '').split(' ');
  if (quota === 'max') return 'none';
  const share = Number(quota) / Number(period);
  return quota === '' || !Number.isFinite(share) ? 'unknown' : share;
}
