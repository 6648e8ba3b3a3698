/** What checked memory throws instead of losing a store. */
import type { Ptr } from './memory.ts';

export type AccessKind = 'read' | 'write' | 'update' | 'wait' | 'notify' | 'value';

export interface FaultDetails {
  /** The method of `Memory`: `store8`. */
  readonly operation: string;
  readonly address: Ptr;
  /** Bytes the access covers. */
  readonly size: number;
  readonly access: AccessKind;
  /** What is wrong, and what would be accepted. */
  readonly why: string;
}

export class MemoryFault extends Error {
  override readonly name: string = 'MemoryFault';
  readonly operation: string;
  readonly address: Ptr;
  readonly size: number;
  readonly access: AccessKind;

  constructor({ operation, address, size, access, why }: FaultDetails) {
    super(`${operation} of ${size} bytes at ${hex(address)}: ${why}`);
    this.operation = operation;
    this.address = address;
    this.size = size;
    this.access = access;
  }
}

/** An address as a kernel prints it; anything that is no address as it is. */
export function hex(at: Ptr): string {
  if (!Number.isInteger(at) || at < 0) return String(at);
  return `0x${at.toString(16).padStart(8, '0')}`;
}
