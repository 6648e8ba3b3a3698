/** What an exploration runs on, made once for a search and rewound for every run. */
import { formatHeader } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { PerCpuLayout } from '@percpu/machine';
import type { Cpu, Parameter } from '@percpu/machine';
import type { Exploration } from '@percpu/experiment';
import { Processor, SimulatedMachine, SimulatedMemory, SimulatedStore } from '@percpu/simulator';
import type { AccessClock } from '@percpu/simulator';

/** Bytes, where the author leaves it to us. Enough for setups of modest size; `bytes` asks for more. */
const BARE_BYTES = 2 ** 16;
const MACHINE_BYTES = 2 ** 20;
const BYTES_A_CPU = 2 ** 17;

/**
 * Boot parameters, where the author leaves them to us: waiters go to sleep at once, since a spin loop is parked until
 * what it waits for has changed and would never come to the sleeping; loops of their own do not doze.
 */
const PARAMETERS = { 'spin.budget': 0, 'relax.budget': 0 } as const;

export interface Ground {
  readonly store: SimulatedStore;
  readonly processors: readonly Processor[];
  /** Undefined on bare memory. */
  readonly machine: SimulatedMachine | undefined;
  readonly cpus: readonly Cpu[];
  /** For plain code. */
  readonly memory: SimulatedMemory;
  rewind(): void;
  /** Where CPU `cpu` finds which interrupts are pending. */
  pendingWordOf(cpu: number): Ptr | undefined;
}

export function makeGround(exploration: Exploration, clock: AccessClock): Ground {
  return exploration.on === 'memory'
    ? bareMemory(exploration, clock)
    : simulatedMachine(exploration, clock);
}

function bareMemory({ cpus, bytes = BARE_BYTES }: Exploration, clock: AccessClock): Ground {
  const store = new SimulatedStore(bytes);
  const processors = Array.from(
    { length: cpus },
    (_, id) => new Processor(new SimulatedMemory(store, id, clock)),
  );
  const { memory } = processors[0]!;
  formatHeader(memory, 0);
  store.checkpoint();
  return {
    store,
    processors,
    machine: undefined,
    cpus: [],
    memory,
    rewind(): void {
      store.rewind();
      for (const processor of processors) {
        processor.reset();
        processor.memory.immediate = true;
      }
    },
    pendingWordOf: () => undefined,
  };
}

function simulatedMachine(exploration: Exploration, clock: AccessClock): Ground {
  const { cpus, on, parameters, declares } = exploration;
  const store = new SimulatedStore(exploration.bytes ?? MACHINE_BYTES + cpus * BYTES_A_CPU);
  const machine = new SimulatedMachine(store, clock, {
    cpus,
    equipment: on === 'cpu' ? 'bare' : 'full',
    parameters: { ...PARAMETERS, ...parameters },
    declares: declares as readonly Parameter[],
    rewindable: true,
  });
  const { areas, areaSize } = machine.info;
  return {
    store,
    processors: machine.processors,
    machine,
    get cpus(): readonly Cpu[] {
      return machine.cpus;
    },
    memory: machine.processors[0]!.memory,
    rewind: () => machine.rewind(),
    pendingWordOf: (cpu) => areas + cpu * areaSize + PerCpuLayout.pending,
  };
}
