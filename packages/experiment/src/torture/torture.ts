/** `torture(definition)`: checks what an author wrote, fills in the defaults, freezes it. */
import type { BenchCpu } from '../bench-cpu.ts';
import { isCpuCount, MAX_CPUS } from '../cpu-counts.ts';
import { DefinitionError, isName, show } from '../names.ts';
import type { Torture, TortureDefinition } from './contract.ts';

const DEFAULTS = { minCpus: 2, tasks: 1, arenaBytes: 64 * 1024 } as const;
const MAX_TASKS = 64;
const MAX_ARENA = 2 ** 30;
const FIELDS: readonly string[] = [
  ...['name', 'title', 'description', 'minCpus', 'tasks', 'parameters', 'arenaBytes'],
  ...['setup', 'round', 'interrupt', 'verify', 'mustFail'],
];

/** Throws `DefinitionError` naming the torture and the field when anything is missing or mistyped. */
export function torture<C extends BenchCpu>(definition: TortureDefinition<C>): Torture {
  const { name } = definition;
  if (!isName(name))
    throw new DefinitionError(
      `a torture's name must be kebab-case, as in mutex-torture; got ${show(name)}`,
    );
  const fail = (problem: string): never => {
    throw new DefinitionError(`torture ${name}: ${problem}`);
  };
  // The functions forget the author's CPU type here, once.
  const given = { ...DEFAULTS, ...definition } as unknown as Readonly<Record<string, unknown>> &
    Torture;
  for (const field of Object.keys(given)) {
    if (!FIELDS.includes(field))
      fail(`unknown field ${show(field)}; known are ${FIELDS.join(', ')}`);
  }
  for (const field of ['title', 'description'] as const) {
    const text: unknown = given[field];
    if (typeof text !== 'string' || text.trim() === '')
      fail(`${field} must say something; got ${show(text)}`);
  }
  for (const field of ['setup', 'round', 'interrupt', 'verify'] as const) {
    const value: unknown = given[field];
    const optional = field === 'interrupt' || field === 'verify';
    if (typeof value !== 'function' && !(optional && value === undefined))
      fail(`${field} must be a function; got ${show(value)}`);
  }
  if (!isCpuCount(given.minCpus))
    fail(`minCpus must be 1 to ${MAX_CPUS}; got ${show(given.minCpus)}`);
  if (!isWhole(given.tasks, 1, MAX_TASKS))
    fail(`tasks must be a whole number from 1 to ${MAX_TASKS}; got ${show(given.tasks)}`);
  if (!isWhole(given.arenaBytes, 1, MAX_ARENA))
    fail(`arenaBytes must be a whole number from 1 to ${MAX_ARENA}; got ${show(given.arenaBytes)}`);
  if (given.mustFail !== undefined && !((given.mustFail as unknown) instanceof RegExp))
    fail(`mustFail must be a regular expression for the message; got ${show(given.mustFail)}`);
  const { title, description, minCpus, tasks, arenaBytes } = given;
  const { setup, round, interrupt, verify, mustFail } = given;
  return Object.freeze<Torture>({
    ...{ name, title, description, minCpus, tasks, arenaBytes },
    parameters: Object.freeze({ ...given.parameters }),
    ...{ setup, round, interrupt, verify, mustFail },
  });
}

/** A package's tortures, as its entry `./torture` exports them. Throws `DefinitionError` on a name given twice. */
export function tortureList(entries: readonly Torture[]): readonly Torture[] {
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) throw new DefinitionError(`two tortures are called ${name}`);
    seen.add(name);
  }
  return Object.freeze([...entries]);
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
