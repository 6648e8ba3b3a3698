/** Reading a host from its own description, as a table of hosts. */
import { expect, test } from 'vitest';
import { formatCpuList } from '@percpu/machine';
import { readCpuList } from '../src/host/cpu-list.ts';
import type { SystemFiles } from '../src/host/files.ts';
import { readHostFacts } from '../src/host/facts.ts';
import { readTopology } from '../src/host/topology.ts';

function files(content: Readonly<Record<string, string>>): SystemFiles {
  return {
    read: (path) => content[path],
    list: (folder) => {
      const names = Object.keys(content)
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1).split('/')[0] ?? '');
      return [...new Set(names)].sort();
    },
  };
}

const CPU = 'sys/devices/system/cpu';

/** Two sockets of two cores with two threads each, one L3 for each socket. */
function twoSockets(flags: string): Record<string, string> {
  const content: Record<string, string> = {
    'proc/cpuinfo': `processor\t: 0\nflags\t\t: ${flags}\n`,
    [`${CPU}/online`]: '0-7',
    'sys/devices/system/node/node0/cpulist': '0-1,4-5',
    'sys/devices/system/node/node1/cpulist': '2-3,6-7',
    [`${CPU}/cpu0/cache/index0/level`]: '1',
    [`${CPU}/cpu0/cache/index0/type`]: 'Data',
    [`${CPU}/cpu0/cache/index0/size`]: '32K',
    [`${CPU}/cpu0/cache/index0/shared_cpu_list`]: '0,4',
    [`${CPU}/cpu0/cache/index3/level`]: '3',
    [`${CPU}/cpu0/cache/index3/type`]: 'Unified',
    [`${CPU}/cpu0/cache/index3/size`]: '16M',
    [`${CPU}/cpu0/cache/index3/shared_cpu_list`]: '0-1,4-5',
  };
  for (let cpu = 0; cpu < 8; cpu++) {
    content[`${CPU}/cpu${cpu}/topology/physical_package_id`] = String((cpu >> 1) & 1);
    content[`${CPU}/cpu${cpu}/topology/core_id`] = String(cpu & 1);
  }
  return content;
}

test('bare metal: everything is told', () => {
  expect(readTopology(files(twoSockets('fpu vme ht')))).toEqual({
    sockets: 2,
    coresPerSocket: 2,
    threadsPerCore: 2,
    coresPerLlc: 2,
    numaNodes: 2,
    caches: [
      { level: 1, kind: 'data', bytes: 32 * 1024, sharedBy: 2 },
      { level: 3, kind: 'unified', bytes: 16 * 1024 ** 2, sharedBy: 4 },
    ],
    virtualised: 'no',
    online: '0-7',
  });
});

test('a guest: what the hypervisor made up is recorded as unknown', () => {
  expect(readTopology(files(twoSockets('fpu hypervisor vme')))).toMatchObject({
    sockets: 'unknown',
    threadsPerCore: 'unknown',
    coresPerLlc: 'unknown',
    caches: 'unknown',
    virtualised: 'hypervisor',
    online: '0-7',
  });
});

test('no /sys and no /proc: nothing is known, nothing fails', () => {
  const topology = readTopology(files({}));
  expect(new Set(Object.values(topology))).toEqual(new Set(['unknown']));
  expect(readHostFacts(files({})).availableCpus).toBeGreaterThan(0);
});

test.each([
  // cpu.max              CPUs
  ['max 100000', 'none'],
  ['150000 100000', 1.5],
  [undefined, 'unknown'],
  ['nonsense', 'unknown'],
])('a CPU quota of %s', (text, quota) => {
  const content: Record<string, string> =
    text === undefined ? {} : { 'sys/fs/cgroup/cpu.max': text };
  expect(readHostFacts(files(content)).cpuQuota).toBe(quota);
});

test.each([
  ['0-3,8', [0, 1, 2, 3, 8]],
  ['5', [5]],
  ['', []],
  ['0-', []],
])('the list %j', (text, cpus) => {
  expect(readCpuList(text)).toEqual(cpus);
  if (cpus.length > 0) expect(formatCpuList(cpus)).toBe(text);
});
