import { outcomeText } from '@percpu/experiment';
import type { Exploration } from '@percpu/experiment';
import type { RunOutcome } from '../../src/engine/outcome.ts';
import { Runner } from '../../src/engine/runner.ts';
import { Exhaustive } from '../../src/strategies/exhaustive.ts';
import type { ExhaustiveOptions } from '../../src/strategies/exhaustive.ts';

export interface AllRuns {
  /** What runs came to, each once. Of a run that fails only the finding: how far the others came is no matter. */
  readonly outcomes: ReadonlySet<string>;
  readonly runs: number;
  readonly redundant: number;
  readonly exhausted: boolean;
}

export function textOf({ end, seen, finding, waiting }: RunOutcome): string {
  if (finding !== undefined) return `${finding.kind}: ${finding.message}`;
  if (end !== 'stuck') return `${end} ${outcomeText(seen)}`;
  return `stuck ${outcomeText(seen)} ${waiting.map((w) => `${w.cpu} ${w.state} ${w.at}`).join()}`;
}

export function allRuns(
  exploration: Exploration,
  options: ExhaustiveOptions,
  most = 100_000,
): AllRuns {
  const runner = new Runner(exploration);
  const search = new Exhaustive(options);
  const outcomes = new Set<string>();
  let runs = 0;
  while (runs < most && search.begin()) {
    const outcome = runner.run(search);
    if (outcome.end === 'abandoned') continue;
    runs++;
    outcomes.add(textOf(outcome));
  }
  return { outcomes, runs, redundant: search.redundant, exhausted: search.exhausted };
}
