/** Twins of the other explorations of core/. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Memory, Ptr } from '@percpu/memory';
import type { Cpu } from '../../../cpu.ts';
import { allocDmesg, DmesgRecord, DmesgRing } from '../../../dmesg.ts';
import { hashText } from '../../../once-table.ts';
import { rawSpinLock } from '../../../raw-spinlock.ts';
import { read, write } from '../dmesg.ts';
import type { Log } from '../dmesg.ts';
import { increment, locked } from '../locks.ts';

type Programs = Program<unknown, Memory>;
type Bare = World<unknown, Memory>;

const PUBLISHED = 2;

/** Line 0 of the ring with `WRITTEN` as its text: the words of a record, then its state, or the other way round. */
function writeFirst(memory: Memory, { ring }: Log, textFirst: boolean): void {
  memory.fetchAdd(ring + DmesgRing.next, 1);
  const at = ring + DmesgRing.size;
  if (!textFirst) memory.store(at + DmesgRecord.state, PUBLISHED);
  memory.store(at + DmesgRecord.meta, 6 << 8);
  memory.store64(at + DmesgRecord.time, 0);
  memory.store(at + DmesgRecord.text, 0x3030_3030);
  memory.store(at + DmesgRecord.text + 4, 0x3030);
  if (textFirst) memory.store(at + DmesgRecord.state, PUBLISHED);
}

const dmesgPublishedEarly: Exploration = exploration<Log, unknown, Memory>({
  name: 'dmesg-published-early',
  title: 'Twin: a log record is published before its text',
  description: 'The reader takes an empty line for a whole one.',
  on: 'memory',
  mustFind: { kind: 'assertion', message: /a line of CPU/ },
  setup: (w: Bare) => ({ ring: allocDmesg(w.memory, 2) }),
  programs: [
    (p: Programs, s) => writeFirst(p.memory, s, false),
    (p: Programs, s) => {
      read(p.memory, s);
    },
  ],
});

const dmesgNotClaimed: Exploration = exploration<Log, unknown, Memory>({
  name: 'dmesg-not-claimed',
  title: 'Twin: a writer does not claim its slot',
  description:
    'In a ring of one line two writers fill the same record at once, and a reader takes the mixture for a line.',
  on: 'memory',
  mustFind: { kind: 'assertion', message: /a line of CPU/ },
  setup: (w: Bare) => ({ ring: allocDmesg(w.memory, 1) }),
  programs: [
    (p: Programs, s) => writeFirst(p.memory, s, true),
    (p: Programs, s) => write(p.memory, s, 1),
  ],
  after(w: Bare, s) {
    read(w.memory, s);
  },
});

const rawUnlockPlain: Exploration = exploration<ReturnType<typeof locked>, Cpu>({
  name: 'raw-spinlock-plain-unlock',
  title: 'Twin: the raw spin lock is let go with a plain store',
  description: 'Nothing orders the holder’s writes before the next holder’s reads.',
  on: 'cpu',
  cpus: 2,
  parameters: { 'spin.budget': 1000 },
  mustFind: { kind: 'race' },
  setup: locked,
  program(p: Program<Cpu>, s) {
    rawSpinLock(p.cpu, s.lock);
    increment(p, s);
    p.memory.write(s.lock, 0);
    p.cpu.preemptEnable();
  },
});

const rawUnlockSilent: Exploration = exploration<ReturnType<typeof locked>, Cpu>({
  name: 'raw-spinlock-silent-unlock',
  title: 'Twin: the raw spin lock is let go, and nobody is told',
  description: 'A waiter that sleeps is not woken.',
  on: 'cpu',
  cpus: 2,
  parameters: { 'spin.budget': 0 },
  mustFind: { kind: 'lost-wakeup' },
  setup: locked,
  program(p: Program<Cpu>, s) {
    rawSpinLock(p.cpu, s.lock);
    increment(p, s);
    p.memory.store(s.lock, 0);
    p.cpu.preemptEnable();
  },
});

const onceTwice: Exploration = exploration<undefined, Cpu>({
  name: 'once-table-twice',
  title: 'Twin: the table of warnOnce is looked at and then written',
  description: 'Two CPUs find the slot empty, and both print.',
  on: 'cpu',
  cpus: 2,
  mustFind: { kind: 'outcome' },
  program(p: Program<Cpu>) {
    const slot = p.cpu.machine.onceTable;
    const first = p.memory.load(slot) === 0;
    if (first) p.memory.store(slot, hashText('text'));
    p.see(`first${p.id}`, first);
  },
  allowed: [
    { first0: true, first1: false },
    { first0: false, first1: true },
  ],
});

interface Created {
  readonly at: Ptr;
  readonly ready: Ptr;
}

const createdTwice: Exploration = exploration<Created, Cpu>({
  name: 'subsystem-created-twice',
  title: 'Twin: shared state is created by whoever finds none, without the boot lock',
  description: 'Two CPUs find none.',
  on: 'cpu',
  cpus: 2,
  mustFind: { kind: 'outcome' },
  setup: (w: World<Cpu>) => ({ at: w.alloc(128), ready: w.alloc(128) }),
  program(p: Program<Cpu>, { at, ready }) {
    if (p.memory.load(ready) === 0) {
      p.memory.fetchAdd(at, 1);
      p.memory.store(ready, 1);
    }
  },
  after(w: World<Cpu>, { at }) {
    w.see('created', w.memory.load(at));
  },
  allowed: [{ created: 1 }],
});

export const bustedRest: readonly Exploration[] = [
  dmesgPublishedEarly,
  dmesgNotClaimed,
  rawUnlockPlain,
  rawUnlockSilent,
  onceTwice,
  createdTwice,
];
