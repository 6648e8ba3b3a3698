/** The few figures that a reader wants first, as the experiments themselves choose them. */

import type { Experiment } from './contract.ts';
import type { CurveName, Headline, Result } from './results.ts';

/**
 * What the experiments themselves find worth saying about their results. Each is asked once for each
 * clock and modelled machine: a ratio of a measured to a modelled figure would say nothing.
 */
export function headlinesOf(
  experiments: readonly { readonly package: string; readonly experiment: Experiment }[],
  results: readonly Result[],
): readonly Headline[] {
  const machines = [...new Set(results.map(machineOf))];
  return machines.flatMap((machine) =>
    experiments.flatMap(({ package: packageName, experiment }) => {
      const own = results.filter(
        (result) =>
          result.package === packageName &&
          result.experiment === experiment.name &&
          machineOf(result) === machine,
      );
      if (own.length === 0) return [];
      const figures = experiment.headline?.(own) ?? [];
      // A ratio with a missing side is nothing to print.
      const sound = figures.filter((figure) => Number.isFinite(figure.value));
      return sound.map((figure) => ({
        experiment: experiment.name,
        package: packageName,
        ...(machine === undefined ? {} : { profile: machine }),
        ...figure,
      }));
    }),
  );
}

/** The machine that was modelled; undefined is the host itself. */
function machineOf({ clock, profile }: CurveName): string | undefined {
  return clock === 'model' ? (profile ?? clock) : undefined;
}
