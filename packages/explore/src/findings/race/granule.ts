/**
 * What the race detector remembers of four bytes of memory: who touched which of them last, and what was
 * published through them.
 *
 * An access is kept until the same CPU touches the same bytes again in the same way. Nothing is lost by
 * that: whoever races with the older one races with the younger one too, because its clock is higher.
 */

/** A CPU's clocks of all CPUs: entry i is how far CPU i is known to have come. */
export type VectorClock = number[];

/** One access, by the epoch `clock` of `cpu`. */
export interface AccessRecord {
  cpu: number;
  clock: number;
  /** Which of the four bytes. */
  mask: number;
  write: boolean;
  op: number;
  at: number;
  site: number;
  step: number;
}

/** What a reader of these bytes acquires: the clock of the release that wrote them. */
export interface Published {
  mask: number;
  readonly clock: VectorClock;
}

export interface Granule {
  readonly plain: AccessRecord[];
  readonly atomic: AccessRecord[];
  readonly published: Published[];
}

export const ALL_BYTES = 0b1111;

export function newGranule(): Granule {
  return { plain: [], atomic: [], published: [] };
}

/** Component-wise maximum. */
export function joinClock(into: VectorClock, from: VectorClock): void {
  for (let i = 0; i < into.length; i++) if (from[i]! > into[i]!) into[i] = from[i]!;
}

/** The access in `records` that conflicts with one of `cpu`, and that `clock` does not know of. */
export function unordered(
  records: readonly AccessRecord[],
  cpu: number,
  mask: number,
  write: boolean,
  clock: VectorClock,
): AccessRecord | undefined {
  for (const record of records) {
    if (record.cpu === cpu || (record.mask & mask) === 0 || !(write || record.write)) continue;
    if (record.clock > clock[record.cpu]!) return record;
  }
  return undefined;
}

/** Remembers `access`; older ones of the same CPU and kind lose the bytes that it covers. */
export function remember(records: AccessRecord[], access: AccessRecord): void {
  let kept = 0;
  let reused = false;
  for (const record of records) {
    if (record.cpu === access.cpu && record.write === access.write) {
      record.mask &= ~access.mask;
      if (record.mask === 0) {
        if (reused) continue;
        reused = true;
        Object.assign(record, access);
      }
    }
    records[kept++] = record;
  }
  records.length = kept;
  if (!reused) records.push({ ...access });
}

/** What was published through the bytes of `mask` becomes known to `clock`. */
export function acquire(published: readonly Published[], mask: number, clock: VectorClock): void {
  for (const one of published) if ((one.mask & mask) !== 0) joinClock(clock, one.clock);
}

/** Whoever reads these bytes next acquires `clock`, and no longer what was published through them before. */
export function publish(published: Published[], mask: number, clock: VectorClock): void {
  let kept = 0;
  let reused = false;
  for (const one of published) {
    one.mask &= ~mask;
    if (one.mask === 0) {
      if (reused) continue;
      reused = true;
      one.mask = mask;
      for (let i = 0; i < clock.length; i++) one.clock[i] = clock[i]!;
    }
    published[kept++] = one;
  }
  published.length = kept;
  if (!reused) published.push({ mask, clock: [...clock] });
}
