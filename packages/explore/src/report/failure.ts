/** A finding with everything one wants to look at: the run as a table, and the stacks of what it is about. */
import type { AddressNames } from '@percpu/simulator';
import type { Finding, FoundAccess } from '../engine/outcome.ts';
import type { TraceEvent } from '../engine/trace-event.ts';
import { accessText } from './access-text.ts';
import { stackLines } from './stack.ts';
import { renderTable } from './table.ts';
import type { TableOptions } from './table.ts';

/** What `ExplorationFailure.table` holds. */
export function failureTable(
  finding: Finding,
  events: readonly TraceEvent[],
  names: AddressNames,
  options: TableOptions = {},
): string {
  const { accesses = [] } = finding;
  const table = renderTable(events, names, { ...options, marked: accesses });
  const stacks = accesses.flatMap((access) => stackOf(access, events, names));
  return [table, ...stacks].join('\n');
}

function stackOf(
  access: FoundAccess,
  events: readonly TraceEvent[],
  names: AddressNames,
): readonly string[] {
  const event = events.findLast(
    ({ cpu, step, op, site }) =>
      cpu === access.cpu && step === access.step && op === access.op && site === access.site,
  );
  if (event?.stack === undefined) return [];
  const lines = stackLines(event.stack);
  if (lines.length === 0) return [];
  return [
    '',
    `CPU ${event.cpu}, step ${event.step}: ${accessText(event, names)}`,
    ...lines.map((line) => `    ${line}`),
  ];
}
