/** Which `warnOnce` texts the machine has printed: a set of hashes that only grows. Any context. */
import { memblockAlloc } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';

/** Texts told apart. When the table is full every text counts as new: printing twice beats silence. */
const SLOTS = 512;

/** At bring-up only. */
export function allocOnceTable(memory: Memory): Ptr {
  return memblockAlloc(memory, SLOTS * 4);
}

/** Adds `text`; true for the first caller on any CPU. */
export function onceTableFirst(memory: Memory, table: Ptr, text: string): boolean {
  const hash = hashText(text);
  for (let probe = 0; probe < SLOTS; probe++) {
    const at = table + ((hash + probe) % SLOTS) * 4;
    // The compare-exchange is the whole protocol: whoever turns 0 into the hash was first.
    const seen = memory.compareExchange(at, 0, hash);
    if (seen === 0) return true;
    if (seen === hash) return false;
  }
  return true;
}

/** FNV-1a over UTF-16 units, never 0. */
export function hashText(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  }
  return hash >>> 0 || 1;
}
