/**
 * Checks of values that come from outside, each naming the place where the value is not what it
 * should be: `results[3].opsPerSecond.median: expected a finite number; got "fast"`.
 */

import { show } from './names.ts';

/** A file is not what it claims to be: truncated, foreign, of another version, or damaged. */
export class RecordError extends Error {
  override readonly name: string = 'RecordError';
}

/** Throws `RecordError` unless `value`, found at `path`, is right. */
export type Check = (value: unknown, path: string) => void;

/** Longer lists are not ours: 4096 CPUs × 10,000 repeats would not fit into memory either. */
const MAX_ITEMS = 1_000_000;

function expected(what: string, value: unknown, path: string): RecordError {
  const got = value === undefined ? 'nothing' : Array.isArray(value) ? 'a list' : show(value);
  return new RecordError(`${path}: expected ${what}; got ${got}`);
}

export function check(what: string, holds: (value: unknown) => boolean): Check {
  return (value, path) => {
    if (!holds(value)) throw expected(what, value, path);
  };
}

export const text: Check = check('text', (value) => typeof value === 'string');
export const bool: Check = check('true or false', (value) => typeof value === 'boolean');
export const finite: Check = check('a finite number', Number.isFinite);
export const positive: Check = check(
  'a positive number',
  (value) => Number.isFinite(value) && (value as number) > 0,
);
export const notNegative: Check = check(
  'a number, 0 or more',
  (value) => Number.isFinite(value) && (value as number) >= 0,
);
export const whole: Check = check(
  'a whole number, 0 or more',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
export const countable: Check = check(
  'a whole number, 1 or more',
  (value) => Number.isSafeInteger(value) && (value as number) >= 1,
);
export const scalar: Check = check('a number, text or boolean', (value) =>
  ['number', 'string', 'boolean'].includes(typeof value),
);

export function oneOf(...accepted: readonly unknown[]): Check {
  return check(accepted.map(show).join(' or '), (value) => accepted.includes(value));
}

export function optional(inner: Check): Check {
  return (value, path) => {
    if (value !== undefined) inner(value, path);
  };
}

export function list(inner: Check, { least = 0 }: { least?: number } = {}): Check {
  return (value, path) => {
    if (!Array.isArray(value)) throw expected('a list', value, path);
    if (value.length > MAX_ITEMS)
      throw new RecordError(`${path}: ${value.length} items; at most ${MAX_ITEMS} are read`);
    if (value.length < least)
      throw new RecordError(`${path}: expected at least ${least} items; got ${value.length}`);
    for (const [i, item] of (value as unknown[]).entries()) inner(item, `${path}[${i}]`);
  };
}

function fields(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw expected('an object', value, path);
}

/** Every value of an object that serves as a table. */
export function table(inner: Check): Check {
  return (value, path) => {
    for (const [name, item] of Object.entries(fields(value, path))) inner(item, `${path}.${name}`);
  };
}

/** Fields that are not named here are left alone: a later version may write more. */
export function shape(checks: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    const found = fields(value, path);
    for (const [name, inner] of Object.entries(checks))
      inner(found[name], path === '' ? name : `${path}.${name}`);
  };
}

/** Several checks of one value, in order. */
export function all(...checks: readonly Check[]): Check {
  return (value, path) => {
    for (const one of checks) one(value, path);
  };
}
