/**
 * The execution of one simulated CPU: a stack of contexts, each a frame that was stopped in front of an access. An
 * interrupt is a new context on top; the one below stays where it is, as on hardware.
 *
 *   ready      stopped in front of the access in `memory` (or not yet begun): `step` carries it out and runs on
 *   blocked    the access was a wait: `wake` says what it answers
 *   done       no context left
 *   failed     the code threw
 */
import { begin, R, YIELD } from '@percpu/coroutine/runtime';
import type { Frame } from '@percpu/coroutine/runtime';
import { ControlError } from './errors.ts';
import type { PendingAccess } from './access.ts';
import type { SimulatedMemory } from './memory.ts';

export type ProcessorState = 'ready' | 'blocked' | 'done' | 'failed';

/** A context that an interrupt has covered. */
interface Covered {
  readonly frame: Frame;
  readonly access: PendingAccess;
}

/** What `AccessClock.carryOut` answers for a wait that blocks. */
export const BLOCKED: unique symbol = Symbol('blocked');

/** Any function of the code under control, by its plain form. */
export type Code = (...args: never[]) => unknown;

export class Processor {
  readonly memory: SimulatedMemory;
  state: ProcessorState = 'done';
  /** What the last context returned; what was thrown. */
  result: unknown = undefined;
  error: unknown = undefined;
  private frame: Frame | undefined = undefined;
  private readonly covered: Covered[] = [];

  constructor(memory: SimulatedMemory) {
    this.memory = memory;
  }

  /** How many contexts there are; more than one while an interrupt is being served. */
  get depth(): number {
    return this.frame === undefined ? 0 : this.covered.length + 1;
  }

  /** Starts `code` and runs it to its first access. On a CPU that is done, or new. */
  start(code: Code, receiver: unknown, args: readonly unknown[]): void {
    if (this.frame !== undefined) throw this.refusal('start', 'one that is done or has failed');
    this.error = undefined;
    this.enter(code, receiver, args);
  }

  /** Puts `code` on top of what has stopped here, and runs it to its first access. On a CPU that is ready. */
  interrupt(code: Code, receiver: unknown, args: readonly unknown[]): void {
    if (this.frame === undefined || this.state !== 'ready')
      throw this.refusal('interrupt', 'one that is ready');
    this.covered.push({ frame: this.frame, access: this.memory.pending });
    this.enter(code, receiver, args);
  }

  /** Carries out the access in front of which this CPU stopped, and runs to the next one. */
  step(): void {
    if (this.state !== 'ready') throw this.refusal('step', 'one that is ready');
    let value: unknown;
    try {
      value = this.memory.perform();
    } catch (error) {
      this.advance(error, true);
      return;
    }
    if (value === BLOCKED) this.state = 'blocked';
    else this.advance(value, false);
  }

  /** Ends a wait: `answer` is what it returns. The CPU runs to its next access. */
  wake(answer: unknown): void {
    if (this.state !== 'blocked') throw this.refusal('wake', 'one that is blocked');
    this.state = 'ready';
    this.advance(answer, false);
  }

  /** Forgets what runs here, unfinished or not: an explorer gives a run up in the middle. */
  reset(): void {
    this.frame = undefined;
    this.covered.length = 0;
    this.state = 'done';
    this.result = undefined;
    this.error = undefined;
  }

  private refusal(what: string, accepted: string): ControlError {
    return new ControlError(
      `${what}: CPU ${this.memory.cpu} is ${this.state}; accepted is ${accepted}`,
    );
  }

  private enter(code: Code, receiver: unknown, args: readonly unknown[]): void {
    this.state = 'ready';
    this.frame = begin(code, receiver, args);
    this.advance(undefined, false);
  }

  private advance(value: unknown, thrown: boolean): void {
    const frame = this.frame!;
    this.memory.bytes.running = this.memory;
    try {
      const { done, value: given } = thrown ? frame.throw(value) : frame.next(value);
      if (done !== true) {
        if (given !== YIELD)
          throw new ControlError(
            `CPU ${this.memory.cpu}: a task gave the CPU up outside of a scheduler; accepted is a yield in a task of a full machine`,
          );
        return;
      }
      this.result = given;
    } catch (error) {
      R.pending = false;
      R.site = 0;
      this.frame = undefined;
      this.covered.length = 0;
      this.error = error;
      this.state = 'failed';
      return;
    }
    this.uncover();
  }

  private uncover(): void {
    const below = this.covered.pop();
    this.frame = below?.frame;
    if (below === undefined) this.state = 'done';
    else this.memory.pending = below.access;
  }
}
