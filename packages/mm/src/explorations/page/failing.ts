/** Allocations that fail: which of them is a choice of the explorer. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { GFP_NOWAIT } from '../../gfp.ts';
import { allocPages } from '../../page/alloc-pages.ts';
import { freePages } from '../../page/free-pages.ts';
import { addressIn, expectFreePages, tinyZone, warmUp } from '../tiny-zone.ts';

type Code = (cpu: Cpu) => string;

/** Two buffers or none: the first goes back if there is no second. */
const careful: Code = (cpu) => {
  const first = allocPages(cpu, GFP_NOWAIT, 0);
  if (first === 0) return 'none';
  const second = allocPages(cpu, GFP_NOWAIT, 0);
  if (second === 0) {
    freePages(cpu, first, 0);
    return 'only one';
  }
  freePages(cpu, second, 0);
  freePages(cpu, first, 0);
  return 'both';
};

const ignoresNull: Code = (cpu) => {
  const page = allocPages(cpu, GFP_NOWAIT, 0);
  cpu.memory.write(addressIn(cpu, page), 1);
  freePages(cpu, page, 0);
  return 'both';
};

const leaksTheFirst: Code = (cpu) => {
  const first = allocPages(cpu, GFP_NOWAIT, 0);
  if (first === 0) return 'none';
  const second = allocPages(cpu, GFP_NOWAIT, 0);
  if (second === 0) return 'only one';
  freePages(cpu, second, 0);
  freePages(cpu, first, 0);
  return 'both';
};

function failing(
  name: string,
  title: string,
  description: string,
  code: Code,
  mustFind?: MustFind,
): Exploration {
  return exploration<undefined, Cpu>({
    name,
    title,
    description,
    on: 'cpu',
    cpus: 1,
    // Every allocation may fail; how many of them do, and which, the explorer decides.
    ...tinyZone({ pages: 4, failing: '1,100,0,-1' }),
    allocationFailures: 2,
    setup: warmUp,
    program: (p: Program<Cpu>) => p.see('got', code(p.cpu)),
    after: (world: World<Cpu>) => expectFreePages(world, 4),
    ...(mustFind === undefined
      ? { allowed: [{ got: 'none' }, { got: 'only one' }, { got: 'both' }] }
      : { mustFind }),
  });
}

export const failingExplorations: readonly Exploration[] = [
  failing(
    'alloc-fails-anywhere',
    'alloc: each allocation may fail, and nothing is lost',
    'Two buffers or none, whichever of the two allocations fails.',
    careful,
  ),
  failing(
    'alloc-null-ignored',
    'busted twin: an allocation that is not looked at',
    'Writes to whatever it got.',
    ignoresNull,
    { kind: 'oops', message: /NULL|not an address|out of range/ },
  ),
  failing(
    'alloc-leaks-on-failure',
    'busted twin: the first buffer is forgotten when there is no second',
    'Right as long as nothing fails.',
    leaksTheFirst,
    { kind: 'assertion', message: /4 pages should be free/ },
  ),
];
