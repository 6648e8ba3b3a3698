/** Tortures of the locks, for `percpu torture locks`. */
import { tortureList } from '@percpu/experiment';
import type { Torture } from '@percpu/experiment';
import { bustedTortures } from './busted.ts';
import { rwTortures } from './reader-writer.ts';
import { sleepingTortures } from './sleeping.ts';
import { spinTortures } from './spin.ts';
import { wwTortures } from './ww-mutex.ts';

export const tortures: readonly Torture[] = tortureList([
  ...spinTortures,
  ...sleepingTortures,
  ...wwTortures,
  ...rwTortures,
  ...bustedTortures,
]);
