/** Arming failures while the machine runs. Linux: /sys/kernel/debug/failslab and fail_page_alloc. */
import { allocString, bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { mmView } from '../page/mm-view.ts';
import { attrAt, FAULT_KINDS, FaultAttr, Faults } from './fault-attr.ts';
import type { FaultKind } from './fault-attr.ts';

export interface FaultOptions {
  /** Percent. 0 turns the kind off. */
  readonly probability: number;
  /** Default 1: every one. */
  readonly interval?: number;
  /** Default −1: no limit. */
  readonly times?: number;
  /** Bytes that are allocated before anything fails. Default 0. */
  readonly space?: number;
  /** 0 (default): silent; 1: a line in dmesg for each failure; 2: with the stack. */
  readonly verbose?: 0 | 1 | 2;
  /** Smallest order that fails. Default 0. Pages only. */
  readonly minOrder?: number;
  /** Only calls with this in their call trace: a function, file or line. Default: all. */
  readonly site?: string;
}

/** From now on, on all CPUs. Task context. The text of `site` is never freed. */
export function setFault(cpu: Cpu, kind: FaultKind, options: FaultOptions): void {
  const { interval = 1, probability, times = -1, space = 0 } = options;
  const { verbose = 0, minOrder = 0, site = '' } = options;
  const limits = [
    ['probability', probability, 0, 100],
    ['interval', interval, 1, 2 ** 31 - 1],
    ['times', times, -1, 2 ** 31 - 1],
    ['space', space, 0, 2 ** 31 - 1],
    ['minOrder', minOrder, 0, 32],
  ] as const;
  for (const [name, value, least, most] of limits) {
    if (Number.isInteger(value) && value >= least && value <= most) continue;
    bug(cpu, `${kind}: ${name} ${value}; accepted are whole numbers from ${least} to ${most}`);
  }
  const { memory } = cpu;
  const faults = mmView(cpu).faults.at;
  const index = FAULT_KINDS.indexOf(kind);
  const attr = attrAt(faults, index);
  memory.fetchAnd(faults + Faults.armed, ~(1 << index) >>> 0);
  memory.store(attr + FaultAttr.probability, probability);
  memory.store(attr + FaultAttr.interval, interval);
  memory.store(attr + FaultAttr.times, times);
  memory.store(attr + FaultAttr.space, space);
  memory.store(attr + FaultAttr.count, 0);
  memory.store(attr + FaultAttr.verbose, verbose);
  memory.store(attr + FaultAttr.minOrder, minOrder);
  memory.store(attr + FaultAttr.site, site === '' ? 0 : allocString(memory, site));
  if (probability > 0) memory.fetchOr(faults + Faults.armed, 1 << index);
}

/**
 * The `n`-th allocation of this CPU from now on, counted from 1, fails, and no other; 0: none does. Whoever runs
 * the same code with 1, 2, 3 … until `failNthDone` says no has seen every call site meet its failure.
 * Linux: /proc/self/fail-nth.
 */
export function failNth(cpu: Cpu, n: number): void {
  const { faults } = mmView(cpu);
  if (!Number.isSafeInteger(n) || n < 0)
    bug(cpu, `failNth: ${n}; accepted are whole numbers from 0`);
  faults.nth = n;
  faults.nthFailed = false;
}

/** Has the allocation that `failNth` named come, and failed? Ends it. */
export function failNthDone(cpu: Cpu): boolean {
  const { faults } = mmView(cpu);
  faults.nth = 0;
  return faults.nthFailed;
}
