import type { Exploration, ExplorationResult, MustFind } from '@percpu/experiment';
import { plural } from '../format.ts';

/** Whether an exploration ended as its author says it should. */
export interface Judgement {
  readonly expected: boolean;
  /** In a few words: `no failure`, `found, as it must be: race`. */
  readonly says: string;
}

/** A correct program must be clean; from a busted twin the failure must come that it was made for. */
export function judge(
  { mustFind }: Pick<Exploration, 'mustFind'>,
  { failures, exhausted, schedules }: ExplorationResult,
): Judgement {
  const kinds = [...new Set(failures.map(({ kind }) => kind))].join(', ');
  if (mustFind === undefined) {
    if (failures.length > 0) return { expected: false, says: `found: ${kinds}` };
    return {
      expected: true,
      says: exhausted
        ? 'no failure, whatever the schedule'
        : `no failure in ${plural(schedules, 'schedule')}`,
    };
  }
  const wanted = describe(mustFind);
  if (failures.some((failure) => isWanted(failure, mustFind))) {
    return { expected: true, says: `found, as it must be: ${wanted}` };
  }
  const instead = failures.length === 0 ? '' : `; found instead: ${kinds}`;
  return { expected: false, says: `not found: ${wanted}${instead}` };
}

function isWanted(
  failure: ExplorationResult['failures'][number],
  { kind, message }: MustFind,
): boolean {
  return failure.kind === kind && (message === undefined || message.test(failure.message));
}

function describe({ kind, message }: MustFind): string {
  return message === undefined ? kind : `${kind} (${String(message)})`;
}
