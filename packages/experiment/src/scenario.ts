/** Scenarios: stories with a verdict (a corruption replayed, a module unloaded at a bad moment). */

import { isCpuCount, MAX_CPUS } from './cpu-counts.ts';
import { DefinitionError, isName, show } from './names.ts';

export type Fact =
  string | number | boolean | null | readonly Fact[] | { readonly [name: string]: Fact };

export interface Verdict {
  readonly verdict: 'pass' | 'fail';
  /** What was found, by name: numbers a reader can check. */
  readonly facts: Readonly<Record<string, Fact>>;
}

/** What a scenario finds when it runs. A package that needs more (a machine) says so in its own `H`. */
export interface ScenarioHost {
  readonly seed: number;
  /** Ends when the user does not want to wait any longer. */
  readonly signal: AbortSignal;
  log(line: string): void;
}

export interface Scenario<H extends ScenarioHost = ScenarioHost> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** CPUs that the story needs. */
  readonly cpus: number;
  run(host: H): Promise<Verdict>;
}

/** What `percpu scenario NAME --json` prints. */
export interface ScenarioReport extends Verdict {
  readonly name: string;
  readonly log: readonly string[];
}

/** Throws `DefinitionError` naming the scenario and the field. */
export function scenario<H extends ScenarioHost>(definition: Scenario<H>): Scenario<H> {
  const { name, title, description, cpus } = definition;
  if (!isName(name))
    throw new DefinitionError(
      `a scenario's name must be kebab-case, as in pump-during-unload; got ${show(name)}`,
    );
  for (const [field, text] of Object.entries({ title, description }) as [string, unknown][]) {
    if (typeof text !== 'string' || text.trim() === '')
      throw new DefinitionError(`scenario ${name}: ${field} must say something; got ${show(text)}`);
  }
  if (!isCpuCount(cpus))
    throw new DefinitionError(`scenario ${name}: cpus must be 1 to ${MAX_CPUS}; got ${show(cpus)}`);
  if (typeof (definition.run as unknown) !== 'function')
    throw new DefinitionError(`scenario ${name}: run must be a function`);
  return Object.freeze({ name, title, description, cpus, run: (host: H) => definition.run(host) });
}

/** Runs a scenario to its verdict. What it throws is a verdict too: fail, with the reason as a fact. */
export async function playScenario<H extends ScenarioHost>(
  story: Scenario<H>,
  host: H,
): Promise<ScenarioReport> {
  const log: string[] = [];
  // Object.create: whatever else the host offers stays reachable.
  const listening = Object.create(host, {
    log: {
      value: (line: string) => {
        log.push(line);
        host.log(line);
      },
    },
  }) as H;
  try {
    const { verdict, facts } = await story.run(listening);
    return { name: story.name, verdict, facts, log };
  } catch (error) {
    return {
      name: story.name,
      verdict: 'fail',
      facts: { error: error instanceof Error ? error.message : String(error) },
      log,
    };
  }
}
