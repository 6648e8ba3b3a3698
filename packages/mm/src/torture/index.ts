/** Tortures of the allocators, for `percpu torture mm`. */
import { tortureList } from '@percpu/experiment';
import type { Torture } from '@percpu/experiment';
import { mempoolTortures } from './mempool.ts';
import { pageTortures } from './page.ts';
import { slabTortures } from './slab.ts';

export const tortures: readonly Torture[] = tortureList([
  ...pageTortures,
  ...slabTortures,
  ...mempoolTortures,
]);
