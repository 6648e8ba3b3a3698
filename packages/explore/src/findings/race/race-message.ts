/** A race in words: what met, where, and which edge is missing. */
import { OPERATIONS } from '@percpu/simulator';
import type { AddressNames } from '@percpu/simulator';
import { placeOf } from '../../report/place.ts';
import type { AccessRecord } from './granule.ts';
import type { Race, Synchronisation } from './race-detector.ts';

export function raceMessage(race: Race, names: AddressNames): string {
  const { first, second } = race;
  const [one, other] = [`CPU ${first.cpu}`, `CPU ${second.cpu}`];
  return [
    `race on ${names.nameOf(second.at)}: ${one} ${verb(first)} it and ${other} ${verb(second)} it, and nothing orders the two`,
    `  ${one}  ${line(first, names)}`,
    `  ${other}  ${line(second, names)}`,
    `  missing edge: nothing orders ${one}'s ${noun(first)} before ${other}'s ${noun(second)}: ` +
      `${releasedText(one, noun(first), race.released, names)}; ${acquiredText(other, race.acquired, names)}`,
  ].join('\n');
}

function releasedText(
  cpu: string,
  access: string,
  released: Synchronisation | undefined,
  names: AddressNames,
): string {
  if (released === undefined) return `${cpu} has published nothing since its ${access}`;
  return `the last synchronisation of ${cpu} after its ${access} was ${line(released, names)}`;
}

function acquiredText(
  cpu: string,
  acquired: Synchronisation | undefined,
  names: AddressNames,
): string {
  if (acquired === undefined) return `${cpu} has acquired nothing in this run`;
  return `the last acquire of ${cpu} was ${line(acquired, names)}`;
}

/** `write inbox.data in send (src/inbox.ts:12), step 3`. */
function line(access: Synchronisation, names: AddressNames): string {
  const { op, at, site, step } = access;
  return `${OPERATIONS[op]!.name} ${names.nameOf(at)} in ${placeOf(site)}, step ${step}`;
}

function verb({ op, write }: AccessRecord): string {
  if (!write) return 'reads';
  return OPERATIONS[op]!.effect === 'update' && OPERATIONS[op]!.atomic ? 'updates' : 'writes';
}

function noun({ op, write }: AccessRecord): string {
  if (!write) return 'read';
  return OPERATIONS[op]!.effect === 'update' && OPERATIONS[op]!.atomic ? 'update' : 'write';
}
