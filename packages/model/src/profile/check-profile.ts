/** Is this a profile? Whoever opens a file gets one that can be modelled, or a sentence about the first wrong field. */
import { FIGURE_NAMES, FIGURES, TRUST } from './figures.ts';
import type { Figure, FigureName } from './figures.ts';
import { PROFILE_SCHEMA } from './profile.ts';
import type { Profile, TopologyFigures } from './profile.ts';

/** A profile that is none, or none that a machine could have. The message is one sentence for the user. */
export class ProfileError extends Error {
  override readonly name: string = 'ProfileError';
}

const MOST_NS = 1e9;
const MOST_PARTS = 4096;
const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const TOPOLOGY = [
  'sockets',
  'llcsPerSocket',
  'coresPerLlc',
  'threadsPerCore',
  'socketsPerGroup',
] as const satisfies readonly (keyof TopologyFigures)[];

type Fields = Readonly<Record<string, unknown>>;

/** `value`, once it is known to be a profile. `where` names it in messages. @throws ProfileError */
export function checkProfile(value: unknown, where: string = 'profile'): Profile {
  const fail = (problem: string): never => {
    throw new ProfileError(`${where}: ${problem}`);
  };
  if (!isObject(value)) return fail(`expected an object; got ${show(value)}`);
  if (value.schema !== PROFILE_SCHEMA)
    fail(`schema: this version reads ${PROFILE_SCHEMA}; got ${show(value.schema)}${advice(value)}`);
  if (typeof value.name !== 'string' || !KEBAB.test(value.name))
    fail(`name must be kebab-case, as in epyc-milan-2s; got ${show(value.name)}`);
  for (const field of ['title', 'source']) {
    if (typeof value[field] !== 'string' || value[field].trim() === '')
      fail(`${field} must say something; got ${show(value[field])}`);
  }
  const { lineBytes } = value;
  if (!isWhole(lineBytes, 16, 1024) || !Number.isInteger(Math.log2(lineBytes)))
    fail(`lineBytes must be a power of two from 16 to 1024; got ${show(lineBytes)}`);
  checkTopology(value.topology, fail);
  checkFigures(value.figures, value.topology as TopologyFigures, fail);
  return value as unknown as Profile;
}

type Fail = (problem: string) => never;

function checkTopology(value: unknown, fail: Fail): void {
  if (!isObject(value)) return fail(`topology: expected an object; got ${show(value)}`);
  for (const field of TOPOLOGY) {
    if (!isWhole(value[field], 1, MOST_PARTS))
      fail(
        `topology.${field} must be a whole number from 1 to ${MOST_PARTS}; got ${show(value[field])}`,
      );
  }
  const { sockets, llcsPerSocket, coresPerLlc, threadsPerCore, socketsPerGroup } =
    value as unknown as TopologyFigures;
  if (threadsPerCore > 2)
    fail(`topology.threadsPerCore: ${threadsPerCore} threads share a core; 1 and 2 are modelled`);
  if (socketsPerGroup > sockets)
    fail(`topology: a group of ${socketsPerGroup} sockets does not fit into ${sockets}`);
  if (sockets % socketsPerGroup !== 0)
    fail(`topology: ${sockets} sockets cannot be split into groups of ${socketsPerGroup}`);
  const threads = sockets * llcsPerSocket * coresPerLlc * threadsPerCore;
  if (threads > MOST_PARTS) fail(`topology has ${threads} CPUs in all; at most ${MOST_PARTS}`);
}

function checkFigures(value: unknown, topology: TopologyFigures, fail: Fail): void {
  if (!isObject(value)) return fail(`figures: expected an object; got ${show(value)}`);
  const known: readonly string[] = FIGURE_NAMES;
  for (const name of Object.keys(value)) {
    if (!known.includes(name))
      fail(`figures.${name} is not known; known are ${FIGURE_NAMES.join(', ')}`);
  }
  for (const name of FIGURE_NAMES) {
    const figure = value[name];
    if (figure !== undefined) checkFigure(name, figure, fail);
    else if (isNeeded(name, topology)) fail(`figures.${name} is missing: ${FIGURES[name].means}`);
  }
  checkOrder(value, fail);
}

function checkFigure(name: FigureName, figure: unknown, fail: Fail): void {
  const at = `figures.${name}`;
  if (!isObject(figure))
    return fail(`${at}: expected { value, trust, source }; got ${show(figure)}`);
  const { unit } = FIGURES[name];
  const least = unit === 'factor' ? 1 : 0;
  const most = unit === 'ns' ? MOST_NS : unit === 'share' ? 1 : 10;
  const { value } = figure;
  if (typeof value !== 'number' || !(value >= least && value <= most))
    fail(
      `${at}.value must be a ${unit === 'ns' ? 'time in ns' : unit} from ${least} to ${most}; got ${show(value)}`,
    );
  if (!(TRUST as readonly unknown[]).includes(figure.trust))
    fail(`${at}.trust must be one of ${TRUST.join(', ')}; got ${show(figure.trust)}`);
  if (typeof figure.source !== 'string' || figure.source.trim() === '')
    fail(`${at}.source must say where the figure comes from; got ${show(figure.source)}`);
}

function isNeeded(name: FigureName, topology: TopologyFigures): boolean {
  if (name === 'smt') return topology.threadsPerCore > 1;
  if (name === 'remote') return topology.sockets > 1;
  if (name === 'far') return topology.sockets > topology.socketsPerGroup;
  return FIGURES[name].optional === undefined;
}

/** A line that has further to go cannot be there sooner. */
function checkOrder(figures: Profile['figures'], fail: Fail): void {
  let nearer: readonly [FigureName, Figure] | undefined;
  for (const name of ['smt', 'llc', 'socket', 'remote', 'far'] as const) {
    const figure = figures[name];
    if (figure === undefined) continue;
    if (nearer !== undefined && figure.value < nearer[1].value)
      fail(
        `figures.${name} (${figure.value} ns) is less than figures.${nearer[0]} (${nearer[1].value} ns): ` +
          'a line that has further to go cannot be there sooner',
      );
    nearer = [name, figure];
  }
}

/** What to do with a profile of another version. */
function advice({ schema }: Fields): string {
  if (!isWhole(schema, 1, Number.MAX_SAFE_INTEGER)) return '';
  return schema < PROFILE_SCHEMA
    ? ': written by an earlier version, whose figures mean something else; measure anew with percpu calibrate --out FILE'
    : ': written by a later version; update @percpu/model';
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'object' ? 'an object' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
