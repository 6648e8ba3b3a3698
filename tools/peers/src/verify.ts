/** A lock that loses updates is not measured, it is refused: its speed says nothing. */
import type { WindowReport } from './team.ts';

export class LostUpdates extends Error {
  override readonly name = 'LostUpdates';
}

const U32 = 2 ** 32;

/** Returns the operations of the measured part. Throws unless the counter grew by exactly what was done. */
export function verify({ reports, counted }: WindowReport): number {
  let measured = 0;
  let done = 0;
  for (const { warmUp, ops } of reports) {
    measured += ops;
    done += ops + warmUp;
  }
  if (done % U32 === counted) return measured;
  const modulo = done < U32 ? '' : ' (modulo 2^32)';
  throw new LostUpdates(
    `no lock: ${reports.length} threads did ${done} increments under it, and the counter grew by ${counted}${modulo}`,
  );
}
