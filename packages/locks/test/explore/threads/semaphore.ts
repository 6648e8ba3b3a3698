import type { Exploration, World } from '@percpu/experiment';
import { Semaphore } from '../../../src/threads/index.ts';
import { NO_SPINS, onWords, SOME_TIME } from './common.ts';
import type { P } from './common.ts';

interface Shared {
  readonly ends: readonly Semaphore[];
  /** Threads inside, counted with an access that cannot be wrong. */
  readonly inside: Int32Array;
}

const setup = (cpus: number, permits: number) => (): Shared => {
  const { place } = new Semaphore(permits);
  return {
    ends: Array.from({ length: cpus }, () => new Semaphore(place, undefined, NO_SPINS)),
    inside: new Int32Array(new SharedArrayBuffer(4)),
  };
};

function visit({ ends, inside }: Shared, id: number, most: number): void {
  if (Atomics.add(inside, 0, 1) >= most) throw new Error(`more than ${most} inside`);
  Atomics.sub(inside, 0, 1);
  ends[id]!.release();
}

const expectPermits =
  (permits: number) =>
  (_world: World, { ends }: Shared): void => {
    const left = ends[0]!.available();
    if (left !== permits) throw new Error(`${left} permits at the end, expected ${permits}`);
  };

export const semaphores: readonly Exploration[] = [
  onWords<Shared>({
    name: 'threads-semaphore-one-permit',
    description: 'With one permit three threads exclude each other.',
    setup: setup(3, 1),
    cpus: 3,
    program: (p: P, shared: Shared): void => {
      shared.ends[p.id]!.acquire();
      visit(shared, p.id, 1);
    },
    after: expectPermits(1),
    limits: { preemptions: 3 },
  }),
  onWords<Shared>({
    name: 'threads-semaphore-two-permits',
    description: 'Of three threads two are inside at most, and each gets in.',
    setup: setup(3, 2),
    cpus: 3,
    program: (p: P, shared: Shared): void => {
      shared.ends[p.id]!.acquire();
      visit(shared, p.id, 2);
    },
    after: expectPermits(2),
    limits: { preemptions: 2 },
  }),
  onWords<Shared>({
    name: 'threads-semaphore-times-out',
    description:
      'A waiter gives up at any moment; a permit that was on its way to it is taken, or reaches the other.',
    setup: setup(3, 0),
    timeouts: true,
    programs: [
      (p: P, { ends }: Shared): void => {
        p.see('first', ends[0]!.acquire(SOME_TIME));
      },
      (_p: P, { ends }: Shared): void => {
        ends[1]!.acquire();
      },
      (_p: P, { ends }: Shared): void => ends[2]!.release(2),
    ],
    after: (world, shared) => expectPermits(Number(!(world.seen.first as boolean)))(world, shared),
    allowed: [{ first: true }, { first: false }],
  }),
  onWords<Shared>({
    name: 'threads-semaphore-try-acquire',
    description: 'tryAcquire takes a free permit or none, past nobody who waits.',
    setup: setup(2, 1),
    programs: [
      (_p: P, shared: Shared): void => {
        shared.ends[0]!.acquire();
        visit(shared, 0, 1);
      },
      (p: P, shared: Shared): void => {
        const taken = shared.ends[1]!.tryAcquire();
        p.see('taken', taken);
        if (taken) visit(shared, 1, 1);
      },
    ],
    after: expectPermits(1),
    allowed: [{ taken: true }, { taken: false }],
  }),
];
