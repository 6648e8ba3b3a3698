/** Tortures of the allocators, for `percpu torture mm`. */
import { tortureList } from '@percpu/experiment';
import type { Torture } from '@percpu/experiment';
import { slabTortures } from './slab.ts';

export const tortures: readonly Torture[] = tortureList([...slabTortures]);
