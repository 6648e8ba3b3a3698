/** What a type of lock tells about itself to hooks, to the debug mode and, through it, to reports. */
import type { LockKindInfo } from '@percpu/machine';
import type { FieldInfo, LayoutInfo } from '@percpu/memory';

export interface LockKindDefinition extends LockKindInfo {
  /** Its struct, where it has one: names the field that a CPU waits for. With a field `magic` ('u32') that word is checked. */
  readonly layout?: LayoutInfo;
}

/** One object for each type, for all CPUs. */
export interface LockKind extends LockKindInfo {
  /** Bytes from a lock's address on that are the lock. */
  readonly size: number;
  /** What an initialised lock has in its word `magic`, beside its owner, and where that is; undefined: it has none. */
  readonly magic: number;
  readonly magicAt: number | undefined;
  /** `mutex owner@0 lock.locked@4`: how reports on other threads learn of it. */
  readonly description: string;
}

/**
 * The word `magic` of a lock:
 *
 *   31         13 12          0
 *   ┌────────────┬────────────┐      magic   of its type; 0: it was never initialised
 *   │   magic    │   owner    │      owner   CPU number + 1 of its only holder, 0: there is none
 *   └────────────┴────────────┘
 *
 * An *own* word: whoever finds its own number there has written it. Two holders, of a lock that lets both in, do not.
 */
export const OWNER_MASK = 0x1fff;
/** Magic of a lock that was destroyed. No type has this one. */
export const DESTROYED = 0x6b6b_4000;

export function lockKind({ layout, ...info }: LockKindDefinition): LockKind {
  return Object.freeze<LockKind>({
    ...info,
    size: layout?.size ?? 4,
    magic: layout === undefined ? 0 : magicOf(layout.layoutName),
    magicAt: layout?.fields.find(({ name }) => name === 'magic')?.offset,
    description: [info.name, ...(layout === undefined ? [] : fieldsOf(layout))].join(' '),
  });
}

/** By struct, because the reading and the writing side of a lock are two types of one struct. FNV-1a; never 0, never DESTROYED, whose lowest bit of magic is not set. */
function magicOf(layoutName: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < layoutName.length; i++)
    hash = Math.imul(hash ^ layoutName.charCodeAt(i), 0x0100_0193);
  return ((hash | (OWNER_MASK + 1)) & ~OWNER_MASK) >>> 0;
}

function fieldsOf(layout: LayoutInfo, path = '', base = 0): string[] {
  return layout.fields.flatMap(({ name, offset, inner, stride }: FieldInfo) =>
    inner === undefined || stride !== undefined
      ? [`${path}${name}@${base + offset}`]
      : fieldsOf(inner, `${path}${name}.`, base + offset),
  );
}
