/** Findings on whole CPUs: who is parked on what, which task sleeps, and what a program leaves behind. */
import type { Program, World } from '@percpu/experiment';
import { signalEvent, waitForEvent } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import { describe } from 'vitest';
import { explore } from '../src/vitest/index.ts';

const Words = layout({ flag: 'u32', task: 'ptr' }, { name: 'Words' });

function words({ alloc, memory }: World<Cpu, Memory>): Ptr {
  const at = alloc(Words.size);
  memory.describe(at, Words, 'words');
  return at;
}

type P = Program<Cpu, Memory>;

describe('parked CPUs', () => {
  const waiter = ({ cpu }: P, at: Ptr): void => void cpu.waitWhileEquals(at + Words.flag, 0);

  // Without a spin, which would end as soon as the word changes.
  const parks = { setup: words, parameters: { 'spin.budget': 0 } } as const;

  explore('a store, and then unpark', {
    ...parks,
    programs: [
      waiter,
      ({ cpu, memory }: P, at) => {
        memory.store(at + Words.flag, 1);
        cpu.unpark(at + Words.flag);
      },
    ],
    schedules: 14,
  });

  explore('a store without unpark', {
    ...parks,
    programs: [waiter, ({ memory }: P, at) => memory.store(at + Words.flag, 1)],
    mustFind: {
      kind: 'lost-wakeup',
      message:
        /CPU 0 is parked while words\.flag is 0, which is 1 by now; of the others CPU 1 wrote it last/,
    },
    strategy: ['exhaustive', 'pct', 'surw'],
    schedules: 100,
  });
});

describe('tasks', () => {
  const waiter = function* ({ cpu }: P, at: Ptr): Sleeps<void> {
    yield* waitForEvent(cpu, at + Words.flag);
  };

  explore('an event that is signalled', {
    on: 'machine',
    setup: words,
    programs: [waiter, ({ cpu }: P, at) => signalEvent(cpu, at + Words.flag)],
    strategy: 'random',
    schedules: 100,
  });

  explore('an event that nobody signals', {
    on: 'machine',
    setup: words,
    programs: [waiter, ({ memory }: P, at) => memory.store(at + Words.task, 1)],
    mustFind: { kind: 'deadlock', message: /task program 0:\d+ on CPU 0: blocked/ },
    strategy: 'random',
    schedules: 20,
  });
});
