/** Did an exploration end as its author says? A busted twin must fail in its own way, the others not at all. */
import type {
  Exploration,
  ExplorationFailure,
  ExplorationResult,
  MustFind,
} from '@percpu/experiment';

export function isWanted(
  { kind, message }: Pick<ExplorationFailure, 'kind' | 'message'>,
  mustFind: MustFind,
): boolean {
  return kind === mustFind.kind && (mustFind.message?.test(message) ?? true);
}

/** Undefined: as it should. Otherwise what is wrong, to be read by the author. */
export function complaint(
  { mustFind }: Pick<Exploration, 'mustFind'>,
  { failures, schedules, exhausted, strategy }: ExplorationResult,
): string | undefined {
  if (mustFind === undefined) {
    return failures.length === 0 ? undefined : failures.map(failureText).join('\n\n');
  }
  if (failures.some((failure) => isWanted(failure, mustFind))) return undefined;
  const what = `${mustFind.kind}${mustFind.message === undefined ? '' : ` with a message like ${String(mustFind.message)}`}`;
  const how = exhausted
    ? `all ${schedules} schedules there are`
    : `${schedules} schedules (${strategy})`;
  const instead = failures.map(failureText).join('\n\n');
  return `mustFind: no ${what} in ${how}${instead === '' ? '' : `; found instead:\n\n${instead}`}`;
}

/** Only a search of all schedules of something that is right has a number of schedules worth pinning. */
export function isPinned({ mustFind }: Pick<Exploration, 'mustFind'>, strategy: string): boolean {
  return mustFind === undefined && strategy === 'exhaustive';
}

/** Undefined: all schedules were run, and they are as many as the author pinned. */
export function pinComplaint(
  { schedules, exhausted }: Pick<ExplorationResult, 'schedules' | 'exhausted'>,
  pinned: number | undefined,
): string | undefined {
  if (!exhausted) {
    return `no failure in ${schedules} schedules, but they are not all there are: raise limits.schedules, bound the preemptions, make the programs shorter, or choose a strategy that draws`;
  }
  if (pinned === schedules) return undefined;
  const pin = `pin them: schedules: ${schedules}`;
  if (pinned === undefined) return `no failure in all ${schedules} schedules there are; ${pin}`;
  return `no failure, but ${schedules} schedules where ${pinned} are pinned: something is interleaved that was not, or no longer. If that is meant, ${pin}`;
}

/** A failure as one reads it in a terminal. */
export function failureText({ message, table, replay }: ExplorationFailure): string {
  const parts = [message];
  if (table !== '') parts.push(table);
  if (replay !== '') parts.push(`this schedule again: replay: '${replay}'`);
  return parts.join('\n\n');
}
