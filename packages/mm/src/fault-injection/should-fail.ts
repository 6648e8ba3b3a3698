/** The question that every allocation asks first. Linux: should_fail_ex(). */
import { printk, readString } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { __GFP_NOFAIL } from '../gfp.ts';
import type { Gfp } from '../gfp.ts';
import { attrAt, FAULT_KINDS, FaultAttr, Faults } from './fault-attr.ts';
import type { FaultKind, FaultView } from './fault-attr.ts';

/**
 * Is this allocation to fail? Costs one load while nothing is armed. `size` in bytes; `order` for pages.
 * Never with __GFP_NOFAIL. Any context.
 */
export function shouldFail(
  cpu: Cpu,
  view: FaultView,
  kind: FaultKind,
  flags: Gfp,
  size: number,
  order = 0,
): boolean {
  const armed = cpu.memory.load(view.at + Faults.armed);
  if (armed === 0 && view.nth === 0) return false;
  if ((flags & __GFP_NOFAIL) !== 0) return false;
  if (view.nth !== 0 && --view.nth === 0) {
    view.nthFailed = true;
    return true;
  }
  const index = FAULT_KINDS.indexOf(kind);
  if ((armed & (1 << index)) === 0) return false;
  return decide(cpu, view, attrAt(view.at, index), kind, size, order);
}

function decide(
  cpu: Cpu,
  view: FaultView,
  attr: Ptr,
  kind: FaultKind,
  size: number,
  order: number,
): boolean {
  const { memory } = cpu;
  if (order < memory.load(attr + FaultAttr.minOrder)) return false;
  if (memory.load(attr + FaultAttr.times) === 0) return false;
  if ((memory.load(attr + FaultAttr.space) | 0) > size) {
    memory.fetchAdd(attr + FaultAttr.space, -size);
    return false;
  }
  const interval = memory.load(attr + FaultAttr.interval);
  if (interval > 1 && (memory.fetchAdd(attr + FaultAttr.count, 1) + 1) % interval !== 0)
    return false;
  if (!siteMatches(cpu, memory.load(attr + FaultAttr.site))) return false;
  if (!drawn(view, memory.load(attr + FaultAttr.probability))) return false;
  if (!takeTime(cpu, attr)) return false;
  report(cpu, attr, kind);
  return true;
}

/** By lot; under the explorer it is one of its choices, and both ways are gone. */
function drawn(view: FaultView, probability: number): boolean {
  const { chooser } = view;
  if (chooser !== undefined) return chooser.choose(2) === 1;
  let x = view.random;
  // Marsaglia's xorshift32 (2003), shifts 13, 17, 5.
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  view.random = x >>> 0;
  return view.random % 100 < probability;
}

/** One of `times`, which CPUs share. */
function takeTime({ memory }: Cpu, attr: Ptr): boolean {
  let times = memory.load(attr + FaultAttr.times) | 0;
  while (times > 0) {
    const seen = memory.compareExchange(attr + FaultAttr.times, times, times - 1) | 0;
    if (seen === times) return true;
    // Another CPU has failed meanwhile: that is one less, so this ends.
    times = seen;
  }
  return times < 0;
}

/** Linux: fail_stacktrace(). */
function siteMatches({ memory }: Cpu, site: Ptr): boolean {
  return site === 0 || (new Error().stack ?? '').includes(readString(memory, site));
}

/** Linux: fail_dump(). */
function report(cpu: Cpu, attr: Ptr, kind: FaultKind): void {
  const { memory } = cpu;
  const verbose = memory.load(attr + FaultAttr.verbose);
  if (verbose === 0) return;
  const value = (offset: number): number => memory.load(attr + offset) | 0;
  const text =
    `FAULT_INJECTION: forcing a failure. name ${kind}, interval ${value(FaultAttr.interval)}, ` +
    `probability ${value(FaultAttr.probability)}, space ${value(FaultAttr.space)}, times ${value(FaultAttr.times)}`;
  printk(cpu, 'notice', text);
  if (verbose > 1) printk(cpu, 'notice', new Error().stack ?? '');
}
