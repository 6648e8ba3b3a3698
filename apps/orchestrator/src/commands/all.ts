import type { Command } from '../cli/command.ts';
import { compare } from './compare.ts';
import { doctor } from './doctor.ts';
import { conformance, explore } from './empty.ts';
import { list } from './list.ts';
import { report } from './report.ts';
import { scale } from './scale.ts';
import { scenario } from './scenario.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  list,
  scale,
  scenario,
  explore,
  conformance,
  report,
  compare,
  doctor,
];
