/** The environment variable PERCPU_COROUTINE. */
import type { Selection } from '../load/selection.ts';

const ACCEPTED =
  'accepted are "off" and JSON with lists of strings include, exclude, atomics (or atomics: true)';

/** @throws TypeError if `text` says something else */
export function readSelection(text: string): Selection {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw new TypeError(
      `PERCPU_COROUTINE is ${JSON.stringify(text)}, which is no JSON; ${ACCEPTED}`,
    );
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    throw new TypeError(`PERCPU_COROUTINE is ${text}; ${ACCEPTED}`);
  }
  for (const [name, value] of Object.entries(read)) {
    const strings = Array.isArray(value) && value.every((each) => typeof each === 'string');
    const known = name === 'include' || name === 'exclude' || name === 'atomics';
    if (!known || !(strings || (name === 'atomics' && typeof value === 'boolean'))) {
      throw new TypeError(`PERCPU_COROUTINE has ${name}: ${JSON.stringify(value)}; ${ACCEPTED}`);
    }
  }
  return read;
}
