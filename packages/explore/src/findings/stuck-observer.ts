/** Names what a run that is stuck is stuck on. Its race detector knows who wrote a word last. */
import type { RunObserver, RunView } from '../engine/observer.ts';
import type { Finding, RunOutcome } from '../engine/outcome.ts';
import type { RaceObserver } from './race/race-observer.ts';
import { stuckFinding } from './stuck.ts';

export class StuckObserver implements RunObserver {
  private readonly races: RaceObserver;
  private run: RunView | undefined;

  constructor(races: RaceObserver) {
    this.races = races;
  }

  started(run: RunView): void {
    this.run = run;
  }

  finished({ end, waiting }: RunOutcome): Finding | undefined {
    if (end !== 'stuck') return undefined;
    return stuckFinding(this.run!, waiting, (at, except) => this.races.lastWrite(at, except));
  }
}
