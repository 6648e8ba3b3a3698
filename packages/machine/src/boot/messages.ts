/** What launcher and CPUs say to each other. A CPU reads its port when HOST_WORK is pending. */
import type { MessagePort } from 'node:worker_threads';
import type { NativeBackend } from '@percpu/memory';
import type { SourceBundle } from './serve-bundle.ts';

/** What a worker needs to become a CPU. */
export interface WorkerTask {
  readonly id: number;
  readonly native: WebAssembly.Memory;
  readonly backend: NativeBackend;
  readonly checked: boolean;
  readonly port: MessagePort;
  /** From source only. */
  readonly bundle: SourceBundle | undefined;
}

export type ToCpu =
  /** Import the program's module and find its export. */
  | {
      readonly kind: 'load';
      readonly run: number;
      readonly module: string;
      readonly export: string;
    }
  /** All CPUs of the run have loaded it: go. */
  | { readonly kind: 'start'; readonly run: number; readonly args: unknown }
  /** Another CPU could not load it: forget it. */
  | { readonly kind: 'drop'; readonly run: number }
  | { readonly kind: 'exit' };

export type FromCpu =
  | { readonly kind: 'up' }
  | { readonly kind: 'loaded'; readonly run: number }
  /** Could not load the program; nothing ran. */
  | { readonly kind: 'refused'; readonly run: number; readonly error: SentError }
  | { readonly kind: 'done'; readonly run: number; readonly value: unknown }
  /** The task ended with an oops and the machine lives on (panic_on_oops off). */
  | { readonly kind: 'failed'; readonly run: number; readonly error: SentError }
  /** This CPU has left its main loop for good: it panicked, or was stopped because another did. */
  | { readonly kind: 'stopped'; readonly panicked: boolean; readonly error: SentError };

/** An error as it crosses threads: structured clone would lose the class name and the cause's. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly cause: SentError | undefined;
}

export function sendError(error: unknown, depth = 4): SentError {
  if (!(error instanceof Error)) {
    return { name: 'Error', message: String(error), stack: '', cause: undefined };
  }
  const { name, message, stack = '', cause } = error;
  const inner = cause === undefined || depth === 0 ? undefined : sendError(cause, depth - 1);
  return { name, message, stack, cause: inner };
}

export function receiveError(sent: SentError): Error {
  const cause = sent.cause === undefined ? undefined : receiveError(sent.cause);
  const error = new Error(sent.message, cause === undefined ? undefined : { cause });
  error.name = sent.name;
  if (sent.stack !== '') error.stack = sent.stack;
  return error;
}
