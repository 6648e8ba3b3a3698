/** What does a page cost, from a list of one's own and from the zone that all share? */
import { experiment, pastHostCores, powersOfTwo } from '@percpu/experiment';
import type { Experiment, HeadlineFigure, Result } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { GFP_NOWAIT } from '../gfp.ts';
import { allocPages } from '../page/alloc-pages.ts';
import { zoneInfo } from '../page/buddyinfo.ts';
import { freePages } from '../page/free-pages.ts';

interface Variant {
  readonly order: number;
}

/** Pairs of alloc and free per call of `body`. */
const BATCH = 64;

/** Allocates `held` blocks, then frees them. */
function pairs(cpu: Cpu, order: number, held: number, blocks: number[]): void {
  for (let i = 0; i < held; i++) {
    const page = allocPages(cpu, GFP_NOWAIT, order);
    if (page === 0) throw new Error(`page-alloc: no block of order ${order} is left`);
    blocks[i] = page;
  }
  for (let i = 0; i < held; i++) freePages(cpu, blocks[i]!, order);
}

export const pageAlloc: Experiment = experiment({
  name: 'page-alloc',
  title: 'Allocating and freeing pages',
  description:
    'Every CPU allocates pages and frees them: single ones, which come from its own list, or pairs, which come from the ' +
    'zone under its lock. Expect the first not to notice the other CPUs, and the second to queue for the lock.',
  unit: 'pairs of alloc and free',
  variants: { 'per-cpu-list': { order: 0 }, zone: { order: 1 } } satisfies Record<string, Variant>,
  cpus: { parallel: pastHostCores, model: powersOfTwo(1, 64) },
  knobs: { held: [1, 8] },
  report: ['perSecond', 'nsPerOp', 'fairness'],

  setup: (cpu: Cpu, { cpus }) => {
    const { pages } = zoneInfo(cpu);
    if (pages < cpus * 16)
      throw new Error(`page-alloc: ${pages} pages are too few for ${cpus} CPUs`);
    return undefined;
  },
  prepare: (cpu: Cpu, _at, { variant, held }): number[] => {
    const blocks: number[] = [];
    // The first page of a CPU comes from the zone; what is measured is what comes after.
    pairs(cpu, variant.order, held, blocks);
    return blocks;
  },
  body: (cpu: Cpu, _at, { variant, held, local, batch }) => {
    const rounds = Math.max(1, Math.floor(batch(BATCH) / held));
    for (let i = 0; i < rounds; i++) pairs(cpu, variant.order, held, local);
    return rounds * held;
  },
  headline: (results) => cost(results),
});

function cost(results: readonly Result[]): HeadlineFigure[] {
  const alone = results.find(({ variant, cpus }) => variant === 'per-cpu-list' && cpus === 1);
  if (alone === undefined) return [];
  return [{ label: 'page alloc and free, per-CPU list', value: alone.nsPerOp.median, unit: 'ns' }];
}
