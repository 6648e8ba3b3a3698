/** One event of a run in words, without its CPU. */
import type { AddressNames } from '@percpu/simulator';
import type { TraceEvent } from '../engine/trace-event.ts';
import { accessText } from './access-text.ts';
import { functionName, lineOf } from './place.ts';

export interface EventText {
  readonly text: string;
  /** `send:12`; empty where there is no source. */
  readonly place: string;
}

export function eventText(event: TraceEvent, names: AddressNames): EventText {
  return { text: whatHappened(event, names), place: placeText(event) };
}

/** Of `count` events that are shown as one, `first` being the first. */
export function foldedText(count: number, first: TraceEvent): EventText {
  return { text: `⋮ ${count} accesses of spinning, parking or waking`, place: placeText(first) };
}

function whatHappened(event: TraceEvent, names: AddressNames): string {
  switch (event.kind) {
    case 'interrupt':
      return '┌ interrupt';
    case 'timer':
      return '┌ timer interrupt';
    case 'returned':
      return '└ back from the interrupt';
    case 'death':
      return '✝ dies here';
    case 'timeout':
      return 'its wait times out';
    case 'spurious':
      return 'wakes for no reason';
    case 'woken':
      return event.by === undefined ? 'wakes' : `is woken by CPU ${event.by}`;
    case 'access':
    case 'plain':
    case 'alternative':
      return event.op < 0 ? event.kind : accessText(event, names);
  }
}

function placeText({ op, site }: TraceEvent): string {
  if (op < 0 || site === 0) return '';
  const line = lineOf(site);
  return line === undefined ? functionName(site) : `${functionName(site)}:${line}`;
}
