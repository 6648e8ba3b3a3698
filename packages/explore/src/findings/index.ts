/** Everything that watches the runs of an exploration. */
import type { Exploration } from '@percpu/experiment';
import type { RunObserver } from '../engine/observer.ts';
import type { Finding } from '../engine/outcome.ts';
import { LeakObserver } from './leaks.ts';
import { LinearizabilityObserver } from './linearizability/linearizability-observer.ts';
import { OutcomeObserver } from './outcomes.ts';
import { RaceObserver } from './race/race-observer.ts';
import { StuckObserver } from './stuck-observer.ts';

export interface Watch {
  /** In the order in which they are to be asked. One search long. */
  readonly observers: readonly RunObserver[];
  /** To be asked at the end of a search that has covered every schedule. */
  exhausted(): Finding | undefined;
}

export function watchFor({ on, sequential, allowed }: Exploration): Watch {
  const races = new RaceObserver();
  const outcomes = allowed === undefined ? undefined : new OutcomeObserver(allowed);
  const observers: RunObserver[] = [races, new StuckObserver(races)];
  if (on !== 'memory') observers.push(new LeakObserver());
  if (sequential !== undefined) observers.push(new LinearizabilityObserver(sequential));
  if (outcomes !== undefined) observers.push(outcomes);
  return { observers, exhausted: () => outcomes?.neverSeen() };
}
