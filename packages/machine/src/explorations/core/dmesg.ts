/** The kernel log: a reader sees whole lines, whatever the writers do, and every number once. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Memory, Ptr } from '@percpu/memory';
import { allocDmesg, readDmesg, writeDmesg } from '../../dmesg.ts';
import { expect } from './support.ts';

export interface Log {
  readonly ring: Ptr;
}

/** Each line says who wrote it: the text, the CPU and the time of a record belong together. */
const TEXTS = ['000000', '111111', '222222'] as const;

export function write(memory: Memory, { ring }: Log, writer: number): void {
  writeDmesg(memory, ring, 'info', writer, writer, TEXTS[writer]!);
}

/** The writers of the lines, oldest first. Throws on a line that is not as somebody wrote it. */
export function read(memory: Memory, { ring }: Log): string {
  const { lines, lost } = readDmesg(memory, ring);
  for (const { text, cpu, time } of lines) {
    expect(text === TEXTS[cpu] && time === cpu, `a line of CPU ${cpu} at ${time} says ${text}`);
  }
  return `${lines.map(({ cpu }) => cpu).join('')} lost ${lost}`;
}

type Programs = Program<unknown, Memory>;
type Bare = World<unknown, Memory>;

const dmesgWriters: Exploration = exploration<Log, unknown, Memory>({
  name: 'dmesg-writers',
  title: 'Two writers and a reader: only whole lines, in the order of their numbers',
  description: 'The reader sees none, one or both of the lines, and never half of one.',
  on: 'memory',
  setup: (w: Bare) => ({ ring: allocDmesg(w.memory, 2) }),
  programs: [
    (p: Programs, s) => write(p.memory, s, 0),
    (p: Programs, s) => write(p.memory, s, 1),
    (p: Programs, s) => {
      read(p.memory, s);
    },
  ],
  after(w: Bare, s) {
    w.see('log', read(w.memory, s));
  },
  allowed: [{ log: '01 lost 0' }, { log: '10 lost 0' }],
});

const dmesgWraps: Exploration = exploration<Log, unknown, Memory>({
  name: 'dmesg-wraps',
  title: 'A ring that wraps under a reader',
  description:
    'A ring of one line. The reader is lapped while it copies: it drops what it has copied. A writer that finds the slot being written, or already newer, gives up, and its line counts as lost.',
  on: 'memory',
  setup: (w: Bare) => ({ ring: allocDmesg(w.memory, 1) }),
  programs: [
    (p: Programs, s) => write(p.memory, s, 0),
    (p: Programs, s) => write(p.memory, s, 1),
    (p: Programs, s) => {
      p.see('read', read(p.memory, s));
    },
  ],
  after(w: Bare, s) {
    w.see('log', read(w.memory, s));
  },
});

export const dmesg: readonly Exploration[] = [dmesgWriters, dmesgWraps];
