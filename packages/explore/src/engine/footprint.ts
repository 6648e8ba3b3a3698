/**
 * What one step of a run did, as far as the order of steps of different CPUs matters: which bytes it read and wrote,
 * whom it woke, whether it concerns everybody. Two steps of different CPUs are dependent if their footprints conflict;
 * all else may be swapped without a difference to anybody.
 *
 *   read, write            bytes; conflict if they overlap and one is a write. A compare-exchange that failed is a read, and a
 *                          write of the value that was there is a write
 *   queue of an address    read by a notify that found nobody; written by a wait, by its end, by a notify that wakes
 *   clock                  read by `now`; written when time moves
 *   invocation, response   an operation of an object begins or ends: which of two came first is what linearizability is about
 *   interrupt              a step that does not come from the CPU it happens on: conflicts with every step of that CPU, with
 *                          whoever makes an interrupt pending there, and with whoever wakes it
 *   everything             time jumps because nothing else can happen, a CPU dies, the run fails: conflicts with every step
 */
import type { Ptr } from '@percpu/memory';

export const Mode: {
  readonly read: 1;
  readonly write: 2;
  readonly invocation: 4;
  readonly response: 8;
} = Object.freeze({ read: 1, write: 2, invocation: 4, response: 8 });

/** Behind the addresses of memory: what is shared and has no bytes. */
const BEHIND_MEMORY = 2 ** 40;
const CLOCK = 2 * BEHIND_MEMORY;
const HISTORY = CLOCK + 1;

/** Does the order of these two modes on the same bytes matter? Indexed by both together. */
const CONFLICTS: readonly boolean[] = Array.from({ length: 16 * 16 }, (_, both) => {
  const a = both >>> 4;
  const b = both & 15;
  const bytes = ((a & 2) !== 0 && (b & 3) !== 0) || ((b & 2) !== 0 && (a & 3) !== 0);
  return bytes || ((a & 4) !== 0 && (b & 8) !== 0) || ((a & 8) !== 0 && (b & 4) !== 0);
});

export class Footprint {
  /** Who did it: a CPU, or the interrupts of one. */
  process = 0;
  /** The CPU that was interrupted; −1: this is no interrupt. */
  interrupts = -1;
  /** Depends on every step there is. */
  everything = false;
  /** The CPU took its interrupts from its pending word. */
  took = false;
  /** The CPU whose pending word was written by another, −1 if none. */
  raised = -1;
  /** CPUs that this step woke or set free: what they do next comes after it. */
  readonly woken: number[] = [];
  /** How many items there are; the arrays may be longer. */
  count = 0;
  private readonly at: number[] = [];
  private readonly end: number[] = [];
  private readonly mode: number[] = [];

  clear(process: number, cpu: number): void {
    this.process = process;
    this.interrupts = process === cpu ? -1 : cpu;
    this.everything = false;
    this.raised = -1;
    this.took = false;
    this.woken.length = 0;
    this.count = 0;
  }

  add(at: number, bytes: number, mode: number): void {
    const index = this.count++;
    this.at[index] = at;
    this.end[index] = at + bytes;
    this.mode[index] = mode;
  }

  addQueue(at: Ptr, mode: number): void {
    this.add(BEHIND_MEMORY + at, 4, mode);
  }

  addClock(mode: number): void {
    this.add(CLOCK, 1, mode);
  }

  addCall(mode: number): void {
    this.add(HISTORY, 1, mode);
  }

  copy(other: Footprint): void {
    this.clear(other.process, other.interrupts < 0 ? other.process : other.interrupts);
    this.join(other);
  }

  /** Takes in what `other` did: what either of two alternatives of a CPU depends on. */
  join(other: Footprint): void {
    this.everything ||= other.everything;
    if (other.interrupts >= 0) this.interrupts = other.interrupts;
    if (this.raised < 0) this.raised = other.raised;
    // Two alternatives that raise on different CPUs: rare, and safe to overstate.
    else if (other.raised >= 0 && other.raised !== this.raised) this.everything = true;
    this.took ||= other.took;
    for (const cpu of other.woken) this.woken.push(cpu);
    for (let i = 0; i < other.count; i++) {
      this.add(other.at[i]!, other.end[i]! - other.at[i]!, other.mode[i]!);
    }
  }

  private disturbs(other: Footprint): boolean {
    const { interrupts, process } = other;
    if (interrupts >= 0) {
      if (this.process === interrupts || this.raised === interrupts) return true;
      if (this.woken.includes(interrupts)) return true;
    }
    return this.woken.includes(process);
  }

  /** It changed nothing that others could see. */
  get onlyReads(): boolean {
    const { everything, raised, woken, count, mode } = this;
    if (everything || raised >= 0 || woken.length > 0) return false;
    for (let i = 0; i < count; i++) if (mode[i] !== Mode.read) return false;
    return true;
  }

  /** Are these steps, of different processes, dependent? */
  conflicts(other: Footprint): boolean {
    if (this.everything || other.everything) return true;
    if (this.disturbs(other) || other.disturbs(this)) return true;
    for (let i = 0; i < this.count; i++) {
      const at = this.at[i]!;
      const end = this.end[i]!;
      const mode = this.mode[i]! << 4;
      for (let j = 0; j < other.count; j++) {
        if (at < other.end[j]! && other.at[j]! < end && CONFLICTS[mode | other.mode[j]!]!)
          return true;
      }
    }
    return false;
  }
}
