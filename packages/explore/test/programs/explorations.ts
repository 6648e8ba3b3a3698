/** What a user's module looks like: plain code that the thread of the explorer transforms. */
import { exploration, explorationList } from '@percpu/experiment';
import type { Exploration, Program } from '@percpu/experiment';

interface Shared {
  readonly data: number;
  readonly flag: number;
}

function send({ memory }: Program, { data, flag }: Shared): void {
  memory.write(data, 42);
  memory.store(flag, 1);
}

function sendEarly({ memory }: Program, { data, flag }: Shared): void {
  memory.store(flag, 1);
  memory.write(data, 42);
}

function receive(p: Program, { data, flag }: Shared): void {
  p.see('data', p.memory.load(flag) === 1 ? p.memory.read(data) : 0);
}

const passing = {
  title: 'Message passing',
  description: 'Who sees the flag sees the data.',
  on: 'memory',
  setup: ({ alloc }: { alloc: (bytes: number) => number }): Shared => ({
    data: alloc(4),
    flag: alloc(4),
  }),
} as const;

export const explorations: readonly Exploration[] = explorationList([
  exploration({
    ...passing,
    name: 'passing',
    programs: [send, receive],
    allowed: [{ data: 0 }, { data: 42 }],
  }),
  exploration({
    ...passing,
    name: 'passing-early',
    programs: [sendEarly, receive],
    mustFind: { kind: 'race', message: /sendEarly/ },
  }),
  exploration({
    ...passing,
    name: 'never-yields',
    description: 'A loop without an access: nothing stops it.',
    programs: [
      ({ memory }: Program, { flag }: Shared): void => {
        const seen = memory.load(flag);
        while (seen === 0);
      },
    ],
  }),
  exploration({
    ...passing,
    name: 'endless',
    description: 'More schedules than anybody waits for.',
    program: ({ memory }: Program, { flag }: Shared): void => {
      for (let i = 0; i < 50; i++) memory.fetchAdd(flag, 1);
    },
    cpus: 4,
  }),
]);
