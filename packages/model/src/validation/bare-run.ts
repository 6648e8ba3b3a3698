/** Small programs on bare CPUs, without a machine around them: for curves whose workload is a few accesses. */
import { seededRandom } from '@percpu/experiment';
import type { Random } from '@percpu/experiment';
import { twin, YIELD } from '@percpu/coroutine/runtime';
import { R } from '@percpu/coroutine/runtime';
import { Processor, SimulatedMemory, SimulatedStore } from '@percpu/simulator';
import { VirtualClock } from '../clock/virtual-clock.ts';
import type { Costs } from '../profile/costs.ts';
import type { Topology } from '../profile/topology.ts';

/** A program in its controlled form: it yields in front of each access (see `Access`). */
export type Program = (cpu: BareCpu) => Generator<unknown, void, number>;

/** Makes an access in a program: `yield* cpu.access((m) => m.load(at))`. */
export interface BareCpu {
  readonly id: number;
  readonly random: Random;
  access(what: (memory: SimulatedMemory) => unknown): Generator<unknown, number, number>;
  /** ns on the virtual clock. */
  now(): number;
  /** One operation has been done. */
  count(): void;
}

export interface BareOptions {
  readonly topology: Topology;
  readonly costs: Costs;
  readonly seed: number;
  /** Operations of all CPUs before counting begins, and then. */
  readonly warmUp: number;
  readonly operations: number;
}

/** Any number will do: the programs are not in anybody's source. */
const SITE = 1;
const BYTES = 2 ** 20;
const LINE = 64;

/** Runs `program` on all CPUs for so many operations; returns ns between two of them. */
export function nsBetweenOperations(options: BareOptions, program: Program): number {
  const { topology, costs, seed, warmUp, operations } = options;
  const store = new SimulatedStore(BYTES + topology.cpus * 4 * LINE);
  const clock = new VirtualClock(store, { topology, costs, lineBytes: LINE, seed });
  const processors = Array.from(
    { length: topology.cpus },
    (_, id) => new Processor(new SimulatedMemory(store, id, clock, { checked: false })),
  );
  clock.attach(processors);
  let done = 0;
  let began = 0;
  let ended = 0;
  const code = twin((_cpu: BareCpu): void => undefined, program as never);
  for (const { memory } of processors) {
    memory.immediate = false;
    const now = (): number => clock.now(memory.cpu);
    const cpu: BareCpu = {
      id: memory.cpu,
      random: seededRandom(seed, memory.cpu),
      *access(what) {
        R.site = SITE;
        const value = what(memory);
        return value === YIELD ? yield YIELD : (value as number);
      },
      now,
      count() {
        done++;
        if (done === warmUp) began = now();
        if (done === warmUp + operations) ended = now();
      },
    };
    processors[memory.cpu]!.start(code, undefined, [cpu] as never);
    clock.started(memory.cpu);
  }
  clock.run(() => done >= warmUp + operations);
  return (ended - began) / operations;
}
