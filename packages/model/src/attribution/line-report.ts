/** One line, or all lines of one kind, with names in place of addresses. */
import type { FieldDetails } from '@percpu/experiment';
import type { AddressNames } from '@percpu/simulator';
import type { LineBill, WordBill } from '../coherence/line-bill.ts';
import { NOBODY, SEVERAL } from '../coherence/line-bill.ts';

/** A piece of memory that no struct was declared for. */
export interface NamedRange {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
}

/** A field, and who used it. */
export interface FieldUse extends FieldDetails {
  /** A CPU number, SEVERAL or NOBODY. */
  readonly user: number;
  readonly writer: number;
}

/** Numbers of one line, or summed up over lines of a kind. */
export interface LineReport {
  readonly name: string;
  readonly lines: number;
  readonly fields: readonly FieldUse[];
  readonly byLevel: readonly number[];
  readonly busyNs: number;
  readonly refetches: number;
  readonly queued: number;
  readonly queuedBehind: number;
}

/** The line that starts at `at`. */
export function reportLine(
  bill: LineBill,
  at: number,
  names: AddressNames,
  ranges: readonly NamedRange[],
): LineReport {
  const fields = new Map<string, FieldUse>();
  const structs = new Set<string>();
  for (let index = 0; index < bill.words; index++) {
    const word = bill.word(index);
    if (word.accesses === 0 && word.lockWaitNs === 0) continue;
    const [struct, field] = nameOf(at + index * 4, names, ranges);
    structs.add(struct);
    const name = field === '' ? struct : field;
    const before = fields.get(name);
    const use = { name, ...word, user: bill.users[index]!, writer: bill.writers[index]! };
    fields.set(name, before === undefined ? use : addUse(before, use));
  }
  return {
    name: [...structs].join(' + '),
    lines: 1,
    fields: [...fields.values()],
    byLevel: [...bill.byLevel],
    busyNs: bill.busyNs,
    refetches: bill.refetches,
    queued: bill.queued,
    queuedBehind: bill.queuedBehind,
  };
}

/** Both together, under the name of the first. */
export function addReports(a: LineReport, b: LineReport): LineReport {
  const fields = new Map(a.fields.map((field) => [field.name, field]));
  for (const field of b.fields) {
    const before = fields.get(field.name);
    // Of two lines: that each is used by one CPU is still true when those differ.
    fields.set(
      field.name,
      before === undefined
        ? field
        : {
            ...addUse(before, field),
            user: other(before.user, field.user),
            writer: other(before.writer, field.writer),
          },
    );
  }
  return {
    name: a.name,
    lines: a.lines + b.lines,
    fields: [...fields.values()],
    byLevel: a.byLevel.map((count, level) => count + b.byLevel[level]!),
    busyNs: Math.max(a.busyNs, b.busyNs),
    refetches: a.refetches + b.refetches,
    queued: a.queued + b.queued,
    queuedBehind: a.queuedBehind + b.queuedBehind,
  };
}

function addUse(a: FieldUse, b: FieldUse): FieldUse {
  const sum = (key: keyof WordBill): number => a[key] + b[key];
  return {
    name: a.name,
    accesses: sum('accesses'),
    transfers: sum('transfers'),
    transferNs: sum('transferNs'),
    waitNs: sum('waitNs'),
    lockWaitNs: sum('lockWaitNs'),
    user: join(a.user, b.user),
    writer: join(a.writer, b.writer),
  };
}

function join(a: number, b: number): number {
  if (a === NOBODY) return b;
  return b === NOBODY || a === b ? a : SEVERAL;
}

function other(a: number, b: number): number {
  return a === SEVERAL || b === SEVERAL ? SEVERAL : join(a, b) === SEVERAL ? a : join(a, b);
}

/** The struct and the field of the word at `at`. */
function nameOf(
  at: number,
  names: AddressNames,
  ranges: readonly NamedRange[],
): readonly [string, string] {
  const struct = names.structOf(at);
  if (struct !== undefined)
    return [struct, names.nameOf(at).slice(struct.length).replace(/^\./, '')];
  const range = ranges.find((one) => at >= one.at && at < one.at + one.bytes);
  if (range !== undefined) return [range.name, `+0x${(at - range.at).toString(16)}`];
  return [names.nameOf(at & ~63), names.nameOf(at)];
}
