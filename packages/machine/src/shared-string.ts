/**
 * Strings in the machine's memory: a length in bytes, then UTF-8. Written once before anybody else
 * knows the address and constant afterwards, so plain accesses suffice.
 */
import { memblockAlloc } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';

/** Longest string, in bytes of UTF-8. */
const MAX_SHARED_STRING = 1_048_576;

/** A copy of `text` in memory that is never freed. */
export function allocString(memory: Memory, text: string): Ptr {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_SHARED_STRING) {
    throw new RangeError(
      `allocString: ${bytes.length} bytes; accepted are at most ${MAX_SHARED_STRING}`,
    );
  }
  const at = memblockAlloc(memory, 4 + bytes.length, 4);
  for (let i = 0; i < bytes.length; i++) memory.write8(at + 4 + i, bytes[i]!);
  memory.write(at, bytes.length);
  return at;
}

/**
 * `text` in `room` bytes at `at`, cut where it does not fit, as *own* words: for reports, by the CPU whose they are.
 * Returns the bytes used, a multiple of 4.
 */
export function writeOwnString(memory: Memory, at: Ptr, text: string, room: number): number {
  const bytes = new TextEncoder().encode(text).subarray(0, room - 4);
  for (let i = 0; i < bytes.length; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    memory.writeOwn(at + 4 + i, word >>> 0);
  }
  memory.writeOwn(at, bytes.length);
  return 4 + Math.ceil(bytes.length / 4) * 4;
}

/** As `readString`, by *own* accesses: for reports about strings that somebody may be writing. `at` is a multiple of 4. */
export function peekString(memory: Memory, at: Ptr): string {
  if (at === 0) return '';
  const bytes = new Uint8Array(Math.min(memory.readOwn(at), MAX_SHARED_STRING));
  for (let i = 0; i < bytes.length; i += 4) {
    const word = memory.readOwn(at + 4 + i);
    for (let k = 0; k < 4 && i + k < bytes.length; k++) bytes[i + k] = word >>> (8 * k);
  }
  return new TextDecoder().decode(bytes);
}

/** The string at `at`; '' for NULL. */
export function readString(memory: Memory, at: Ptr): string {
  if (at === 0) return '';
  const bytes = new Uint8Array(Math.min(memory.read(at), MAX_SHARED_STRING));
  for (let i = 0; i < bytes.length; i++) bytes[i] = memory.read8(at + 4 + i);
  return new TextDecoder().decode(bytes);
}
