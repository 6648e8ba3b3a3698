import { formatCpuList } from '@percpu/machine';
import { readCpuList } from './cpu-list.ts';
import type { SystemFiles } from './files.ts';

/** A number the host tells, or `'unknown'` where it does not or where a hypervisor makes it up. */
export type Known<T> = T | 'unknown';

export interface CacheFacts {
  readonly level: number;
  readonly kind: string;
  readonly bytes: number;
  /** How many CPUs share one of them. */
  readonly sharedBy: number;
}

export interface Topology {
  readonly sockets: Known<number>;
  readonly coresPerSocket: Known<number>;
  readonly threadsPerCore: Known<number>;
  /** Cores (not threads) that share a last-level cache. */
  readonly coresPerLlc: Known<number>;
  readonly numaNodes: Known<number>;
  readonly caches: Known<readonly CacheFacts[]>;
  /** What this machine runs on: a hypervisor, a container, nothing, or not known. */
  readonly virtualised: Known<'no' | 'hypervisor'>;
  /** CPUs of the host that are online, as a list: `0-3,8`. */
  readonly online: Known<string>;
}

const CPU = 'sys/devices/system/cpu';
const NODE = 'sys/devices/system/node';

/**
 * Reads the processor topology as lscpu does, from /sys and /proc.
 *
 * A guest sees the sockets, threads and cache sharing that its hypervisor invented, which may
 * have nothing to do with where its CPUs run. A scaling curve read against them would mislead,
 * so under a hypervisor they are recorded as unknown.
 */
export function readTopology(files: SystemFiles): Topology {
  const virtualised = readVirtualised(files);
  const onlineText = files.read(`${CPU}/online`);
  const online = onlineText === undefined ? [] : readCpuList(onlineText);
  const numbers = online.length === 0 ? listCpus(files) : online;
  const unknown: Topology = {
    sockets: 'unknown',
    coresPerSocket: 'unknown',
    threadsPerCore: 'unknown',
    coresPerLlc: 'unknown',
    numaNodes: 'unknown',
    caches: 'unknown',
    virtualised,
    online: numbers.length === 0 ? 'unknown' : formatCpuList(numbers),
  };
  if (virtualised !== 'no' || numbers.length === 0) return unknown;

  const sockets = new Set<string>();
  const cores = new Set<string>();
  for (const cpu of numbers) {
    const socket = files.read(`${CPU}/cpu${cpu}/topology/physical_package_id`);
    const core = files.read(`${CPU}/cpu${cpu}/topology/core_id`);
    if (socket === undefined || core === undefined) return unknown;
    sockets.add(socket);
    cores.add(`${socket}/${core}`);
  }
  const caches = readCaches(files, numbers[0] ?? 0);
  const threadsPerCore = numbers.length / cores.size;
  const nodes = files.list(NODE).filter((name) => /^node\d+$/.test(name)).length;
  return {
    ...unknown,
    sockets: sockets.size,
    coresPerSocket: cores.size / sockets.size,
    threadsPerCore,
    coresPerLlc: readCoresPerLlc(caches, threadsPerCore),
    numaNodes: nodes === 0 ? 'unknown' : nodes,
    caches,
  };
}

function listCpus(files: SystemFiles): number[] {
  return files
    .list(CPU)
    .map((name) => /^cpu(\d+)$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/** x86 guests have the CPUID bit `hypervisor`; others have /sys/hypervisor or a device-tree node. */
function readVirtualised(files: SystemFiles): Topology['virtualised'] {
  const cpuinfo = files.read('proc/cpuinfo');
  if (cpuinfo === undefined) return 'unknown';
  const flags = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1];
  if (flags !== undefined) return /\bhypervisor\b/.test(flags) ? 'hypervisor' : 'no';
  const told =
    files.read('sys/hypervisor/type') ??
    files.read('sys/firmware/devicetree/base/hypervisor/compatible');
  return told === undefined ? 'unknown' : 'hypervisor';
}

function readCaches(files: SystemFiles, cpu: number): Topology['caches'] {
  const caches: CacheFacts[] = [];
  for (const name of files.list(`${CPU}/cpu${cpu}/cache`)) {
    if (!/^index\d+$/.test(name)) continue;
    const at = `${CPU}/cpu${cpu}/cache/${name}`;
    const level = Number(files.read(`${at}/level`));
    const bytes = readSize(files.read(`${at}/size`));
    const shared = files.read(`${at}/shared_cpu_list`);
    if (!Number.isInteger(level) || bytes === undefined || shared === undefined) continue;
    const kind = (files.read(`${at}/type`) ?? 'unified').toLowerCase();
    caches.push({ level, kind, bytes, sharedBy: Math.max(1, readCpuList(shared).length) });
  }
  return caches.length === 0 ? 'unknown' : caches;
}

function readCoresPerLlc(caches: Topology['caches'], threadsPerCore: number): Known<number> {
  if (caches === 'unknown') return 'unknown';
  const last = caches.reduce((a, b) => (b.level > a.level ? b : a));
  const cores = last.sharedBy / threadsPerCore;
  return Number.isInteger(cores) ? cores : 'unknown';
}

function readSize(text: string | undefined): number | undefined {
  const match = /^(\d+)([KMG]?)$/.exec(text ?? '');
  if (match === null) return undefined;
  const factor = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[2] ?? ''] ?? 1;
  return Number(match[1]) * factor;
}
