/**
 * Kernel text in shared memory: which address is which function. A function cannot be shared between
 * threads, its address can: every CPU keeps the functions it loaded, this table says what they are called.
 *
 *   textBase                                          textBase + 16 · slots
 *   │ slot 0 │ slot 1 │ … │ module's range │ … │ free │
 *   16 bytes an address; handed out upwards, never twice: a stale pointer stays stale for ever
 *
 * A slot is free → mapped (a function lives there) → unmapped (its module is gone).
 */
import { alignUp, layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';

/** Bytes of address space a function takes, as `symbol+0x0/0x10` shows it. */
export const TEXT_STRIDE = 16;

/** Kernel text of a machine whose memory ends below; small enough for fast integers in V8. */
export const LOW_TEXT_BASE = 0x7f00_0000;
/** Kernel text of larger machines: the top 16 MiB of the address space, room for the most that `text.symbols` allows. */
export const HIGH_TEXT_BASE = 0xff00_0000;

const tableFields = {
  /** Constant: how many slots, and 1 << bits buckets. */
  slots: 'u32',
  bits: 'u32',
  buckets: 'ptr',
  table: 'ptr',
  /** Next slot never handed out. Under the boot lock. */
  next: 'u32',
  /** Newest module record. Under the boot lock. */
  modules: 'ptr',
} as const;

const slotFields = {
  /** SlotState. Atomic: read at every call. */
  state: 'u32',
  /** Shared string. */
  name: 'ptr',
  /** Module record, or 0 for text that is always there. */
  module: 'ptr',
  /** Next slot + 1 of the same bucket, or 0. */
  next: 'u32',
} as const;

const moduleFields = {
  next: 'ptr',
  name: 'ptr',
  /** Its range: first slot, how many, how many defined. */
  first: 'u32',
  slots: 'u32',
  used: 'u32',
  /** 1 while loaded. */
  mapped: 'u32',
} as const;

export const TextTable: Layout<typeof tableFields> = layout(tableFields, {
  name: 'TextTable',
  cacheAligned: true,
});
export const TextSlot: Layout<typeof slotFields> = layout(slotFields, { name: 'TextSlot' });
export const TextModule: Layout<typeof moduleFields> = layout(moduleFields, { name: 'TextModule' });

export const SlotState = { free: 0, mapped: 1, unmapped: 2 } as const;

/** Where kernel text starts, so that no data address is ever a text address. */
export function textBaseFor(memory: Memory): Ptr {
  return memory.byteLength <= LOW_TEXT_BASE ? LOW_TEXT_BASE : HIGH_TEXT_BASE;
}

/** An empty table. At bring-up only. */
export function allocText(memory: Memory, slots: number): Ptr {
  const at = memblockAlloc(memory, TextTable.size, TextTable.align);
  const bits = Math.ceil(Math.log2(slots));
  memory.describe(at, TextTable, 'kernel text');
  memory.write(at + TextTable.slots, slots);
  memory.write(at + TextTable.bits, bits);
  memory.write(at + TextTable.buckets, memblockAlloc(memory, 4 << bits));
  memory.write(at + TextTable.table, memblockAlloc(memory, alignUp(slots * TextSlot.size, 4)));
  return at;
}
