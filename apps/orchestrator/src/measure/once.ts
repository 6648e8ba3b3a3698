import { recordCell, repeatRate } from '@percpu/experiment';
import type { CellRecord, Cell } from '@percpu/experiment';
import { messageOf } from '../cli/errors.ts';
import type { Engine } from './engine.ts';
import type { Point } from './select.ts';

/** A point that could not be measured. */
export interface Failure {
  readonly experiment: string;
  readonly package: string;
  readonly variant: string;
  readonly cpus: number;
  /** The machine that was modelled, if one was. */
  readonly profile?: string;
  readonly message: string;
}

/** Told what happens, for progress and messages. */
export interface SessionWatch {
  /** The plan has become this many expected seconds in all. */
  planned(seconds: number): void;
  begins(name: string): void;
  /** So much of the plan is over. */
  done(seconds: number): void;
  failed(failure: Failure): void;
}

export interface SessionResult {
  readonly cells: readonly CellRecord[];
  readonly failures: readonly Failure[];
  /** Not measured at all, for want of time. */
  readonly skipped: readonly Point[];
  /** Aborted before all was measured. */
  readonly interrupted: boolean;
}

/** A busy host may give a CPU no time at all within a short window; another try is usually better. */
const TRIES = 3;

/**
 * One repeat of one point.
 *
 * @throws what the experiment throws, and an Error when nothing was done in the time.
 */
export async function measureOnce(
  engine: Engine,
  point: Point,
  cell: Cell,
  signal: AbortSignal,
): Promise<CellRecord> {
  const { found, oversubscribed, profile } = point;
  // Under a virtual clock another try gives the same.
  for (let left = point.clock === 'parallel' ? TRIES : 1; ; left--) {
    const { cpus, model } = await engine.measure({ found, cell, signal });
    const record = recordCell(found.entry, cell, cpus, {
      package: found.package,
      oversubscribed,
      bootParameters: found.entry.bootParameters(cell.variant, cell.knobs),
      ...(profile === undefined ? {} : { profile }),
      ...(model === undefined ? {} : { model }),
    });
    try {
      // Throws when nothing was done in the time: such a repeat has no rate.
      for (const repeat of record.repeats) repeatRate(record, repeat);
      return record;
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}

/** The seed of the first repeat stands for all: repeat k has k more. */
export function append(before: CellRecord | undefined, next: CellRecord): CellRecord {
  if (before === undefined) return next;
  return { ...before, repeats: [...before.repeats, ...next.repeats] };
}

export function toFailure(point: Point, error: unknown): Failure {
  const { found, variant, cpus, profile } = point;
  return {
    experiment: found.entry.name,
    package: found.package,
    variant,
    cpus,
    ...(profile === undefined ? {} : { profile }),
    message: messageOf(error),
  };
}
