/**
 * The kernel log: a ring of records in the machine's memory. Any CPU writes in any context, also a
 * crashing one; the host reads while the machine runs, is stuck or is dead. Nobody ever waits.
 *
 * A writer reserves a number n with one fetchAdd; record n lives in slot n mod size. The state word of a
 * slot says what is in it:
 *
 *     0 ──claim──▶ writing n (2n+1) ──publish──▶ holds n (2n+2) ──claim──▶ writing n+size ──▶ …
 *
 * A claim is a compare-exchange from "holds an older record". Where the slot is still being written
 * (by a CPU that was descheduled, or died) the newcomer gives up and its record counts as lost: in an
 * interrupt handler there is nothing to wait for. A reader copies and then looks at the state again.
 *
 * All accesses are atomic: a reader races with the writer that laps it, on purpose.
 */
import { layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';

/** Linux: KERN_EMERG … KERN_DEBUG. */
export const LogLevel = {
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
} as const;

export type LogLevelName = keyof typeof LogLevel;

const ringFields = {
  /** Number of the next record; wraps at 2³¹ so that the state word holds it with one more bit. */
  next: 'u32',
  /** A power of two. */
  slots: 'u32',
} as const;

export const DmesgRing: Layout<typeof ringFields> = layout(ringFields, {
  name: 'DmesgRing',
  cacheAligned: true,
});

const recordFields = {
  state: 'u32',
  /** Level in bits 0–7, length of the text in bytes in bits 8–15, CPU number above. */
  meta: 'u32',
  /** Nanoseconds since bring-up. */
  time: 'i64',
  text: { kind: 'array', element: 'u8', length: 240 },
} as const;

export const DmesgRecord: Layout<typeof recordFields> = layout(recordFields, {
  name: 'DmesgRecord',
});

/** Longest text of one record, in bytes of UTF-8; longer lines are continued in the next one. */
const MAX_DMESG_TEXT = 240;

/** Numbers wrap here. */
const NUMBER_MASK = 0x7fff_ffff;

/** One record as read. */
export interface DmesgLine {
  readonly number: number;
  readonly level: LogLevelName;
  readonly cpu: number;
  /** Nanoseconds since bring-up. */
  readonly time: number;
  readonly text: string;
}

/** An empty ring with room for `lines` records, rounded up to a power of two. At bring-up only. */
export function allocDmesg(memory: Memory, lines: number): Ptr {
  const slots = 2 ** Math.ceil(Math.log2(lines));
  const at = memblockAlloc(memory, DmesgRing.size + slots * DmesgRecord.size);
  memory.describe(at, DmesgRing, 'dmesg');
  memory.store(at + DmesgRing.slots, slots);
  return at;
}

/**
 * Appends one line. Any context, any number of writers. `time` in ns since bring-up. Longer text goes
 * into several records; more than 16 of them are cut off.
 */
export function writeDmesg(
  memory: Memory,
  ring: Ptr,
  level: LogLevelName,
  cpu: number,
  time: number,
  text: string,
): void {
  const bytes = new TextEncoder().encode(text);
  const end = Math.min(bytes.length, 16 * MAX_DMESG_TEXT);
  let from = 0;
  do {
    const to = pieceEnd(bytes, from, end);
    writeRecord(memory, ring, LogLevel[level] | (cpu << 16), time, bytes.subarray(from, to));
    from = to;
  } while (from < end);
}

/** Where the piece that starts at `from` ends: a full record at most, and no character cut in two. */
function pieceEnd(bytes: Uint8Array, from: number, end: number): number {
  let to = Math.min(from + MAX_DMESG_TEXT, end);
  while (to < end && to > from && (bytes[to]! & 0xc0) === 0x80) to--;
  return to;
}

function writeRecord(
  memory: Memory,
  ring: Ptr,
  meta: number,
  time: number,
  text: Uint8Array,
): void {
  const number = memory.fetchAdd(ring + DmesgRing.next, 1) & NUMBER_MASK;
  const at = slotOf(memory, ring, number);
  const writing = (number * 2 + 1) >>> 0;
  const before = memory.load(at + DmesgRecord.state);
  // Odd: somebody writes there. Newer: we were descheduled for a whole turn of the ring.
  const older = before === 0 || (before & 1) === 0;
  const newer = before !== 0 && isNewer((before >>> 1) - 1, number);
  if (
    !older ||
    newer ||
    memory.compareExchange(at + DmesgRecord.state, before, writing) !== before
  ) {
    return;
  }
  memory.store(at + DmesgRecord.meta, meta | (text.length << 8));
  memory.store64(at + DmesgRecord.time, Math.round(time));
  for (let i = 0; i < text.length; i += 4) {
    const word =
      text[i]! |
      ((text[i + 1] ?? 0) << 8) |
      ((text[i + 2] ?? 0) << 16) |
      ((text[i + 3] ?? 0) << 24);
    memory.store(at + DmesgRecord.text + i, word >>> 0);
  }
  // Publishes the record; pairs with the first load of the state in readRecord.
  memory.store(at + DmesgRecord.state, (writing + 1) >>> 0);
}

function slotOf(memory: Memory, ring: Ptr, number: number): Ptr {
  const slots = memory.read(ring + DmesgRing.slots);
  return ring + DmesgRing.size + (number & (slots - 1)) * DmesgRecord.size;
}

/** Is `a` after `b`, in numbers that wrap? */
function isNewer(a: number, b: number): boolean {
  const ahead = (a - b) & NUMBER_MASK;
  return ahead !== 0 && ahead < 0x4000_0000;
}

/**
 * What the ring holds, oldest first, and how many records are not readable any more: overwritten, given up
 * by their writer, or (at this moment) being written.
 */
export function readDmesg(memory: Memory, ring: Ptr): { lines: DmesgLine[]; lost: number } {
  const next = memory.load(ring + DmesgRing.next);
  const slots = memory.read(ring + DmesgRing.slots);
  const held = Math.min(next, slots);
  const lines: DmesgLine[] = [];
  for (let i = held; i > 0; i--) {
    const line = readRecord(memory, ring, (next - i) & NUMBER_MASK);
    if (line !== undefined) lines.push(line);
  }
  return { lines, lost: next - lines.length };
}

/** Undefined when the record is being written, was never published, or was overwritten while read. */
function readRecord(memory: Memory, ring: Ptr, number: number): DmesgLine | undefined {
  const at = slotOf(memory, ring, number);
  const published = (number * 2 + 2) >>> 0;
  if (memory.load(at + DmesgRecord.state) !== published) return undefined;
  const meta = memory.load(at + DmesgRecord.meta);
  const time = memory.load64(at + DmesgRecord.time);
  const bytes = new Uint8Array(MAX_DMESG_TEXT);
  const length = Math.min((meta >>> 8) & 0xff, MAX_DMESG_TEXT);
  for (let i = 0; i < length; i += 4) {
    const word = memory.load(at + DmesgRecord.text + i);
    for (let byte = 0; byte < 4; byte++) bytes[i + byte] = word >>> (8 * byte);
  }
  if (memory.load(at + DmesgRecord.state) !== published) return undefined;
  const level = LEVEL_NAMES[meta & 7]!;
  const text = new TextDecoder().decode(bytes.subarray(0, length));
  return { number, level, cpu: meta >>> 16, time, text };
}

const LEVEL_NAMES: readonly LogLevelName[] = Object.freeze(Object.keys(LogLevel) as LogLevelName[]);

/** `[    1.234567] text`, as the kernel prints it. */
export function formatDmesgLine({ time, text }: DmesgLine): string {
  const micros = Math.floor(time / 1000);
  const seconds = String(Math.floor(micros / 1_000_000)).padStart(5);
  return `[${seconds}.${String(micros % 1_000_000).padStart(6, '0')}] ${text}`;
}
