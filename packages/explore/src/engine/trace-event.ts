import type { Ptr } from '@percpu/memory';
import type { ChoiceKind } from './choice.ts';

/** What a trace is made of. */
export interface TraceEvent {
  readonly step: number;
  readonly cpu: number;
  /** `plain`: an access that is no scheduling point. `woken`: the CPU's wait ended. `returned`: from an interrupt. */
  readonly kind: ChoiceKind | 'plain' | 'woken' | 'returned';
  /** Operation number (`OPERATIONS`); −1 where there is no access. */
  readonly op: number;
  readonly at: Ptr;
  readonly a: number | bigint;
  readonly b: number | bigint;
  readonly result: unknown;
  readonly site: number;
  /** Who woke it. */
  readonly by?: number;
  /** The stack of an access, innermost first, as V8 writes it. */
  readonly stack?: string;
}
