/**
 * A schedule as one line.
 *
 *   percpu1:4f2a9c1d:1>ticketUnlock,store,lock.serving#2;0>-;1!interrupt;0=1
 *
 *   percpu1     version of this format
 *   4f2a9c1d    checksum of the exploration's name
 *   1>L#2       CPU 1 runs until it stands in front of its 2nd access with the label L
 *   0>-         CPU 0 runs until it cannot go on
 *   1!kind      CPU 1: interrupt, timer, timeout, spurious, death
 *   0=1         CPU 0 gets the answer 1 from `choose`; answers of 0 are not written down
 *
 * Behind the last segment every CPU in turn runs until it cannot go on.
 */
import type { ChoiceKind } from '../engine/choice.ts';

const VERSION = 'percpu1';
const EVENTS: readonly string[] = ['interrupt', 'timer', 'timeout', 'spurious', 'death'];

/** What one CPU does before something else happens. */
export type Segment =
  | { readonly cpu: number; readonly kind: 'run'; readonly label: string; readonly nth: number }
  | { readonly cpu: number; readonly kind: 'run-out' }
  | { readonly cpu: number; readonly kind: 'answer'; readonly n: number }
  | { readonly cpu: number; readonly kind: 'event'; readonly event: ChoiceKind };

/** A replay string that is none, or belongs to something else. */
export class ReplayError extends Error {
  override readonly name: string = 'ReplayError';
}

export function writeReplay(exploration: string, segments: readonly Segment[]): string {
  return `${VERSION}:${checksum(exploration)}:${segments.map(textOf).join(';')}`;
}

/** @throws ReplayError that says what is wrong with it. */
export function readReplay(exploration: string, text: string): readonly Segment[] {
  const [version, sum, body, ...rest] = text.trim().split(':');
  if (version !== VERSION || sum === undefined || body === undefined || rest.length > 0) {
    throw new ReplayError(
      `replay: ${JSON.stringify(text.slice(0, 40))} is no replay string of this version; accepted is ${VERSION}:checksum:segments`,
    );
  }
  if (sum !== checksum(exploration)) {
    throw new ReplayError(
      `replay: it was made for another exploration than ${exploration}: checksum ${sum}, expected ${checksum(exploration)}`,
    );
  }
  return body === '' ? [] : body.split(';').map(readSegment);
}

export function textOf(segment: Segment): string {
  const { cpu, kind } = segment;
  switch (kind) {
    case 'run':
      return `${cpu}>${segment.label}#${segment.nth}`;
    case 'run-out':
      return `${cpu}>-`;
    case 'answer':
      return `${cpu}=${segment.n}`;
    case 'event':
      return `${cpu}!${segment.event}`;
  }
}

function readSegment(text: string, index: number): Segment {
  const match = /^(\d+)(?:>(?<out>-)|>(?<label>[^#]+)#(?<nth>\d+)|=(?<n>\d+)|!(?<event>\w+))$/.exec(
    text,
  );
  const cpu = Number(match?.[1]);
  const { out, label, nth, n, event } = match?.groups ?? {};
  if (out !== undefined) return { cpu, kind: 'run-out' };
  if (label !== undefined) return { cpu, kind: 'run', label, nth: Number(nth) };
  if (n !== undefined) return { cpu, kind: 'answer', n: Number(n) };
  if (event !== undefined && EVENTS.includes(event)) {
    return { cpu, kind: 'event', event: event as ChoiceKind };
  }
  throw new ReplayError(
    `replay: segment ${index + 1}, ${JSON.stringify(text)}, cannot be read; accepted are cpu>label#n, cpu>-, cpu=n and cpu!event`,
  );
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo). Guards against mix-ups, nothing else. */
function checksum(text: string): string {
  let hash = 0x811c_9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
