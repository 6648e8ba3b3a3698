/** Is a run the same the second time? */
import { OPERATIONS } from '@percpu/simulator';
import type { PendingAccess } from '@percpu/simulator';
import type { Choice } from '../engine/choice.ts';
import type { RunObserver } from '../engine/observer.ts';
import type { Finding } from '../engine/outcome.ts';
import type { Runner } from '../engine/runner.ts';
import { FixedSchedule } from '../replay/fixed-schedule.ts';
import { NondeterminismError } from '../strategies/nondeterminism-error.ts';

type Row = readonly [cpu: number, op: number, at: number, result: unknown];

/** Writes down runs while it is on. */
export class RunCheck implements RunObserver {
  on = false;
  private rows: Row[] = [];

  started(): void {
    this.rows = [];
  }

  performed(cpu: number, { op, at }: PendingAccess, result: unknown): undefined {
    if (this.on) this.rows.push([cpu, op, at, result]);
  }

  /** The run that `choices` are of was written down: makes it again. A finding if it goes another way. */
  repeat(runner: Runner, choices: readonly Choice[]): Finding | undefined {
    const before = this.rows;
    try {
      runner.run(new FixedSchedule([...choices]));
    } catch (error) {
      if (error instanceof NondeterminismError) return nondeterminism(error.message);
      throw error;
    }
    const length = Math.max(before.length, this.rows.length);
    for (let i = 0; i < length; i++) {
      const first = before[i];
      const second = this.rows[i];
      // Object.is: a word read as a double may be NaN.
      if (first?.every((value, column) => Object.is(value, second?.[column])) === true) continue;
      return nondeterminism(
        `the same schedule gave two runs; access ${i + 1} was ${textOf(first)}, then ${textOf(second)}`,
      );
    }
    return undefined;
  }
}

export function nondeterminism(message: string): Finding {
  return { kind: 'nondeterminism', message };
}

function textOf(row: Row | undefined): string {
  if (row === undefined) return 'none';
  const [cpu, op, at, result] = row;
  return `CPU ${cpu} ${OPERATIONS[op]!.name} 0x${at.toString(16)} = ${String(result)}`;
}
