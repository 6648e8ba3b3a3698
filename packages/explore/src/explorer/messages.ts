/** What the thread that explores and its host say to each other. Plain data. */
import type { ExplorationResult } from '@percpu/experiment';
import type { ExploreProgress } from '../search/explore.ts';

export interface Order {
  /** URL of the module that exports `explorations`. */
  readonly module: string;
  readonly name: string;
  readonly strategy?: string;
  readonly schedules?: number;
  readonly seconds?: number;
  readonly seed?: number;
  readonly replay?: string;
}

export type Answer =
  /** The module is loaded, the search begins. */
  | { readonly kind: 'began' }
  | { readonly kind: 'progress'; readonly so: ExploreProgress }
  | { readonly kind: 'result'; readonly result: ExplorationResult }
  /** An error loses its class on the way: its name stays. */
  | { readonly kind: 'error'; readonly name: string; readonly message: string };
