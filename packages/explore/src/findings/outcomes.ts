/** What the programs saw against what is allowed: nothing else may occur, and in the end all of it must have. */
import { outcomeText } from '@percpu/experiment';
import type { Outcome } from '@percpu/experiment';
import type { RunObserver } from '../engine/observer.ts';
import type { Finding, RunOutcome } from '../engine/outcome.ts';

export class OutcomeObserver implements RunObserver {
  private readonly allowed: ReadonlyMap<string, Outcome>;
  private readonly met: Set<string> = new Set<string>();

  constructor(allowed: readonly Outcome[]) {
    this.allowed = new Map(allowed.map((outcome) => [outcomeText(outcome), outcome]));
  }

  finished({ end, seen }: RunOutcome): Finding | undefined {
    if (end !== 'completed') return undefined;
    const text = outcomeText(seen);
    if (this.allowed.has(text)) {
      this.met.add(text);
      return undefined;
    }
    return {
      kind: 'outcome',
      message: `outcome ${text} is not allowed; allowed: ${[...this.allowed.keys()].join(', ')}`,
    };
  }

  /** For the end of a search that has covered every schedule: allowed outcomes that no run had. */
  neverSeen(): Finding | undefined {
    const missing = [...this.allowed.keys()].filter((text) => !this.met.has(text));
    if (missing.length === 0) return undefined;
    return {
      kind: 'outcome',
      message: `allowed, and never seen in any schedule: ${missing.join(', ')}`,
    };
  }
}
