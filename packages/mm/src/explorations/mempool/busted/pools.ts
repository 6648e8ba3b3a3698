/** Memory pools with one step misplaced or left out. */
import {
  finishWait,
  initWait,
  initWaitExclusive,
  prepareToWait,
  ttas,
  wakeUp,
  wakeUpAll,
} from '@percpu/locks';
import type { Exploration, MustFind } from '@percpu/experiment';
import { schedule, TaskState } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { GFP_KERNEL } from '../../../gfp.ts';
import { Mempool } from '../../../mempool/mempool-layout.ts';
import { mempoolAlloc, mempoolFree } from '../../../mempool/mempool.ts';
import { lockPool, popElement, pushElement, unlockPool } from '../../../mempool/pool-steps.ts';
import { freedByInterrupt, givenBack, lacksOne, shared } from '../mempool.ts';
import type { PoolSteps } from '../mempool.ts';

const right: PoolSteps = {
  alloc: (cpu, pool) => mempoolAlloc(cpu, pool, GFP_KERNEL),
  free: mempoolFree,
};

function pop(cpu: Cpu, pool: Ptr): Ptr {
  const flags = lockPool(cpu, pool);
  const element = popElement(cpu.memory, pool);
  unlockPool(cpu, pool, flags);
  return element;
}

function push(cpu: Cpu, pool: Ptr, element: Ptr): void {
  const flags = lockPool(cpu, pool);
  pushElement(cpu.memory, pool, element);
  unlockPool(cpu, pool, flags);
}

/** Looks at the pool, and joins the queue after it has let go of the lock. */
function* joinsTooLate(cpu: Cpu, pool: Ptr): Sleeps<Ptr> {
  for (;;) {
    const element = pop(cpu, pool);
    if (element !== 0) return element;
    const entry = initWait(cpu);
    prepareToWait(cpu, pool + Mempool.wait, entry, TaskState.uninterruptible);
    yield* schedule(cpu);
    finishWait(cpu, pool + Mempool.wait, entry);
  }
}

/** Waits to be woken alone; whoever frees two elements wakes one. */
function* waitsExclusively(cpu: Cpu, pool: Ptr): Sleeps<Ptr> {
  for (;;) {
    const entry = initWaitExclusive(cpu);
    const flags = lockPool(cpu, pool);
    const element = popElement(cpu.memory, pool);
    if (element === 0) prepareToWait(cpu, pool + Mempool.wait, entry, TaskState.uninterruptible);
    unlockPool(cpu, pool, flags);
    if (element === 0) yield* schedule(cpu);
    finishWait(cpu, pool + Mempool.wait, entry);
    if (element !== 0) return element;
  }
}

function* popsUnlocked(cpu: Cpu, pool: Ptr): Sleeps<Ptr> {
  const element = popElement(cpu.memory, pool);
  return element !== 0 ? element : yield* right.alloc(cpu, pool);
}

function wakesTooEarly(cpu: Cpu, pool: Ptr, element: Ptr): void {
  wakeUpAll(cpu, pool + Mempool.wait);
  push(cpu, pool, element);
}

/** Wakes only who frees into an empty pool: the second waiter of two is nobody's business. */
function wakesOnlyWhenEmpty(cpu: Cpu, pool: Ptr, element: Ptr): void {
  const before = cpu.memory.load(pool + Mempool.curr);
  push(cpu, pool, element);
  if (before === 0) wakeUp(cpu, pool + Mempool.wait);
}

/** What it read without the lock it believes under it. */
function looksOnce(cpu: Cpu, pool: Ptr): void {
  const { memory } = cpu;
  const curr = memory.load(pool + Mempool.curr);
  if (curr >= memory.load(pool + Mempool.min)) return;
  const flags = lockPool(cpu, pool);
  memory.store(pool + Mempool.curr, memory.load(pool + Mempool.curr) + 1);
  unlockPool(cpu, pool, flags);
}

function* locksWithInterruptsOn(cpu: Cpu, pool: Ptr): Sleeps<Ptr> {
  ttas.lock(cpu, pool + Mempool.lock);
  const element = popElement(cpu.memory, pool);
  ttas.unlock(cpu, pool + Mempool.lock);
  return element !== 0 ? element : yield* right.alloc(cpu, pool);
}

/** Two steps for the one that the lock makes. */
function countsWithAPlainWrite(cpu: Cpu, pool: Ptr, element: Ptr): void {
  const { memory } = cpu;
  if (memory.read(pool + Mempool.curr) < memory.load(pool + Mempool.min)) {
    push(cpu, pool, element);
    wakeUpAll(cpu, pool + Mempool.wait);
  }
}

const asleep = { kind: 'deadlock', message: /idle/ } as const;

const twin = (
  name: string,
  wrong: string,
  steps: Partial<PoolSteps>,
  mustFind: MustFind,
): {
  name: string;
  title: string;
  description: string;
  limits: { preemptions: number };
  steps: PoolSteps;
  mustFind: MustFind;
} => ({
  name,
  title: `busted twin: ${name}`,
  description: wrong,
  limits: { preemptions: 2 },
  steps: { ...right, ...steps },
  mustFind,
});

export const bustedPools: readonly Exploration[] = [
  givenBack(
    1,
    twin(
      'mempool-joins-too-late',
      'Joins the queue after it has let go of the lock: the free in between wakes nobody.',
      { alloc: joinsTooLate },
      asleep,
    ),
  ),
  givenBack(
    1,
    twin(
      'mempool-wakes-too-early',
      'Wakes before the element is there.',
      { free: wakesTooEarly },
      asleep,
    ),
  ),
  givenBack(
    1,
    twin(
      'mempool-forgets-to-wake',
      'Puts the element into the pool, and wakes nobody.',
      { free: push },
      asleep,
    ),
  ),
  givenBack(
    2,
    twin(
      'mempool-wakes-one-of-two',
      'Wakes one only when it frees into an empty pool: the second element finds its waiter asleep.',
      { alloc: waitsExclusively, free: wakesOnlyWhenEmpty },
      asleep,
    ),
  ),
  shared(
    2,
    twin(
      'mempool-pops-unlocked',
      'Takes an element without the lock: two get the same.',
      { alloc: popsUnlocked },
      { kind: 'race' },
    ),
  ),
  lacksOne(
    twin(
      'mempool-looks-once',
      'Does not look again under the lock: the pool holds more than it has room for.',
      { free: looksOnce },
      { kind: 'assertion', message: /2 elements are in the pool/ },
    ),
  ),
  freedByInterrupt(
    twin(
      'mempool-locked-with-interrupts-on',
      'The interrupt that frees waits for the lock of its own task.',
      { alloc: locksWithInterruptsOn },
      { kind: 'oops', message: /recursion/ },
    ),
  ),
  lacksOne(
    twin(
      'mempool-looks-with-a-plain-read',
      'Looks at the number of elements with a plain read, without the lock.',
      { free: countsWithAPlainWrite },
      { kind: 'race', message: /curr/ },
    ),
  ),
];
