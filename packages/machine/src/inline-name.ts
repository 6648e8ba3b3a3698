/** Short names inside structs that are used again: a length and bytes in place, read with `readString`. */
import { array, layout } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';

/** Longest name in bytes of UTF-8; longer ones are cut. (Linux: TASK_COMM_LEN is 16.) */
const NAME_BYTES = 36;

const fields = { length: 'u32', bytes: array('u8', NAME_BYTES) } as const;

/** A shared string (shared-string.ts) with room for NAME_BYTES. */
export const InlineName: Layout<Record<'length' | 'bytes', unknown>> = layout(fields, {
  name: 'InlineName',
});

/** Writes as many whole characters as fit. */
export function writeName(memory: Memory, at: Ptr, name: string): void {
  const bytes = new Uint8Array(NAME_BYTES);
  const { written } = new TextEncoder().encodeInto(name, bytes);
  for (let i = 0; i < written; i++) memory.write8(at + InlineName.bytes + i, bytes[i]!);
  memory.write(at + InlineName.length, written);
}
