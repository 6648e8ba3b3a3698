/**
 * Long runs of CPUs of a machine are full of how a CPU goes to sleep and wakes (parking.ts there has the protocol): a
 * dozen accesses that say one thing. In a long trace they become one row.
 */
import { siteInfo } from '@percpu/coroutine/runtime';
import type { TraceEvent } from '../engine/trace-event.ts';

/** One event, or several that are shown as one. */
export type Shown = readonly [TraceEvent, ...TraceEvent[]];

/** Shorter traces are shown as they are: they may be about the protocol itself. */
const FOLD_FROM = 40;
/** Fewer than these are not worth it. */
const LEAST = 4;
const PROTOCOL = /[\\/]machine[\\/](?:src|dist)[\\/](?:parking|spin-wait)\.[jt]s$/;

export function foldEvents(
  events: readonly TraceEvent[],
  from: number = FOLD_FROM,
): readonly Shown[] {
  if (events.length < from) return events.map((event) => [event]);
  const shown: Shown[] = [];
  let run: TraceEvent[] = [];
  const flush = (): void => {
    const [first, ...rest] = run;
    if (first !== undefined && run.length >= LEAST) shown.push([first, ...rest]);
    else for (const event of run) shown.push([event]);
    run = [];
  };
  for (const event of events) {
    if (run.length > 0 && run[0]!.cpu !== event.cpu) flush();
    if (isProtocol(event)) run.push(event);
    else {
      flush();
      shown.push([event]);
    }
  }
  flush();
  return shown;
}

/** What ends in sleep is always shown. */
function isProtocol({ kind, site, result }: TraceEvent): boolean {
  if ((kind !== 'access' && kind !== 'plain') || typeof result === 'symbol') return false;
  return PROTOCOL.test(siteInfo(site)?.file ?? '');
}
