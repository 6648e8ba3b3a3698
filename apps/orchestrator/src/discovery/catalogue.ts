import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ChoiceError, listExperiment, nearest, unknownName } from '@percpu/experiment';
import type { Experiment, Exploration, Listing, Scenario, Torture } from '@percpu/experiment';
import type { Parameter } from '@percpu/machine';
import { messageOf, UsageError } from '../cli/errors.ts';
import { entryUrl, installedPackages } from './installed.ts';
import type { InstalledPackage } from './installed.ts';

/** Something a package offers, with where it came from: a worker imports it again from there. */
export interface Discovered<T> {
  readonly package: string;
  /** The module that exports it. */
  readonly module: string;
  readonly entry: T;
  /** Boot parameters that the package declares, so that its experiments may set them. */
  readonly parameters: readonly Parameter[];
}

/** All that can be run. */
export interface Catalogue {
  readonly experiments: readonly Discovered<Experiment>[];
  readonly scenarios: readonly Discovered<Scenario>[];
  readonly explorations: readonly Discovered<Exploration>[];
  readonly tortures: readonly Discovered<Torture>[];
  /** Versions of the packages that were found, for the record. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface CatalogueOptions {
  /** The folder whose package.json is looked at besides percpu's own packages. */
  readonly cwd: string;
  /** Files of users (`--module`), relative to `cwd`. */
  readonly modules: readonly string[];
  /** Where the search for percpu's packages starts. Default: this file. */
  readonly from?: string;
}

/** Entries of a package that offer something to run. */
const ENTRIES = ['experiments', 'explorations', 'torture'] as const;

/**
 * Finds every experiment, scenario, exploration and torture.
 *
 * @throws UsageError naming the package or file that could not be imported, or two of one kind and
 * one name.
 */
export async function readCatalogue(options: CatalogueOptions): Promise<Catalogue> {
  const packages = installedPackages(options.from ?? import.meta.url, options.cwd);
  const experiments: Discovered<Experiment>[] = [];
  const scenarios: Discovered<Scenario>[] = [];
  const explorations: Discovered<Exploration>[] = [];
  const tortures: Discovered<Torture>[] = [];
  const take = (from: string, module: string, offer: Offer): void => {
    const { parameters } = offer;
    for (const entry of offer.experiments) {
      experiments.push({ package: from, module, entry, parameters });
    }
    for (const entry of offer.scenarios) {
      scenarios.push({ package: from, module, entry, parameters });
    }
    for (const entry of offer.explorations) {
      explorations.push({ package: from, module, entry, parameters });
    }
    for (const entry of offer.tortures) {
      tortures.push({ package: from, module, entry, parameters });
    }
  };
  for (const pkg of packages) {
    for (const entry of ENTRIES) {
      if (!pkg.entries.includes(`./${entry}`)) continue;
      const module = resolveEntry(pkg, entry);
      take(pkg.name, module, await importOffer(module, `the ${entry} of ${pkg.name}`));
    }
  }
  for (const file of options.modules) {
    const path = resolve(options.cwd, file);
    if (!existsSync(path)) throw new UsageError(`--module: there is no file ${path}`);
    const module = pathToFileURL(path).href;
    take(file, module, await importOffer(module, `the module ${file}`));
  }
  refuseTwins('experiment', experiments);
  refuseTwins('scenario', scenarios);
  refuseTwins('exploration', explorations);
  refuseTwins('torture', tortures);
  const versions = Object.fromEntries(
    packages
      .filter(({ name }) => name.startsWith('@percpu/'))
      .map(({ name, version }) => [name, version]),
  );
  return { experiments, scenarios, explorations, tortures, versions };
}

interface Offer {
  readonly experiments: readonly Experiment[];
  readonly scenarios: readonly Scenario[];
  readonly explorations: readonly Exploration[];
  readonly tortures: readonly Torture[];
  readonly parameters: readonly Parameter[];
}

function resolveEntry(pkg: InstalledPackage, entry: string): string {
  try {
    return entryUrl(pkg, entry);
  } catch (error) {
    throw new UsageError(
      `cannot find the ${entry} of ${pkg.name}: ${messageOf(error)} (${pkg.folder})`,
    );
  }
}

/** What a module may export to be run. */
const OFFERED = ['experiments', 'scenarios', 'explorations', 'tortures'] as const;

async function importOffer(module: string, what: string): Promise<Offer> {
  let loaded: Readonly<Record<string, unknown>>;
  try {
    loaded = (await import(module)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new UsageError(`cannot import ${what} (${module}): ${messageOf(error)}`);
  }
  const lists = { experiments: [], scenarios: [], explorations: [], tortures: [], parameters: [] };
  if (!OFFERED.some((name) => name in loaded)) {
    throw new UsageError(
      `${what} (${module}) exports none of ${OFFERED.map((name) => `"${name}"`).join(', ')}`,
    );
  }
  const offer = Object.fromEntries(
    Object.entries(lists).map(([name, none]) => [name, loaded[name] ?? none]),
  );
  for (const [name, list] of Object.entries(offer)) {
    if (!Array.isArray(list) || !list.every(hasName)) {
      throw new UsageError(
        `${what} (${module}): "${name}" must be an array of what ${name.slice(0, -1)}() returns`,
      );
    }
  }
  return offer as unknown as Offer;
}

function hasName(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value;
}

function refuseTwins<T extends { readonly name: string }>(
  what: string,
  entries: readonly Discovered<T>[],
): void {
  const seen = new Map<string, string>();
  for (const { entry, package: from } of entries) {
    const first = seen.get(entry.name);
    if (first !== undefined) {
      throw new UsageError(`two ${what}s are called "${entry.name}": in ${first} and in ${from}`);
    }
    seen.set(entry.name, from);
  }
}

/** More names than these say nothing in a message. */
const MOST_NAMED = 20;

/** @throws ChoiceError with the nearest name when there is none of that name. */
export function findEntry<T extends { readonly name: string }>(
  what: string,
  entries: readonly Discovered<T>[],
  name: string,
): Discovered<T> {
  const found = entries.find(({ entry }) => entry.name === name);
  if (found !== undefined) return found;
  const names = entries.map(({ entry }) => entry.name);
  if (names.length <= MOST_NAMED) throw unknownName(what, name, names);
  const guess = nearest(name, names);
  const hint = guess === undefined ? '' : ` Did you mean "${guess}"?`;
  throw new ChoiceError(
    `unknown ${what} "${name}".${hint} percpu list shows the ${names.length} that there are.`,
  );
}

/** What `percpu list --json` prints. */
export function toListing(catalogue: Catalogue): Listing {
  return {
    experiments: catalogue.experiments.map((found) => listExperiment(found.entry, found.package)),
    scenarios: catalogue.scenarios.map(({ entry, package: from }) => ({
      name: entry.name,
      package: from,
      description: entry.description,
    })),
    explorations: catalogue.explorations.map(({ entry, package: from }) => ({
      name: entry.name,
      package: from,
      description: entry.description,
    })),
    tortures: catalogue.tortures.map(({ entry, package: from }) => ({
      name: entry.name,
      package: from,
      description: entry.description,
    })),
    conformance: [],
  };
}
