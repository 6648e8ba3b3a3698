/** The error for an access that nobody can suspend. */
import { R } from './registers.ts';
import { describeSite } from './sites.ts';

export class UncontrolledAccessError extends Error {
  override readonly name = 'UncontrolledAccessError';
}

/** For memories: the call came with `R.site` = 0, hence from plain code. */
export function uncontrolledAccess(): UncontrolledAccessError {
  return new UncontrolledAccessError(
    'shared access outside a controlled frame: the stack shows a getter, constructor, callback of a ' +
      'built-in, or code that was not transformed; accepted are calls from transformed functions',
  );
}

/** An access was put off, and its YIELD never reached the driver: something else consumed it as a value. */
export function lostAccess(): UncontrolledAccessError {
  R.pending = false;
  return new UncontrolledAccessError(
    `shared access outside a controlled frame: the result of ${describeSite(R.pendingSite)} was taken by plain code ` +
      '(spread, destructuring, or a built-in that iterates) before the access was made',
  );
}

/**
 * For memories, first thing in each access: takes the site of the call.
 * @throws UncontrolledAccessError if the caller cannot be suspended, or an earlier access was lost
 */
export function takeSite(): number {
  const { site } = R;
  R.site = 0;
  if (R.pending) throw lostAccess();
  if (site === 0) throw uncontrolledAccess();
  return site;
}

/** For memories: puts the access at `site` off. Return what this returns. */
export function putOff(site: number): typeof R.YIELD {
  R.pending = true;
  R.pendingSite = site;
  return R.YIELD;
}
