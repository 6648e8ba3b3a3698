/** What a thrown error means. */
import { UncontrolledAccessError } from '@percpu/coroutine/runtime';
import type { FindingKind } from '@percpu/experiment';
import { CpuStopped, KernelOops, KernelPanic } from '@percpu/machine';
import { MemoryFault } from '@percpu/memory';
import type { Finding } from './outcome.ts';

const KINDS: readonly (readonly [new (...args: never[]) => Error, FindingKind])[] = [
  [UncontrolledAccessError, 'uncontrolled'],
  [KernelPanic, 'panic'],
  [KernelOops, 'oops'],
  [MemoryFault, 'oops'],
];

/** A CPU that stops because another has panicked: that one tells why. */
export function isAftermath(error: unknown): boolean {
  return error instanceof CpuStopped;
}

/** `where` says who threw: `CPU 1`, `after`. */
export function findingOf(error: unknown, where: string): Finding {
  // What made it panic says more than that it did.
  if (error instanceof KernelPanic && error.cause instanceof KernelOops) {
    return findingOf(error.cause, where);
  }
  const kind = KINDS.find(([type]) => error instanceof type)?.[1] ?? 'assertion';
  const text = error instanceof Error ? error.message : String(error);
  return { kind, message: `${where}: ${text}` };
}
