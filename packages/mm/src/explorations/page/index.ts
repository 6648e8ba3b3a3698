import type { Exploration } from '@percpu/experiment';
import { bustedLists } from './busted/lists.ts';
import { bustedWaits } from './busted/waits.ts';
import { bustedZones } from './busted/zones.ts';
import { failingExplorations } from './failing.ts';
import { listExplorations } from './lists.ts';
import { waitingExplorations } from './waiting.ts';
import { zoneExplorations } from './zone.ts';

export const page: readonly Exploration[] = [
  ...zoneExplorations,
  ...listExplorations,
  ...waitingExplorations,
  ...failingExplorations,
  ...bustedZones,
  ...bustedLists,
  ...bustedWaits,
];
