/** Where each CPU is in time, and when it goes on: what the parts of the clock share. */
import { EventQueue } from './event-queue.ts';
import { Phase } from './phase.ts';

export class Timeline {
  readonly cpus: number;
  readonly queue: EventQueue;
  /** By CPU: its present, what it is about to do (phase.ts), and when that is over. */
  readonly time: Float64Array;
  readonly phase: Uint8Array;
  readonly goesOn: Float64Array;
  /** When something has to be looked at before a CPU goes on. */
  readonly attention: Float64Array;
  /** When the timer of a CPU fires. */
  timer: (cpu: number) => number = () => Infinity;

  constructor(cpus: number) {
    this.cpus = cpus;
    this.queue = new EventQueue(cpus);
    this.time = new Float64Array(cpus);
    this.phase = new Uint8Array(cpus);
    this.goesOn = new Float64Array(cpus);
    this.attention = new Float64Array(cpus).fill(Infinity);
  }

  /** The access of `cpu` takes effect at `start`; the CPU goes on at `goesOn`. */
  serveAt(cpu: number, start: number, goesOn: number): void {
    this.phase[cpu] = Phase.serve;
    this.goesOn[cpu] = goesOn;
    this.queue.set(cpu, start);
  }

  /** Nothing to do for `cpu` before `time`, unless an interrupt comes. */
  restUntil(cpu: number, time: number): void {
    const timer = this.timer(cpu);
    // One that is due and not taken (interrupts are off) is not waited for.
    const fires = timer > this.time[cpu]! ? timer : Infinity;
    this.queue.set(cpu, Math.min(time, this.attention[cpu]!, fires));
  }

  /** Is there something that `cpu` has to look at before it goes on? */
  wantsAttention(cpu: number, now: number): boolean {
    return now >= this.attention[cpu]! || now >= this.timer(cpu);
  }
}
