/** The workloads of curve C: an increment of a shared word, and one of a word of one's own. */
import type { Costs } from '../profile/costs.ts';
import type { Topology } from '../profile/topology.ts';
import { nsBetweenOperations } from './bare-run.ts';
import type { Program } from './bare-run.ts';

const SHARED = 0x2000;
/** Each on a line of its own. */
const ownWord = (cpu: number): number => 0x4000 + cpu * 128;

const atomic: Program = function* (cpu) {
  for (;;) {
    yield* cpu.access((memory) => memory.fetchAdd(SHARED, 1));
    cpu.count();
  }
};

const perCpu: Program = function* (cpu) {
  const at = ownWord(cpu.id);
  for (;;) {
    const value = yield* cpu.access((memory) => memory.read(at));
    yield* cpu.access((memory) => memory.write(at, value + 1));
    cpu.count();
  }
};

export type CounterKind = 'atomic' | 'perCpu';

/** ns per increment and thread. */
export function nsPerIncrement(kind: CounterKind, topology: Topology, costs: Costs): number {
  const { cpus } = topology;
  const options = { topology, costs, seed: 1, warmUp: 8 * cpus + 100, operations: 24 * cpus + 400 };
  return nsBetweenOperations(options, kind === 'atomic' ? atomic : perCpu) * cpus;
}
