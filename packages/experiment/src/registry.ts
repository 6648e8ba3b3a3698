/**
 * What one package offers to the orchestrator. A package exports `experiments` and `scenarios` from
 * its entry `./experiments`; nothing is listed a second time elsewhere.
 */

import type { Clock, Experiment } from './contract.ts';
import { DefinitionError, unknownName } from './names.ts';
import type { Scenario } from './scenario.ts';

/** The shape of the module `@percpu/<name>/experiments`. */
export interface Registry {
  readonly experiments: readonly Experiment[];
  readonly scenarios: readonly Scenario[];
}

/** One line of `percpu list`. */
export interface ListedExperiment {
  readonly name: string;
  readonly package: string;
  readonly description: string;
  readonly variants: readonly string[];
  readonly clocks: readonly Clock[];
}

export interface ListedScenario {
  readonly name: string;
  readonly package: string;
  readonly description: string;
}

/** From the entry `./explorations` of a package, which exports `explorations`. */
export type ListedExploration = ListedScenario;
/** From the entry `./torture` of a package, which exports `tortures`. */
export type ListedTorture = ListedScenario;

export interface ListedConformance {
  readonly package: string;
  readonly description: string;
}

/** What `percpu list --json` prints. */
export interface Listing {
  readonly experiments: readonly ListedExperiment[];
  readonly scenarios: readonly ListedScenario[];
  readonly explorations: readonly ListedExploration[];
  readonly tortures: readonly ListedTorture[];
  readonly conformance: readonly ListedConformance[];
}

/** Freezes a registry. Throws `DefinitionError` when two experiments, or two scenarios, share a name. */
export function registry({ experiments, scenarios }: Partial<Registry>): Registry {
  const checked = {
    experiments: Object.freeze([...(experiments ?? [])]),
    scenarios: Object.freeze([...(scenarios ?? [])]),
  };
  for (const [kind, entries] of Object.entries(checked)) {
    const seen = new Set<string>();
    for (const { name } of entries) {
      if (seen.has(name)) throw new DefinitionError(`two ${kind} are called ${name}`);
      seen.add(name);
    }
  }
  return Object.freeze(checked);
}

/** The entry of that name; throws `ChoiceError` suggesting the nearest. */
export function findByName<T extends { readonly name: string }>(
  entries: readonly T[],
  name: string,
  what = 'experiment',
): T {
  const found = entries.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  throw unknownName(
    what,
    name,
    entries.map((entry) => entry.name),
  );
}

export function listExperiment(experiment: Experiment, packageName: string): ListedExperiment {
  return {
    name: experiment.name,
    package: packageName,
    description: experiment.description,
    variants: Object.keys(experiment.variants),
    clocks: Object.keys(experiment.cpus) as Clock[],
  };
}
