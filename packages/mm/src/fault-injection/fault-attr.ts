/**
 * Failures on purpose: what Linux's lib/fault-inject.c knows of each kind of allocation.
 *
 *   interval      of the allocations that get so far, each `interval`-th may fail
 *   probability   percent of those that do. 0: the kind is off
 *   space         bytes that are allocated before anything fails
 *   times         failures that there will be; −1: no limit
 */
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { array, layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import { MM_FAIL_PAGE_ALLOC, MM_FAILSLAB } from '../mm-parameters.ts';

/** Which allocations: of pages, of slab objects. */
export const FAULT_KINDS = ['fail_page_alloc', 'failslab'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

const attrFields = {
  interval: 'u32',
  probability: 'u32',
  space: 'i32',
  times: 'i32',
  /** Allocations that were counted for `interval`. */
  count: 'u32',
  /** Linux: verbose. 0: silent, 1: a line for each failure, 2: with the stack. */
  verbose: 'u32',
  /** Smaller blocks do not fail. Pages only. Linux: min-order. */
  minOrder: 'u32',
  /** A shared string, or 0: only calls through a function, file or line of which this is part of the name. */
  site: 'ptr',
} as const;

/** Linux: struct fault_attr. All words atomic: they may be changed at any time. */
export const FaultAttr: Layout<typeof attrFields> = layout(attrFields, { name: 'FaultAttr' });

const faultsFields = {
  /** Bit n: the kind n of FAULT_KINDS is on. The one word that every allocation looks at. */
  armed: 'u32',
  attrs: array(FaultAttr, FAULT_KINDS.length),
} as const;

export const Faults: Layout<Record<'armed' | 'attrs', unknown>> = layout(faultsFields, {
  name: 'Faults',
  cacheAligned: true,
});

/** The explorer's memory: it decides what elsewhere is decided by lot. */
interface Chooser {
  choose(alternatives: number): number;
}

/** What one CPU keeps. */
export interface FaultView {
  readonly at: Ptr;
  /** Set under the explorer (`allocationFailures` of an exploration). */
  readonly chooser: Chooser | undefined;
  /** The allocation, counted from 1, that fails on this CPU; 0: none. Linux: /proc/self/fail-nth. */
  nth: number;
  /** Whether `nth` has come to pass. */
  nthFailed: boolean;
  /** State of the random numbers of this CPU; never 0. */
  random: number;
}

export function faultView(cpu: Cpu, at: Ptr): FaultView {
  const { memory } = cpu;
  return {
    at,
    chooser: 'choose' in memory ? (memory as Memory & Chooser) : undefined,
    nth: 0,
    nthFailed: false,
    random: Math.imul(cpu.id + 1, 0x9e37_79b1) >>> 0,
  };
}

/** With what the boot parameters say. */
export function allocFaults(cpu: Cpu): Ptr {
  const at = memblockAlloc(cpu.memory, Faults.size, Faults.align);
  cpu.memory.describe(at, Faults, 'faults');
  for (const [index, { name, value }] of [
    { name: MM_FAIL_PAGE_ALLOC.name, value: cpu.parameter(MM_FAIL_PAGE_ALLOC) },
    { name: MM_FAILSLAB.name, value: cpu.parameter(MM_FAILSLAB) },
  ].entries()) {
    const attr = attrAt(at, index);
    const [interval, probability, space, times] =
      value === '' ? [1, 0, 0, -1] : parse(cpu, name, value);
    cpu.memory.store(attr + FaultAttr.interval, interval);
    cpu.memory.store(attr + FaultAttr.probability, probability);
    cpu.memory.store(attr + FaultAttr.space, space);
    cpu.memory.store(attr + FaultAttr.times, times);
    if (probability !== 0) cpu.memory.fetchOr(at + Faults.armed, 1 << index);
  }
  return at;
}

export function attrAt(faults: Ptr, index: number): Ptr {
  return faults + Faults.attrs + index * FaultAttr.size;
}

/** Linux: setup_fault_attr(). */
function parse(cpu: Cpu, name: string, text: string): [number, number, number, number] {
  const numbers = text.split(',').map(Number);
  const [interval = NaN, probability = NaN, space = NaN, times = NaN] = numbers;
  const accepted =
    numbers.length === 4 &&
    numbers.every(Number.isInteger) &&
    interval >= 1 &&
    probability >= 0 &&
    probability <= 100 &&
    space >= 0 &&
    times >= -1;
  if (!accepted) {
    bug(
      cpu,
      `${name}=${JSON.stringify(text)}: accepted is interval,probability,space,times, ` +
        'as in "1,100,0,-1": an interval from 1, a percentage, bytes, and a number of failures or -1',
    );
  }
  return [interval, probability, space, times];
}
