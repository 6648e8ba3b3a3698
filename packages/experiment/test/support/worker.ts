/** One thread of a test: runs a program of `programs.ts` by name, and answers with what it returned or threw. */

import { parentPort, workerData } from 'node:worker_threads';
import * as programs from './programs.ts';
import { ThreadCpu } from './thread-cpu.ts';

export interface Job {
  readonly buffer: SharedArrayBuffer;
  readonly id: number;
  readonly nrCpus: number;
  readonly program: keyof typeof programs.all;
  readonly args: unknown;
}

export type Answer =
  { readonly value: unknown } | { readonly error: string; readonly kind: string };

const { buffer, id, nrCpus, program, args } = workerData as Job;
const cpu = new ThreadCpu(buffer, id, nrCpus);

function run(): Answer {
  try {
    return { value: programs.all[program](cpu, args as never) };
  } catch (error) {
    return error instanceof Error
      ? { error: error.message, kind: error.name }
      : { error: String(error), kind: 'unknown' };
  }
}

parentPort?.postMessage(run());
