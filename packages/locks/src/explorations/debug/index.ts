import type { Exploration } from '@percpu/experiment';
import { bustedEntries } from './busted/entries.ts';
import { heldTableExplorations } from './held-table.ts';
import { mistakeExplorations } from './mistakes.ts';

export const debug: readonly Exploration[] = [
  ...heldTableExplorations,
  ...mistakeExplorations,
  ...bustedEntries,
];
