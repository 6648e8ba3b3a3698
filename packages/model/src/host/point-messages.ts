/** What the engine and its workers tell each other. */
import type { Cell, Measured } from '@percpu/experiment';
import type { Parameter } from '@percpu/machine';
import type { Profile } from '../profile/profile.ts';

export interface PointRequest {
  /** URL of the module that exports the experiment. */
  readonly module: string;
  readonly cell: Cell;
  readonly profile: Profile;
  readonly declares: readonly Parameter[];
}

export type PointAnswer =
  { readonly measured: Measured } | { readonly failed: string; readonly stack: string | undefined };
