/** `experiment(definition)`: checks what an author wrote, fills in the defaults, freezes it. */

import type { BenchCpu } from './bench-cpu.ts';
import type { Definition, Experiment, KnobTable, ReportColumn } from './contract.ts';
import { isCpuCount, MAX_CPUS, type CpuCounts } from './cpu-counts.ts';
import { DefinitionError, isKnobName, isName, show } from './names.ts';

const COLUMNS: readonly ReportColumn[] = [
  'perSecond',
  'nsPerOp',
  'fairness',
  'p50',
  'p90',
  'p99',
  'p999',
  'max',
];
const RATE_COLUMNS: readonly ReportColumn[] = ['perSecond', 'nsPerOp', 'fairness'];
const FUNCTIONS = ['setup', 'prepare', 'body', 'finish', 'verify', 'headline'] as const;
const FIELDS: readonly string[] = [
  ...[
    'name',
    'title',
    'description',
    'unit',
    'variants',
    'overview',
    'cpus',
    'minCpus',
    'knobs',
    'drivers',
    'latency',
  ],
  ...['fixedWork', 'arenaBytes', 'bootParameters', 'report'],
  ...FUNCTIONS,
];

/** A knob is a property of the context beside these. */
const RESERVED: readonly string[] = [
  ...[
    'variant',
    'variantName',
    'cpus',
    'index',
    'random',
    'batch',
    'alloc',
    'local',
    'sampling',
    'record',
    'performed',
  ],
];

const ARENA_BASE = 64 * 1024;
const ARENA_PER_CPU = 4096;

type Fail = (problem: string) => never;

/**
 * Makes an experiment. Throws `DefinitionError` naming the experiment and the field when anything
 * is missing, mistyped or contradictory.
 */
export function experiment<C extends BenchCpu, V, const K extends KnobTable, L>(
  definition: Definition<C, V, K, L>,
): Experiment {
  const { name } = definition;
  if (!isName(name))
    throw new DefinitionError(
      `an experiment's name must be kebab-case, as in lock-handover; got ${show(name)}`,
    );
  const fail: Fail = (problem) => {
    throw new DefinitionError(`experiment ${name}: ${problem}`);
  };
  for (const field of Object.keys(definition)) {
    if (!FIELDS.includes(field))
      fail(`unknown field ${show(field)}; known are ${FIELDS.join(', ')}`);
  }
  for (const field of ['title', 'description', 'unit'] as const) {
    const text: unknown = definition[field];
    if (field === 'unit' && text === undefined) continue;
    if (typeof text !== 'string' || text.trim() === '')
      fail(`${field} must say something; got ${show(text)}`);
  }
  for (const field of FUNCTIONS) {
    const value: unknown = Reflect.get(definition, field);
    if (typeof value !== 'function' && (field === 'body' || value !== undefined))
      fail(`${field} must be a function; got ${show(value)}`);
  }
  const latency = definition.latency ?? false;
  const drivers = definition.drivers ?? 'all';
  if (![true, false, 'recorded'].includes(latency))
    fail(`latency must be true, false or 'recorded'; got ${show(latency)}`);
  if (!['all', 'one'].includes(drivers))
    fail(`drivers must be 'all' or 'one'; got ${show(drivers)}`);
  const { minCpus = 1, fixedWork, arenaBytes = defaultArena, bootParameters = {} } = definition;
  if (!isCpuCount(minCpus)) fail(`minCpus must be 1 to ${MAX_CPUS}; got ${show(minCpus)}`);
  if (fixedWork !== undefined && !(Number.isSafeInteger(fixedWork) && fixedWork > 0)) {
    fail(`fixedWork must be a positive number of calls; got ${show(fixedWork)}`);
  }
  if (typeof arenaBytes === 'number' && !(Number.isSafeInteger(arenaBytes) && arenaBytes > 0)) {
    fail(`arenaBytes must be a positive number of bytes; got ${show(arenaBytes)}`);
  }
  // The functions forget the author's types here, once: the loop hands them what `Definition` promised.
  const { setup, prepare, body, finish, verify, headline } = definition as unknown as Experiment;
  return Object.freeze<Experiment>({
    name,
    title: definition.title,
    description: definition.description,
    unit: definition.unit ?? 'operations',
    variants: checkVariants(definition.variants, fail),
    overview: checkOverview(Object.keys(definition.variants), definition.overview, fail),
    cpus: checkCpus(definition.cpus, minCpus, fail),
    minCpus,
    knobs: checkKnobs(definition.knobs ?? {}, fail),
    drivers,
    latency,
    fixedWork,
    arenaBytes: typeof arenaBytes === 'function' ? arenaBytes : () => arenaBytes,
    bootParameters: typeof bootParameters === 'function' ? bootParameters : () => bootParameters,
    report: checkReport(
      definition.report ?? ['perSecond', 'nsPerOp', 'fairness'],
      latency !== false,
      fail,
    ),
    setup,
    prepare,
    body,
    finish,
    verify,
    headline,
  });
}

function defaultArena(cpus: number): number {
  return ARENA_BASE + ARENA_PER_CPU * cpus;
}

function checkVariants<V>(variants: unknown, fail: Fail): Readonly<Record<string, V>> {
  if (typeof variants !== 'object' || variants === null)
    return fail(`variants must be an object of adapters; got ${show(variants)}`);
  const names = Object.keys(variants);
  if (names.length === 0) fail('has no variants; one is enough, e.g. { plain: {} }');
  for (const name of names) {
    if (!isName(name, { dots: true })) fail(`the name of variant ${show(name)} must be kebab-case`);
  }
  return Object.freeze({ ...(variants as Record<string, V>) });
}

function checkCpus(
  cpus: unknown,
  minCpus: number,
  fail: Fail,
): { parallel?: CpuCounts; model?: CpuCounts } {
  if (typeof cpus !== 'object' || cpus === null)
    return fail(`cpus must be { parallel?, model? }; got ${show(cpus)}`);
  const entries = Object.entries(cpus as Record<string, unknown>);
  if (entries.length === 0) fail('cpus names no clock; give parallel, model or both');
  const checked: { parallel?: CpuCounts; model?: CpuCounts } = {};
  for (const [clock, counts] of entries) {
    if (clock !== 'parallel' && clock !== 'model')
      return fail(`cpus has a clock ${show(clock)}; accepted: parallel, model`);
    if (typeof counts === 'function') {
      checked[clock] = counts as CpuCounts;
      continue;
    }
    checked[clock] = Object.freeze([...checkCounts(counts, `cpus.${clock}`, fail)]);
    if (Math.max(...(counts as number[])) < minCpus)
      fail(`cpus.${clock} has no count of ${minCpus} (minCpus) or more`);
  }
  return Object.freeze(checked);
}

function checkCounts(counts: unknown, where: string, fail: Fail): readonly number[] {
  if (!Array.isArray(counts) || counts.length === 0)
    return fail(`${where} must list CPU counts or compute them; got ${show(counts)}`);
  const list = counts as unknown[];
  for (const [i, n] of list.entries()) {
    if (!isCpuCount(n)) {
      return fail(`${where} holds ${show(n)}; a CPU count is a whole number from 1 to ${MAX_CPUS}`);
    }
    if (i > 0 && n <= (list[i - 1] as number))
      fail(`${where} must ascend without repeats; ${show(n)} follows ${show(list[i - 1])}`);
  }
  return list as number[];
}

function checkKnobs(knobs: unknown, fail: Fail): KnobTable {
  if (typeof knobs !== 'object' || knobs === null)
    return fail(`knobs must be an object of value lists; got ${show(knobs)}`);
  const checked: Record<string, KnobTable[string]> = {};
  for (const [name, values] of Object.entries(knobs as Record<string, unknown>)) {
    if (!isKnobName(name)) fail(`the name of knob ${show(name)} must be camelCase`);
    if (RESERVED.includes(name))
      fail(`a knob may not be called ${name}: the context has that already`);
    if (!Array.isArray(values) || values.length === 0)
      return fail(`knob ${name} must list its values, the default first; got ${show(values)}`);
    const list = values as KnobTable[string][number][];
    for (const value of list) {
      const kind: string = typeof value;
      if (
        !['number', 'string', 'boolean'].includes(kind) ||
        (kind === 'number' && !Number.isFinite(value))
      ) {
        fail(
          `knob ${name} holds ${show(value)}; a value is a finite number, a string or a boolean`,
        );
      }
    }
    // Compared as text, because that is how they are chosen on a command line.
    if (new Set(list.map(String)).size !== list.length)
      fail(`knob ${name} lists a value twice: ${list.map(show).join(', ')}`);
    checked[name] = Object.freeze([...list]);
  }
  return Object.freeze(checked);
}

function checkOverview(
  variants: readonly string[],
  overview: readonly string[] | undefined,
  fail: Fail,
): readonly string[] {
  if (overview === undefined) return Object.freeze([...variants]);
  const isVariant = (one: unknown): boolean => variants.includes(one as string);
  const list = overview as readonly unknown[];
  if (!Array.isArray(overview) || list.length === 0 || !list.every(isVariant))
    fail(`overview must list some of the variants ${variants.join(', ')}; got ${show(overview)}`);
  return Object.freeze([...(overview as readonly string[])]);
}

function checkReport(report: unknown, hasLatency: boolean, fail: Fail): readonly ReportColumn[] {
  if (!Array.isArray(report) || report.length === 0) {
    return fail(`report must list columns; got ${show(report)}`);
  }
  const columns = report as ReportColumn[];
  for (const column of columns) {
    if (!COLUMNS.includes(column)) {
      fail(`report has a column ${show(column)}; accepted: ${COLUMNS.join(', ')}`);
    }
    if (!hasLatency && !RATE_COLUMNS.includes(column)) {
      fail(`report column ${column} needs latency: true`);
    }
  }
  if (new Set(columns).size !== columns.length) {
    fail(`report names a column twice: ${columns.join(', ')}`);
  }
  return Object.freeze([...columns]);
}
