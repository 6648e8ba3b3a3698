/** From samples to the document that `--json` prints. */
import { compareSamples, median, medianInterval } from '@percpu/experiment';
import type { Estimate } from '@percpu/experiment';
import type { Series } from './rounds.ts';
import type { Missing } from './subjects.ts';
import { isOversubscribed } from './works.ts';

export interface Result {
  readonly work: string;
  readonly who: string;
  readonly threads: number;
  /** Wall time over the operations of all threads; median of the rounds with its 95 % interval. */
  readonly nsPerOp: Estimate;
  /** Median of Jain's index: 1 = all threads did as much. */
  readonly fairness: number;
  /** More threads than cores of the host. */
  readonly oversubscribed: boolean;
}

export interface Ratio {
  readonly work: string;
  readonly ours: string;
  readonly peer: string;
  /** The peer's time over ours: above 1, ours is faster. */
  readonly ratio: number;
}

export interface Summary {
  readonly results: readonly Result[];
  readonly ratios: readonly Ratio[];
  readonly missing: readonly Missing[];
}

export function summarise(series: readonly Series[], missing: readonly Missing[]): Summary {
  return { results: series.map(resultOf), ratios: ratiosOf(series), missing };
}

const times = ({ samples }: Series): number[] => samples.map(({ nsPerOp }) => nsPerOp);

function resultOf(one: Series): Result {
  const { work, threads } = one.work;
  return {
    work,
    who: one.who,
    threads,
    nsPerOp: medianInterval(times(one)),
    fairness: median(one.samples.map(({ fairness }) => fairness)),
    oversubscribed: isOversubscribed(threads),
  };
}

function ratiosOf(series: readonly Series[]): Ratio[] {
  const ratios: Ratio[] = [];
  for (const ours of series.filter(({ side }) => side === 'ours')) {
    for (const peer of series.filter(({ side }) => side !== 'ours')) {
      if (peer.work.work !== ours.work.work) continue;
      const { ratio } = compareSamples(times(ours), times(peer));
      ratios.push({ work: ours.work.work, ours: ours.who, peer: peer.who, ratio: ratio.median });
    }
  }
  return ratios;
}
