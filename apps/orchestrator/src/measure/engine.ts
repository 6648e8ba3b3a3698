import type { Cell, Clock, CpuMeasurement, Experiment } from '@percpu/experiment';
import { messageOf, UsageError } from '../cli/errors.ts';
import type { Discovered } from '../discovery/catalogue.ts';
import { entryUrl, installedPackages } from '../discovery/installed.ts';

/** One repeat of one point. */
export interface Order {
  readonly found: Discovered<Experiment>;
  readonly cell: Cell;
  readonly signal: AbortSignal;
}

/** Whatever can carry out a measurement under its clock. */
export interface Engine {
  /** Rejects when the experiment fails; rejects soon after `signal` was aborted. */
  measure(order: Order): Promise<readonly CpuMeasurement[]>;
}

export interface EngineOptions {
  /** Under the model clock: the machine to be modelled, as given with `--profile`. */
  readonly profile: string | undefined;
}

/** What a package with an engine exports from its entry `./engine`, under the name `engine`. */
export interface EngineProvider {
  readonly clock: Clock;
  open(options: EngineOptions): Engine | Promise<Engine>;
}

/**
 * The engine for a clock. `parallel` is built in; any other is what an installed package exports as
 * `engine` from `./engine`. Installing that package is all it takes.
 *
 * @throws UsageError when no installed package has one.
 */
export async function openEngine(
  clock: Clock,
  options: EngineOptions,
  search: { readonly from?: string; readonly cwd: string },
): Promise<Engine> {
  // Not imported before it is needed: reports and comparisons start no machine.
  if (clock === 'parallel') return (await import('./parallel.ts')).parallelEngine();
  for (const pkg of installedPackages(search.from ?? import.meta.url, search.cwd)) {
    if (!pkg.entries.includes('./engine')) continue;
    const provider = await importProvider(entryUrl(pkg, 'engine'), pkg.name);
    if (provider.clock === clock) return provider.open(options);
  }
  throw new UsageError(
    `--clock ${clock}: no ${clock} is installed: no package here brings an engine for that clock; there is: parallel`,
  );
}

async function importProvider(url: string, name: string): Promise<EngineProvider> {
  let loaded: { readonly engine?: Partial<EngineProvider> };
  try {
    loaded = (await import(url)) as typeof loaded;
  } catch (error) {
    throw new UsageError(`cannot import the engine of ${name} (${url}): ${messageOf(error)}`);
  }
  const { engine } = loaded;
  if (typeof engine?.clock === 'string' && typeof engine.open === 'function') {
    return engine as EngineProvider;
  }
  throw new UsageError(`the engine of ${name} (${url}) must export "engine" with clock and open`);
}
