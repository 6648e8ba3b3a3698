/** What an explorer or a model of time is to the memories of its CPUs. */
import type { Ptr } from '@percpu/memory';
import type { Value } from './access.ts';
import type { SimulatedMemory } from './memory.ts';

/** Who decides when accesses take place: a scheduler, or a virtual clock. */
export interface AccessClock {
  /** Asked in front of each access under control. True: it takes place now. False: the CPU stops here. */
  admit(memory: SimulatedMemory): boolean;
  /** Carries out `wait notify now pause delay choose`, and returns what it answers: BLOCKED (processor.ts) if the CPU sleeps. */
  carryOut(memory: SimulatedMemory): unknown;
  /** Told of each access under control that the memory itself carried out, before the CPU goes on. */
  performed?(memory: SimulatedMemory, result: Value | undefined): void;
  /** Told of each `readOwn`, set-up included: most words are the CPU's own, its pending interrupts are everybody's. */
  readonly ownRead?: ((at: Ptr) => void) | undefined;
  /** What `now` answers while nothing is under control. ns. */
  readonly setUpTime: number;
}
