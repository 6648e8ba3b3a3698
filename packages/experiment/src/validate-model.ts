/** The part of a record that says where modelled time went. */

import {
  list,
  notNegative,
  optional,
  shape,
  table,
  text,
  whole,
  type Check,
} from './check-shape.ts';

const field = shape({
  name: text,
  accesses: whole,
  transfers: whole,
  transferNs: notNegative,
  waitNs: notNegative,
  lockWaitNs: notNegative,
});

const spent = shape({
  compute: notNegative,
  transfer: notNegative,
  lockWait: notNegative,
  ipi: notNegative,
  idle: notNegative,
});

export const modelDetails: Check = shape({
  profile: text,
  seconds: notNegative,
  accesses: whole,
  cpuNs: notNegative,
  where: spent,
  lines: list(
    shape({
      name: text,
      fields: list(field),
      transferNs: notNegative,
      waitNs: notNegative,
      busy: optional(notNegative),
      distances: optional(table(whole)),
      why: optional(text),
    }),
  ),
});
