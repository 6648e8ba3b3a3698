import type { Exploration } from '@percpu/experiment';
import { RwLock } from '../../../src/threads/index.ts';
import { expectCount, increment, NO_SPINS, onWords, SOME_TIME, word } from './common.ts';
import type { P, Word } from './common.ts';

interface Shared {
  readonly ends: readonly RwLock[];
  readonly data: Word;
}

const setup = (cpus: number) => (): Shared => {
  const { place } = new RwLock();
  return { ends: Array.from({ length: cpus }, () => new RwLock(place, NO_SPINS)), data: word() };
};

function write({ ends, data }: Shared, id: number): void {
  ends[id]!.writeLock();
  increment(data);
  ends[id]!.writeUnlock();
}

/** A plain read: one beside a write is a race. */
function read({ ends, data }: Shared, p: P): void {
  ends[p.id]!.readLock();
  p.see(`cpu${p.id}`, data[0]!);
  ends[p.id]!.readUnlock();
}

/** All words as at first: whoever comes gets in at once. */
function expectFree({ ends }: Shared): void {
  if (!ends[0]!.tryWriteLock()) throw new Error('it is not free at the end');
}

export const rwLocks: readonly Exploration[] = [
  onWords<Shared>({
    name: 'threads-rw-lock-reader-and-writer',
    description: 'Before the writer, or after it.',
    setup: setup(2),
    programs: [
      (p: P, shared: Shared): void => read(shared, p),
      (_p: P, shared: Shared): void => write(shared, 1),
    ],
    after: (_world, shared) => expectFree(shared),
    allowed: [{ cpu0: 0 }, { cpu0: 1 }],
  }),
  onWords<Shared>({
    name: 'threads-rw-lock-two-writers',
    description: 'Writers exclude each other.',
    setup: setup(2),
    cpus: 2,
    program: (p: P, shared: Shared): void => {
      write(shared, p.id);
    },
    after: (_world, shared) => {
      expectCount(shared.data, 2);
      expectFree(shared);
    },
  }),
  onWords<Shared>({
    name: 'threads-rw-lock-phases',
    description:
      'Two readers and a writer, in all orders: nobody is left asleep, nobody reads while the writer writes.',
    setup: setup(3),
    programs: [
      (p: P, shared: Shared): void => read(shared, p),
      (p: P, shared: Shared): void => read(shared, p),
      (_p: P, shared: Shared): void => write(shared, 2),
    ],
    after: (_world, shared) => expectFree(shared),
    limits: { preemptions: 3 },
  }),
  onWords<Shared>({
    name: 'threads-rw-lock-two-writers-and-a-reader',
    description: 'A reader that waits goes in between two writers, which do not pass it both.',
    setup: setup(3),
    programs: [
      (p: P, shared: Shared): void => read(shared, p),
      (_p: P, shared: Shared): void => write(shared, 1),
      (_p: P, shared: Shared): void => write(shared, 2),
    ],
    after: (_world, shared) => {
      expectCount(shared.data, 2);
      expectFree(shared);
    },
    limits: { preemptions: 3 },
  }),
  onWords<Shared>({
    name: 'threads-rw-lock-writer-times-out',
    description: 'A writer gives up while readers wait behind it: they go in.',
    setup: setup(3),
    timeouts: true,
    programs: [
      (p: P, shared: Shared): void => read(shared, p),
      (p: P, { ends, data }: Shared): void => {
        const inside = ends[1]!.writeLock(SOME_TIME);
        p.see('wrote', inside);
        if (!inside) return;
        increment(data);
        ends[1]!.writeUnlock();
      },
      (p: P, shared: Shared): void => read(shared, p),
    ],
    after: ({ seen }, shared) => {
      expectCount(shared.data, Number(seen.wrote));
      expectFree(shared);
    },
    limits: { preemptions: 3 },
  }),
  onWords<Shared>({
    name: 'threads-rw-lock-reader-times-out',
    description: 'A reader gives up while a writer lets it in: it is in, or it is gone.',
    setup: setup(2),
    timeouts: true,
    programs: [
      (p: P, { ends }: Shared): void => {
        const inside = ends[0]!.readLock(SOME_TIME);
        p.see('read', inside);
        if (inside) ends[0]!.readUnlock();
      },
      (_p: P, shared: Shared): void => write(shared, 1),
    ],
    after: (_world, shared) => expectFree(shared),
    allowed: [{ read: true }, { read: false }],
  }),
  onWords<Shared>({
    name: 'threads-rw-lock-downgrade',
    description:
      'Nobody writes between the write and the read of a writer that goes on as a reader.',
    setup: setup(2),
    programs: [
      (p: P, { ends, data }: Shared): void => {
        ends[0]!.writeLock();
        data[0] = 1;
        ends[0]!.downgrade();
        p.see('own', data[0]);
        ends[0]!.readUnlock();
      },
      (_p: P, { ends, data }: Shared): void => {
        ends[1]!.writeLock();
        data[0] = 2;
        ends[1]!.writeUnlock();
      },
    ],
    after: (_world, shared) => expectFree(shared),
    allowed: [{ own: 1 }],
  }),
];
