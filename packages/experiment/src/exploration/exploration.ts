/** `exploration(definition)`: checks what an author wrote, fills in the defaults, freezes it. */

import { MAX_CPUS } from '../cpu-counts.ts';
import { DefinitionError, isName, show } from '../names.ts';
import type {
  Exploration,
  ExplorationDefinition,
  ExplorationGround,
  ExplorationLimits,
  MemoryOf,
  MustFind,
  Outcome,
} from './contract.ts';
import { FINDING_KINDS } from './finding.ts';

/** Interleavings grow so fast with CPUs that more than this is a mistake. */
export const MAX_EXPLORED_CPUS: number = Math.min(64, MAX_CPUS);

const GROUNDS: readonly ExplorationGround[] = ['memory', 'cpu', 'machine'];
const TEXTS = ['title', 'description'] as const;
const SWITCHES = ['interrupts', 'timeouts'] as const;
const COUNTS = ['spurious', 'deaths', 'allocationFailures'] as const;
const LIMITS = { steps: 10_000, schedules: 1_000_000, preemptions: Infinity } as const;
const MIN_BYTES = 2 ** 16;
const MAX_BYTES = 2 ** 32;
const FIELDS: readonly string[] = [
  ...['name', ...TEXTS, 'on', 'cpus', 'bytes', 'parameters', 'declares'],
  ...['setup', 'programs', 'program', 'after', 'allowed', 'sequential', 'mustFind', 'limits'],
  ...[...SWITCHES, ...COUNTS],
];

type Fail = (problem: string) => never;
type Given = Readonly<Record<string, unknown>>;

/**
 * Makes an exploration. Throws `DefinitionError` naming the exploration and the field when anything is
 * missing, mistyped or contradictory.
 */
export function exploration<S = undefined, C = unknown, M = MemoryOf<C>>(
  definition: ExplorationDefinition<S, C, M>,
): Exploration {
  const { name } = definition;
  if (!isName(name)) {
    throw new DefinitionError(
      `an exploration's name must be kebab-case, as in mutex-wakes-one; got ${show(name)}`,
    );
  }
  const fail: Fail = (problem) => {
    throw new DefinitionError(`exploration ${name}: ${problem}`);
  };
  // The functions forget the author's types here, once: the explorer hands them what the contract promised.
  const given = definition as unknown as Given & Exploration;
  for (const field of Object.keys(given)) {
    if (!FIELDS.includes(field))
      fail(`unknown field ${show(field)}; known are ${FIELDS.join(', ')}`);
  }
  for (const field of TEXTS) {
    const text: unknown = given[field];
    if (typeof text !== 'string' || text.trim() === '')
      fail(`${field} must say something; got ${show(text)}`);
  }
  if (!GROUNDS.includes(given.on)) {
    fail(`on must be ${GROUNDS.join(', ')}; got ${show(given.on)}`);
  }
  for (const field of ['setup', 'after'] as const) {
    const value: unknown = given[field];
    if (value !== undefined && typeof value !== 'function')
      fail(`${field} must be a function; got ${show(value)}`);
  }
  const bytes: unknown = given.bytes;
  if (bytes !== undefined && !isWhole(bytes, MIN_BYTES, MAX_BYTES))
    fail(`bytes must be a whole number from ${MIN_BYTES} to ${MAX_BYTES}; got ${show(bytes)}`);
  return Object.freeze<Exploration>({
    name,
    title: given.title,
    description: given.description,
    on: given.on,
    ...checkPrograms(given, fail),
    bytes: bytes,
    parameters: Object.freeze({ ...given.parameters }),
    declares: Object.freeze([...((given.declares as readonly object[] | undefined) ?? [])]),
    setup: given.setup,
    after: given.after,
    allowed: checkAllowed(given.allowed, fail),
    sequential: checkSequential(given.sequential, fail),
    interrupts: checkSwitch(given, 'interrupts', given.on === 'machine', fail),
    timeouts: checkSwitch(given, 'timeouts', false, fail),
    spurious: checkCount(given, 'spurious', fail),
    deaths: checkCount(given, 'deaths', fail),
    allocationFailures: checkCount(given, 'allocationFailures', fail),
    mustFind: checkMustFind(given.mustFind, fail),
    limits: checkLimits(given.limits, fail),
  });
}

/** A package's explorations, as its entry `./explorations` exports them. Throws `DefinitionError` on a name given twice. */
export function explorationList(entries: readonly Exploration[]): readonly Exploration[] {
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) throw new DefinitionError(`two explorations are called ${name}`);
    seen.add(name);
  }
  return Object.freeze([...entries]);
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function checkPrograms(given: Given, fail: Fail): Pick<Exploration, 'cpus' | 'programs'> {
  const { programs, program, cpus } = given;
  if (cpus !== undefined && !isWhole(cpus, 1, MAX_EXPLORED_CPUS))
    fail(`cpus must be a whole number from 1 to ${MAX_EXPLORED_CPUS}; got ${show(cpus)}`);
  if ((programs === undefined) === (program === undefined))
    fail('needs either programs, one for each CPU, or program and cpus');
  if (program !== undefined && cpus === undefined) fail('program needs cpus: how many run it');
  const list: readonly unknown[] | undefined =
    program === undefined
      ? Array.isArray(programs)
        ? programs
        : undefined
      : new Array(cpus).fill(program);
  if (list === undefined || list.length === 0)
    return fail(`programs must list functions, one for each CPU; got ${show(programs)}`);
  for (const [i, code] of list.entries()) {
    if (typeof code !== 'function') fail(`program ${i} must be a function; got ${show(code)}`);
  }
  if (list.length > MAX_EXPLORED_CPUS)
    fail(`${list.length} programs; at most ${MAX_EXPLORED_CPUS} CPUs are explored`);
  if (cpus !== undefined && cpus < list.length)
    fail(`${list.length} programs need as many CPUs; cpus is ${show(cpus)}`);
  return {
    cpus: cpus ?? list.length,
    programs: Object.freeze([...list]) as Exploration['programs'],
  };
}

function checkAllowed(allowed: unknown, fail: Fail): readonly Outcome[] | undefined {
  if (allowed === undefined) return undefined;
  if (!Array.isArray(allowed) || allowed.length === 0)
    return fail(`allowed must list outcomes, as in [{ r0: 0, r1: 1 }]; got ${show(allowed)}`);
  const texts = new Set<string>();
  for (const outcome of allowed as unknown[]) {
    if (typeof outcome !== 'object' || outcome === null)
      return fail(`allowed holds ${show(outcome)}; an outcome is an object, as in { r0: 0 }`);
    const text = outcomeText(outcome as Outcome);
    if (texts.has(text)) fail(`allowed lists ${text} twice`);
    texts.add(text);
  }
  return Object.freeze((allowed as Outcome[]).map((outcome) => Object.freeze({ ...outcome })));
}

/** `{ r0: 0, r1: 1 }`, the names in order: equal for equal outcomes. */
export function outcomeText(outcome: Outcome): string {
  const names = Object.keys(outcome).sort();
  if (names.length === 0) return '{}';
  return `{ ${names.map((name) => `${name}: ${JSON.stringify(outcome[name])}`).join(', ')} }`;
}

function checkSequential(spec: unknown, fail: Fail): Exploration['sequential'] {
  if (spec === undefined) return undefined;
  const { name, next, key } = Object(spec) as Given;
  if (typeof name !== 'string' || typeof next !== 'function' || typeof key !== 'function')
    return fail('sequential must be a specification, as queueSpec() gives one');
  return spec as Exploration['sequential'];
}

function checkSwitch(given: Given, field: string, otherwise: boolean, fail: Fail): boolean {
  const value = given[field] ?? otherwise;
  if (typeof value !== 'boolean') return fail(`${field} must be true or false; got ${show(value)}`);
  return value;
}

function checkCount(given: Given, field: string, fail: Fail): number {
  const value = given[field] ?? 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (isWhole(value, 0, Number.MAX_SAFE_INTEGER)) return value;
  return fail(`${field} must be true, false or how many in one run; got ${show(value)}`);
}

function checkMustFind(mustFind: unknown, fail: Fail): MustFind | undefined {
  if (mustFind === undefined) return undefined;
  const { kind, message } = Object(mustFind) as Given;
  if (!FINDING_KINDS.some((known) => known === kind))
    fail(`mustFind.kind must be one of ${FINDING_KINDS.join(', ')}; got ${show(kind)}`);
  if (message !== undefined && !(message instanceof RegExp))
    fail(`mustFind.message must be a regular expression; got ${show(message)}`);
  return Object.freeze({ ...(mustFind as MustFind) });
}

function checkLimits(limits: unknown, fail: Fail): Exploration['limits'] {
  const given = Object(limits ?? {}) as ExplorationLimits & Given;
  for (const [field, value] of Object.entries(given)) {
    if (!(field in LIMITS))
      fail(`limits has a field ${show(field)}; known are ${Object.keys(LIMITS).join(', ')}`);
    const least = field === 'preemptions' ? 0 : 1;
    if (!isWhole(value, least, Number.MAX_SAFE_INTEGER))
      fail(`limits.${field} must be a whole number, ${least} or more; got ${show(value)}`);
  }
  return Object.freeze({ ...LIMITS, ...given });
}
