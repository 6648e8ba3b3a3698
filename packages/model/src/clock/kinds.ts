/** The operations of the seam, by what the clock does with them. */
import { Need } from '../coherence/coherence.ts';
import type { NeedCode } from '../coherence/coherence.ts';
import { OPERATIONS } from '@percpu/simulator';
import type { OperationInfo } from '@percpu/simulator';

/** `access` touches one line, `range` several; `free` takes no time and nobody else sees it. */
export const Kind = {
  access: 0,
  range: 1,
  free: 2,
  pause: 3,
  delay: 4,
  wait: 5,
  notify: 6,
} as const;
export type KindCode = (typeof Kind)[keyof typeof Kind];

const BY_NAME: Readonly<Record<string, KindCode>> = {
  copy: Kind.range,
  fill: Kind.range,
  now: Kind.free,
  choose: Kind.free,
  pause: Kind.pause,
  delay: Kind.delay,
  wait: Kind.wait,
  notify: Kind.notify,
};

/** An atomic store is an exchange on x86; a plain one goes through the store buffer. */
function needOf({ effect, atomic }: OperationInfo): NeedCode {
  if (effect === 'write') return atomic ? Need.update : Need.write;
  return effect === 'update' ? Need.update : Need.read;
}

/** By operation number. */
export const KINDS: readonly KindCode[] = Object.freeze(
  OPERATIONS.map(({ name }) => BY_NAME[name] ?? Kind.access),
);
export const NEEDS: readonly NeedCode[] = Object.freeze(OPERATIONS.map(needOf));
