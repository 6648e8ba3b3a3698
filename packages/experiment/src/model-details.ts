/**
 * Where the virtual time of one modelled point went. Under the model clock every access has a price
 * and a reason, so that a result can name the cache line that it is bound by.
 */

import type { CpuMeasurement } from './measure.ts';

/** Nanoseconds of CPU time, all CPUs together, by what they were spent on. */
export interface TimeSpent {
  /** Instructions, delays, and accesses to lines that the CPU had already. */
  readonly compute: number;
  /** Lines on their way between caches or from memory, and the queue for them. */
  readonly transfer: number;
  /** Spinning or asleep until a lock, or whatever else was waited for, came free. */
  readonly lockWait: number;
  /** Sending interrupts, waiting for answers, and handling those of others. */
  readonly ipi: number;
  /** Nothing to do. */
  readonly idle: number;
}

/** What one field of a line cost; ns of CPU time, all CPUs together. */
export interface FieldDetails {
  readonly name: string;
  readonly accesses: number;
  /** Accesses for which the line had to come from elsewhere. */
  readonly transfers: number;
  readonly transferNs: number;
  /** Queueing for the line behind other CPUs. */
  readonly waitNs: number;
  /** Waiting until another CPU wrote this field. */
  readonly lockWaitNs: number;
}

/** One cache line that holds shared state. */
export interface LineDetails {
  /** The structure instance that lives in it: `ticket`. */
  readonly name: string;
  readonly fields: readonly FieldDetails[];
  readonly transferNs: number;
  readonly waitNs: number;
  /** Share of the window in which it was being served: near 1, it is what everybody waits for. */
  readonly busy?: number;
  /** Transfers by where they came from: smt, llc, socket, remote, far, memory. */
  readonly distances?: Readonly<Record<string, number>>;
  /** Why it is dear, in a sentence. */
  readonly why?: string;
}

export interface ModelDetails {
  /** The machine that was modelled. */
  readonly profile: string;
  /** Host time that modelling this point took. */
  readonly seconds: number;
  /** Accesses carried out. */
  readonly accesses: number;
  /** Virtual CPU time of the measured window, all CPUs together. */
  readonly cpuNs: number;
  readonly where: TimeSpent;
  /** The dearest lines, the dearest first; the last may stand for all others together. */
  readonly lines: readonly LineDetails[];
}

/** What an engine brings back from one measurement. */
export interface Measured {
  readonly cpus: readonly CpuMeasurement[];
  /** Only under the model clock. */
  readonly model?: ModelDetails;
}
