import type { Command } from '../cli/command.ts';
import { calibrate } from './calibrate.ts';
import { compare } from './compare.ts';
import { doctor } from './doctor.ts';
import { conformance } from './conformance.ts';
import { explore } from './explore.ts';
import { list } from './list.ts';
import { model } from './model.ts';
import { report } from './report.ts';
import { scale } from './scale.ts';
import { scenario } from './scenario.ts';
import { torture } from './torture.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  list,
  scale,
  scenario,
  explore,
  torture,
  model,
  calibrate,
  conformance,
  report,
  compare,
  doctor,
];
