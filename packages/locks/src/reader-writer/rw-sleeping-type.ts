/** A reader-writer lock whose waiters sleep, as validators, explorations and experiments take it. */
import type { Cpu, Sleeps } from '@percpu/machine';
import type { LayoutInfo, Ptr } from '@percpu/memory';

export interface RwSleepingType {
  /** kebab-case, unique among lock types. */
  readonly name: string;
  readonly layout: LayoutInfo;
  readonly init: (cpu: Cpu, at: Ptr) => void;
  readonly downRead: (cpu: Cpu, at: Ptr) => Sleeps<void>;
  /** One attempt, never sleeps. */
  readonly downReadTrylock: (cpu: Cpu, at: Ptr) => boolean;
  readonly upRead: (cpu: Cpu, at: Ptr) => void;
  readonly downWrite: (cpu: Cpu, at: Ptr) => Sleeps<void>;
  readonly upWrite: (cpu: Cpu, at: Ptr) => void;
  /** By readers or a writer. */
  readonly isLocked: (cpu: Cpu, at: Ptr) => boolean;
}
