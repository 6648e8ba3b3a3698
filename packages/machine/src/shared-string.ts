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

/** The string at `at`; '' for NULL. */
export function readString(memory: Memory, at: Ptr): string {
  if (at === 0) return '';
  const bytes = new Uint8Array(Math.min(memory.read(at), MAX_SHARED_STRING));
  for (let i = 0; i < bytes.length; i++) bytes[i] = memory.read8(at + 4 + i);
  return new TextDecoder().decode(bytes);
}
