import { formatBytes, plural } from '../format.ts';
import type { HostFacts } from './facts.ts';
import type { Known, Topology } from './topology.ts';

/** The host as pairs of name and value, for doctor and report. */
export function describeHost(host: HostFacts): (readonly [name: string, value: string])[] {
  const { topology } = host;
  return [
    ['Processor', host.cpuModel],
    ['Hardware threads', `${host.logicalCpus}, ${host.availableCpus} for this process`],
    ['CPU quota', describeQuota(host.cpuQuota)],
    ['Virtualised', topology.virtualised === 'hypervisor' ? 'yes' : topology.virtualised],
    ['Sockets', text(topology.sockets)],
    ['Cores per socket', text(topology.coresPerSocket)],
    ['Threads per core', text(topology.threadsPerCore)],
    ['NUMA nodes', text(topology.numaNodes)],
    ['Caches', describeCaches(topology.caches)],
    ['Frequency governor', host.frequencyGovernor],
    ['Memory', formatBytes(host.memoryBytes)],
    ['System', `${host.kernel}, ${host.arch}`],
    ['Node', `${host.node} (V8 ${host.v8})`],
  ];
}

export function describeLoad(load: readonly number[]): string {
  return load.map((value) => value.toFixed(2)).join(', ');
}

function text(value: Known<number>): string {
  return String(value);
}

function describeQuota(quota: HostFacts['cpuQuota']): string {
  return typeof quota === 'number' ? plural(quota, 'CPU') : quota;
}

function describeCaches(caches: Topology['caches']): string {
  if (caches === 'unknown') return caches;
  return caches
    .map(({ level, kind, bytes, sharedBy }) => {
      const name = kind === 'unified' ? `L${level}` : `L${level} ${kind}`;
      return `${name} ${formatBytes(bytes)}${sharedBy > 1 ? ` for ${plural(sharedBy, 'CPU')}` : ''}`;
    })
    .join(', ');
}
