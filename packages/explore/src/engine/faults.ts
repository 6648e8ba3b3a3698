/** What a thrown error means. */
import { UncontrolledAccessError } from '@percpu/coroutine/runtime';
import type { FindingKind } from '@percpu/experiment';
import { KernelOops, KernelPanic } from '@percpu/machine';
import { MemoryFault } from '@percpu/memory';
import type { Finding } from './outcome.ts';

const KINDS: readonly (readonly [new (...args: never[]) => Error, FindingKind])[] = [
  [UncontrolledAccessError, 'uncontrolled'],
  [KernelPanic, 'panic'],
  [KernelOops, 'oops'],
  [MemoryFault, 'oops'],
];

/** `where` says who threw: `CPU 1`, `after`. */
export function findingOf(error: unknown, where: string): Finding {
  const kind = KINDS.find(([type]) => error instanceof type)?.[1] ?? 'assertion';
  const text = error instanceof Error ? error.message : String(error);
  return { kind, message: `${where}: ${text}` };
}
