/** A user's own code, with bare Atomics and typed arrays, goes through the explorer as it is: `docs/testing-your-own-worker-code.md`. */
import { describe } from 'vitest';
import type { Program, World } from '@percpu/experiment';
import { Mutex } from './mutex.ts';
import { Ring } from './ring.ts';
import { Stack } from './stack.ts';
import { Mutex as MendedMutex } from './mended/mutex.ts';
import { Ring as MendedRing } from './mended/ring.ts';
import { Stack as MendedStack } from './mended/stack.ts';
import { explore } from '../../src/vitest/index.ts';

describe('a ring for one producer and one consumer', () => {
  /** Two words and one slot: the producer comes back to it at once. */
  const programs = [
    (_p: Program, ring: Ring | MendedRing): void => {
      ring.put(1);
      ring.put(2);
    },
    (p: Program, ring: Ring | MendedRing): void => p.see('taken', String(ring.take())),
  ];

  explore('gives the slot back before it has read it', {
    on: 'memory',
    setup: () => new Ring(new SharedArrayBuffer(12)),
    programs,
    mustFind: { kind: 'race' },
    strategy: ['exhaustive', 'pct', 'pos'],
    schedules: 100,
  });

  explore('mended: hands over what was put', {
    on: 'memory',
    setup: () => new MendedRing(new SharedArrayBuffer(12)),
    programs,
    allowed: [{ taken: 'undefined' }, { taken: '1' }],
    schedules: 3,
  });
});

describe('a stack of nodes', () => {
  /** Node 1 lies on node 2. One CPU pops twice, the other pops both and pushes the first again. */
  const filled = <S extends Stack | MendedStack>(stack: S): S => {
    stack.push(2);
    stack.push(1);
    return stack;
  };
  const programs = [
    (p: Program, stack: Stack | MendedStack): void => {
      p.see('first', stack.pop());
      p.see('second', stack.pop());
    },
    (p: Program, stack: Stack | MendedStack): void => {
      const back = stack.pop();
      p.see('kept', stack.pop());
      if (back !== 0) stack.push(back);
    },
  ];
  const after = ({ seen: { first, second, kept } }: World): void => {
    if (kept !== 0 && (kept === first || kept === second))
      throw new Error(`two CPUs own node ${String(kept)}`);
  };

  explore('takes a node that came back for one that never left', {
    on: 'memory',
    setup: () => filled(new Stack(new SharedArrayBuffer(12))),
    programs,
    after,
    mustFind: { kind: 'assertion', message: /two CPUs own node 2/ },
    strategy: ['exhaustive', 'pct', 'surw'],
    schedules: 1000,
  });

  explore('mended: counts its changes', {
    on: 'memory',
    setup: () => filled(new MendedStack(new SharedArrayBuffer(12))),
    programs,
    after,
    schedules: 51,
  });
});

describe('a mutex', () => {
  interface Counted {
    readonly mutex: Mutex | MendedMutex;
    readonly count: Int32Array;
  }
  const counted = (mutex: Mutex | MendedMutex): Counted => ({
    mutex,
    count: new Int32Array(new SharedArrayBuffer(4)),
  });
  const program = (_p: Program, { mutex, count }: Counted): void => {
    mutex.lock();
    count[0]!++;
    mutex.unlock();
  };
  const after = (_world: World, { count }: Counted): void => {
    if (count[0] !== 2) throw new Error(`counted to ${count[0]}`);
  };

  explore('wakes before it lets go', {
    on: 'memory',
    cpus: 2,
    setup: () => counted(new Mutex(new SharedArrayBuffer(4))),
    program,
    mustFind: { kind: 'lost-wakeup' },
    strategy: ['exhaustive', 'random', 'pct'],
    schedules: 100,
  });

  explore('mended: lets go, then wakes', {
    on: 'memory',
    cpus: 2,
    setup: () => counted(new MendedMutex(new SharedArrayBuffer(4))),
    program,
    after,
    schedules: 8,
  });
});
