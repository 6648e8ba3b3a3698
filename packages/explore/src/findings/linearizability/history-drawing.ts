/**
 * A history as a drawing: time goes to the right, one line a CPU, an operation from its call to its return.
 *
 *   CPU 0  ├ enqueue(1) ───────┤       ├ dequeue() → 2 ┤
 *   CPU 1      ├ enqueue(2) ┤
 */
import type { Call } from '../../engine/call.ts';
import { valueText } from '../../report/access-text.ts';

/** Wider than this a drawing is a list. */
const MAX_WIDTH = 120;

/** `dequeue() → 2`; `dequeue() …` when it never returned. */
export function callText({ operation, args, result, returned }: Call): string {
  const text = `${operation}(${args.map(resultText).join(', ')})`;
  if (returned === Infinity) return `${text} …`;
  return result === undefined ? text : `${text} → ${resultText(result)}`;
}

function resultText(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : valueText(value);
}

export function drawHistory(calls: readonly Call[], width: number = MAX_WIDTH): string {
  const lanes = lanesOf(calls);
  const labels = lanes.map(({ cpu }, i) => (lanes[i - 1]?.cpu === cpu ? '' : `CPU ${cpu}`));
  const margin = Math.max(...labels.map(({ length }) => length)) + 2;
  const places = placesOf(calls);
  const end = Math.max(...places.values()) + 1;
  if (margin + end > width) return listed(calls);
  return lanes
    .map(({ calls: own }, i) => {
      let line = '';
      for (const call of own) {
        const from = places.get(call.invoked)!;
        line = `${line.padEnd(from)}├ ${callText(call)}`;
        if (call.returned !== Infinity)
          line = `${`${line} `.padEnd(places.get(call.returned)!, '─')}┤`;
      }
      return labels[i]!.padEnd(margin) + line;
    })
    .join('\n');
}

interface Lane {
  readonly cpu: number;
  readonly calls: Call[];
}

/** Calls of one CPU overlap when an interrupt makes one: it gets a line of its own. */
function lanesOf(calls: readonly Call[]): readonly Lane[] {
  const lanes: Lane[] = [];
  for (const call of [...calls].sort((a, b) => a.invoked - b.invoked)) {
    const lane = lanes.find(
      (one) => one.cpu === call.cpu && one.calls.at(-1)!.returned < call.invoked,
    );
    if (lane === undefined) lanes.push({ cpu: call.cpu, calls: [call] });
    else lane.calls.push(call);
  }
  return lanes.sort((a, b) => a.cpu - b.cpu);
}

/** The column of each beginning and end: in their order, and with room for what is written between them. */
function placesOf(calls: readonly Call[]): ReadonlyMap<number, number> {
  const begins = new Map(calls.map((call) => [call.invoked, call]));
  const ends = new Map(calls.map((call) => [call.returned, call]));
  const times = [...begins.keys(), ...ends.keys()]
    .filter((time) => time !== Infinity)
    .sort((a, b) => a - b);
  const places = new Map<number, number>();
  let last = -2;
  for (const time of times) {
    const ended = ends.get(time);
    const room = ended === undefined ? 0 : places.get(ended.invoked)! + callText(ended).length + 3;
    last = Math.max(last + 2, room);
    places.set(time, last);
  }
  // One that never returned still says what it was.
  for (const call of calls) {
    if (call.returned === Infinity)
      places.set(
        Infinity,
        Math.max(places.get(Infinity) ?? 0, places.get(call.invoked)! + callText(call).length + 3),
      );
  }
  return places;
}

function listed(calls: readonly Call[]): string {
  const events = calls.flatMap((call) => [
    { time: call.invoked, text: `CPU ${call.cpu}  ${callText({ ...call, returned: Infinity })}` },
    { time: call.returned, text: `CPU ${call.cpu}  … ${callText(call)}` },
  ]);
  return events
    .filter(({ time }) => time !== Infinity)
    .sort((a, b) => a.time - b.time)
    .map(({ text }) => text)
    .join('\n');
}
