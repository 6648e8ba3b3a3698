import type { Cpu, MachineInfo } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { AddressNames, PendingAccess, Processor, SimulatedStore } from '@percpu/simulator';
import type { Call } from './call.ts';
import type { Choice } from './choice.ts';
import type { Finding, RunOutcome } from './outcome.ts';

/** The run under way, for those who watch it. Look, and touch nothing. */
export interface RunView {
  readonly store: SimulatedStore;
  readonly names: AddressNames;
  readonly processors: readonly Processor[];
  /** Empty on bare memory. */
  readonly cpus: readonly Cpu[];
  /** Undefined on bare memory. */
  readonly machine: MachineInfo | undefined;
  /** Choices carried out so far. */
  readonly step: number;
  /** The run's clock. ns. */
  readonly now: number;
  /** Operations of `Program.call`, in the order in which they began. */
  readonly calls: readonly Call[];
}

/** Who watches runs: a race detector, a recorder. One object sees all runs of a search. A finding ends the run. */
export interface RunObserver {
  /** After set-up, before the first access. */
  started?(run: RunView): void;
  /** A CPU comes to an access, which may be carried out much later. The code that makes it is on the native stack. */
  readonly arrived?: ((cpu: number) => void) | undefined;
  /** A choice is about to be carried out. */
  chose?(choice: Choice, step: number): void;
  /**
   * Every access, plain ones too, as soon as it was carried out. `access` is used again: keep nothing of it. The result of a
   * wait that sleeps is `BLOCKED` (of @percpu/simulator).
   */
  performed?(
    cpu: number,
    access: PendingAccess,
    result: unknown,
    step: number,
  ): Finding | undefined;
  /** A sleeper was woken by CPU `by`; undefined: by a timeout, or for no reason. */
  woken?(by: number | undefined, cpu: number, at: Ptr, step: number): void;
  /** An interrupt context begins, on top of what the CPU does. (Not where the CPU itself looks for interrupts.) */
  interrupted?(cpu: number, step: number): void;
  /** An interrupt context has ended. */
  returned?(cpu: number, step: number): void;
  /** After `after`. Not called for runs that the scheduler abandoned. Only the first finding counts. */
  finished?(outcome: RunOutcome): Finding | undefined;
}
