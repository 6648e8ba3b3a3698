/** What programs are handed, and what they leave behind: the values seen, the calls made. */
import { twin, twinOf } from '@percpu/coroutine/runtime';
import type { Coroutine } from '@percpu/coroutine/runtime';
import type { Outcome, Program } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { SimulatedMemory } from '@percpu/simulator';
import type { Call } from './call.ts';

export type SeenValue = Outcome[string];

/** What all programs of a run share. */
export interface RunRecord {
  readonly seen: Outcome;
  see(name: string, value: SeenValue): void;
  readonly calls: Call[];
  /** `call` begins: it counts as begun with the CPU's next step. */
  began(call: Call): void;
  ended(call: Call, result: unknown): void;
  /** The next `choose` is the program's own, not an allocator's. */
  programChooses(): void;
}

export class ExploredProgram implements Program<Cpu | undefined, SimulatedMemory> {
  readonly id: number;
  readonly memory: SimulatedMemory;
  readonly cpu: Cpu | undefined;
  private readonly record: RunRecord;

  constructor(memory: SimulatedMemory, cpu: Cpu | undefined, record: RunRecord) {
    this.id = memory.cpu;
    this.memory = memory;
    this.cpu = cpu;
    this.record = record;
  }

  see(name: string, value: SeenValue): void {
    this.record.see(name, value);
  }

  /** A seam call: its caller stops here, and the memory takes the caller's site. */
  choose(alternatives: number): number {
    if (!Number.isInteger(alternatives) || alternatives < 1 || alternatives > MAX_ALTERNATIVES) {
      throw new RangeError(
        `choose: ${alternatives} alternatives; accepted are whole numbers from 1 to ${MAX_ALTERNATIVES}`,
      );
    }
    this.record.programChooses();
    return this.memory.choose(alternatives);
  }

  call<T>(operation: string, args: readonly unknown[], run: () => T): T {
    const call = this.begin(operation, args);
    const result = run();
    this.record.ended(call, result);
    return result;
  }

  /** The controlled form of `call`. */
  *controlledCall<T>(operation: string, args: readonly unknown[], run: () => T): Coroutine<T> {
    const call = this.begin(operation, args);
    const controlled = twinOf(run);
    const result = controlled === undefined ? run() : ((yield* controlled.call(undefined)) as T);
    this.record.ended(call, result);
    return result;
  }

  private begin(operation: string, args: readonly unknown[]): Call {
    const call: Call = {
      cpu: this.id,
      operation,
      args,
      invoked: Infinity,
      returned: Infinity,
      result: undefined,
    };
    this.record.calls.push(call);
    this.record.began(call);
    return call;
  }
}

/** More than anybody could try. */
const MAX_ALTERNATIVES = 1024;

// eslint-disable-next-line @typescript-eslint/unbound-method -- twins are called with the receiver
twin(ExploredProgram.prototype.call, ExploredProgram.prototype.controlledCall as never);
