/**
 * Which CPU is near which. CPU numbers go through all cores first and then through the second threads of the cores, as Linux
 * numbers x86 servers; so on 2 nodes of 4 cores with 2 threads each, node 0 has the CPUs 0–3 and 8–11.
 *
 * A boot parameter and not a question to the host: worker threads are not bound to cores. Under the model clock it
 * comes from the profile.
 */
import { NUMA_CORES_PER_NODE, NUMA_NODES } from './core-parameters.ts';
import type { MachineInfo } from './machine-info.ts';
import { parameterValue } from './parameters.ts';

/** Linux: cpu_to_node(). */
export function cpuToNode({ parameters }: MachineInfo, cpu: number): number {
  const turn = Math.floor(cpu / parameterValue(parameters, NUMA_CORES_PER_NODE));
  return turn % parameterValue(parameters, NUMA_NODES);
}
