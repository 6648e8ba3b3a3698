/**
 * Every kind of finding, from the search to the sentence: a program that has the bug, which must be found by an exhaustive search
 * and by drawing, and one that has not, in all its schedules.
 */
import { counterSpec, queueSpec } from '@percpu/experiment';
import type { Program, World } from '@percpu/experiment';
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import { describe, expect } from 'vitest';
import { explore } from '../src/vitest/index.ts';

const Words = layout(
  {
    flag: 'u32',
    other: 'u32',
    data: 'u32',
    more: 'u32',
    slots: { kind: 'array', element: 'u32', length: 4 },
  },
  { name: 'Words' },
);

type P = Program<undefined, Memory>;

function words({ alloc, memory }: World<undefined, Memory>): Ptr {
  const at = alloc(Words.size);
  memory.describe(at, Words, 'words');
  return at;
}

function cpuWords({ alloc, memory }: World<Cpu, Memory>): Ptr {
  const at = alloc(Words.size);
  memory.describe(at, Words, 'words');
  return at;
}

const bare = { on: 'memory', setup: words } as const;
const BOTH = ['exhaustive', 'random'] as const;

describe('race', () => {
  const receive = (p: P, at: Ptr): void => {
    if (p.memory.load(at + Words.flag) === 1) p.see('data', p.memory.read(at + Words.data));
  };

  explore('flag behind the data', {
    ...bare,
    programs: [
      ({ memory }: P, at) => {
        memory.write(at + Words.data, 42);
        memory.store(at + Words.flag, 1);
      },
      receive,
    ],
    allowed: [{}, { data: 42 }],
    schedules: 2,
  });

  explore('flag before the data', {
    ...bare,
    programs: [
      ({ memory }: P, at) => {
        memory.store(at + Words.flag, 1);
        memory.write(at + Words.data, 42);
      },
      receive,
    ],
    mustFind: { kind: 'race', message: /^race on words\.data: CPU 0 writes it and CPU 1 reads it/ },
    strategy: BOTH,
    schedules: 20,
  });

  explore('ranges that overlap', {
    ...bare,
    programs: [
      ({ memory }: P, at) => memory.fill(at + Words.slots, 0, 16),
      ({ memory }: P, at) => memory.copy(at + Words.data, at + Words.slots + 12, 4),
    ],
    mustFind: { kind: 'race', message: /race on words\.slots\[3\]/ },
    strategy: BOTH,
    schedules: 20,
  });
});

/** A lock that sleeps: 0 free, 1 held. Spurious wake-ups and those that come for nothing are fine. */
function lock(memory: Memory, at: Ptr): void {
  while (memory.exchange(at, 1) !== 0) memory.wait(at, 1);
}
function unlock(memory: Memory, at: Ptr): void {
  memory.store(at, 0);
  memory.notify(at);
}

describe('deadlock', () => {
  const both = (first: number, second: number) => (p: P, at: Ptr) => {
    lock(p.memory, at + first);
    lock(p.memory, at + second);
    unlock(p.memory, at + second);
    unlock(p.memory, at + first);
  };

  explore('two locks in one order', {
    ...bare,
    programs: [both(Words.flag, Words.other), both(Words.flag, Words.other)],
    schedules: 8,
  });

  explore('two locks in opposite orders', {
    ...bare,
    programs: [both(Words.flag, Words.other), both(Words.other, Words.flag)],
    mustFind: {
      kind: 'deadlock',
      message:
        /CPU 0 → CPU 1 → CPU 0 wait in a circle\n {2}CPU 0 sleeps in lock .* while words\.other is 1; of the others CPU 1 wrote it last, in lock/,
    },
    strategy: BOTH,
    schedules: 200,
  });
});

describe('lost wake-up', () => {
  const sleeper = ({ memory }: P, at: Ptr): void => {
    while (memory.load(at + Words.flag) === 0) memory.wait(at + Words.flag, 0);
  };

  explore('store, then wake', {
    ...bare,
    programs: [
      sleeper,
      ({ memory }: P, at) => {
        memory.store(at + Words.flag, 1);
        memory.notify(at + Words.flag);
      },
    ],
    schedules: 4,
  });

  explore('wake, then store', {
    ...bare,
    programs: [
      sleeper,
      ({ memory }: P, at) => {
        memory.notify(at + Words.flag);
        memory.store(at + Words.flag, 1);
      },
    ],
    mustFind: {
      kind: 'lost-wakeup',
      message:
        /CPU 0 sleeps in .* while words\.flag is 0, which is 1 by now; of the others CPU 1 wrote it last/,
    },
    strategy: BOTH,
    schedules: 50,
  });
});

describe('livelock', () => {
  const spinner = ({ memory }: P, at: Ptr): void => {
    while (memory.load(at + Words.flag) === 0) memory.pause();
  };

  explore('a flag that is set', {
    ...bare,
    programs: [spinner, ({ memory }: P, at) => memory.store(at + Words.flag, 1)],
    schedules: 2,
  });

  explore('a flag that nobody sets', {
    ...bare,
    programs: [spinner, ({ memory }: P, at) => memory.store(at + Words.other, 1)],
    mustFind: { kind: 'livelock', message: /CPU 0 spins in .* while words\.flag is 0/ },
    strategy: BOTH,
    schedules: 5,
  });
});

describe('leak', () => {
  const early = (p: Program<Cpu, Memory>, at: Ptr, leaves: (cpu: Cpu) => void): void => {
    p.cpu.preemptDisable();
    if (p.memory.exchange(at + Words.flag, 1) === 1) return leaves(p.cpu);
    p.cpu.preemptEnable();
  };

  explore('preemption on again on every way out', {
    setup: cpuWords,
    program: (p: Program<Cpu, Memory>, at) => early(p, at, (cpu) => cpu.preemptEnable()),
    cpus: 2,
    schedules: 2,
  });

  explore('an early return that forgets preemption', {
    setup: cpuWords,
    program: (p: Program<Cpu, Memory>, at) => early(p, at, () => {}),
    cpus: 2,
    mustFind: {
      kind: 'leak',
      message: /^leak: the program on CPU 1 ended with preemption off \(one level\)$/,
    },
    strategy: BOTH,
    schedules: 50,
  });

  explore('interrupts that stay off', {
    setup: cpuWords,
    programs: [
      (p: Program<Cpu, Memory>, at) => {
        p.cpu.localIrqDisable();
        p.memory.store(at, 1);
      },
    ],
    mustFind: { kind: 'leak', message: /CPU 0 ended with interrupts off/ },
    schedules: 1,
  });
});

describe('linearizability', () => {
  explore('an atomic increment', {
    ...bare,
    program: (p: P, at) => void p.call('fetchAdd', [1], () => p.memory.fetchAdd(at, 1)),
    cpus: 3,
    sequential: counterSpec(),
    schedules: 6,
  });

  explore('an increment in two steps', {
    ...bare,
    program: (p: P, at) =>
      void p.call('fetchAdd', [1], () => {
        const value = p.memory.load(at);
        p.memory.store(at, value + 1);
        return value;
      }),
    cpus: 2,
    sequential: counterSpec(),
    mustFind: { kind: 'not-linearizable', message: /├ fetchAdd\(1\) → 0/ },
    strategy: BOTH,
    schedules: 50,
  });

  explore('a queue that hands one value out twice', {
    ...bare,
    setup: (world: World<undefined, Memory>) => {
      const at = words(world);
      world.memory.store(at + Words.slots, 7);
      return at;
    },
    program: (p: P, at) => {
      p.call('enqueue', [7 + p.id], () => {
        const tail = p.memory.load(at + Words.other);
        p.memory.store(at + Words.slots + 4 * tail, 7 + p.id);
        p.memory.store(at + Words.other, tail + 1);
      });
      p.call('dequeue', [], () => {
        const head = p.memory.load(at + Words.flag);
        if (head === p.memory.load(at + Words.other)) return undefined;
        p.memory.store(at + Words.flag, head + 1);
        return p.memory.load(at + Words.slots + 4 * head);
      });
    },
    cpus: 2,
    sequential: queueSpec(),
    mustFind: { kind: 'not-linearizable', message: /no order of these 4 operations on a queue/ },
    strategy: BOTH,
    schedules: 500,
  });
});

describe('outcome', () => {
  const programs = [
    (p: P, at: Ptr): void => {
      p.memory.store(at + Words.flag, 1);
      p.see('r0', p.memory.load(at + Words.other));
    },
    (p: P, at: Ptr): void => {
      p.memory.store(at + Words.other, 1);
      p.see('r1', p.memory.load(at + Words.flag));
    },
  ];
  const some = [
    { r0: 0, r1: 1 },
    { r0: 1, r1: 0 },
  ];

  explore('one that is not allowed', {
    ...bare,
    programs,
    allowed: some,
    mustFind: { kind: 'outcome', message: /outcome \{ r0: 1, r1: 1 \} is not allowed/ },
    strategy: BOTH,
    schedules: 50,
  });

  explore('one that never occurs', {
    ...bare,
    programs,
    allowed: [...some, { r0: 1, r1: 1 }, { r0: 0, r1: 0 }],
    mustFind: { kind: 'outcome', message: /never seen in any schedule: \{ r0: 0, r1: 0 \}/ },
    schedules: 50,
  });
});

describe('what goes wrong on the way', () => {
  explore('an assertion of the program', {
    ...bare,
    program: ({ memory }: P, at) => {
      if (memory.fetchAdd(at, 1) > 0) throw new Error('I am not the first');
      memory.fetchAdd(at, -1);
    },
    cpus: 2,
    mustFind: { kind: 'assertion', message: /CPU \d: I am not the first/ },
    strategy: BOTH,
    schedules: 50,
  });

  explore('an assertion at the end', {
    ...bare,
    program: ({ memory }: P, at) => memory.store(at, memory.load(at) + 1),
    cpus: 2,
    after: ({ memory }, at) => expect(memory.load(at), 'increments').toBe(2),
    mustFind: { kind: 'assertion', message: /after: increments: expected 1 to be 2/ },
    strategy: BOTH,
    schedules: 50,
  });

  explore('a bug that the machine reports', {
    setup: cpuWords,
    program: (p: Program<Cpu, Memory>, at) => {
      if (p.memory.fetchAdd(at, 1) === 1) bug(p.cpu, 'second here');
    },
    cpus: 2,
    mustFind: { kind: 'oops', message: /second here/ },
    strategy: BOTH,
    schedules: 50,
  });

  explore('an address outside of memory', {
    ...bare,
    programs: [({ memory }: P) => memory.store(0, 1)],
    mustFind: { kind: 'oops', message: /NULL/ },
    schedules: 1,
  });

  explore('a program that does not end', {
    ...bare,
    programs: [
      ({ memory }: P, at) => {
        for (;;) memory.fetchAdd(at, 1);
      },
    ],
    limits: { steps: 100 },
    mustFind: { kind: 'step-limit', message: /100 steps/ },
    schedules: 1,
  });

  explore('an access where nobody can stop it', {
    ...bare,
    programs: [({ memory }: P, at) => void [at].map((one) => load(memory, one))],
    mustFind: { kind: 'uncontrolled', message: /shared access outside a controlled frame/ },
    schedules: 1,
  });

  let runs = 0;
  explore('a program that remembers earlier runs', {
    ...bare,
    programs: [
      ({ memory }: P, at) => {
        memory.store(at, runs++);
        memory.store(at, memory.load(at) + 1);
      },
    ],
    mustFind: { kind: 'nondeterminism', message: /gave two runs/ },
    schedules: 1,
  });
});

function load(memory: Memory, at: Ptr): number {
  return memory.load(at);
}
