import { registerSites } from '@percpu/coroutine/runtime';
import { layout } from '@percpu/memory';
import { BLOCKED, Op, SimulatedStore } from '@percpu/simulator';
import type { OperationName } from '@percpu/simulator';
import { expect, test } from 'vitest';
import type { TraceEvent } from '../src/engine/trace-event.ts';
import { failureTable } from '../src/report/failure.ts';
import { stackLines } from '../src/report/stack.ts';
import { renderTable } from '../src/report/table.ts';

const send = registerSites('file:///project/src/inbox.ts', [
  [12, 3, 'send', 'memory.write(inbox, 42)'],
  [13, 3, 'send', 'memory.store(inbox, 1)'],
  [20, 9, 'receive', 'memory.load(inbox)'],
  [21, 9, 'Queue.takeTheOldestEntryThatIsStillThere', 'memory.compareExchange(inbox, 0, 1)'],
]);

const Inbox = layout({ data: 'u32', flag: 'u32' }, { name: 'Inbox' });
const inbox = 0x1000;
const store = new SimulatedStore(2 ** 16);
store.describe(inbox, Inbox, 'inbox');

type Event = Partial<TraceEvent> & { readonly cpu: number };

function events(list: readonly Event[]): TraceEvent[] {
  return list.map((event, step) => ({
    step,
    kind: 'access',
    op: -1,
    at: inbox,
    a: 0,
    b: 0,
    result: undefined,
    site: 0,
    ...event,
  }));
}

const access = (cpu: number, op: OperationName, more: Partial<TraceEvent>): Event => ({
  cpu,
  op: Op[op],
  ...more,
});

const passing = events([
  access(0, 'store', { at: inbox + 4, a: 1, site: send + 1 }),
  access(0, 'write', { kind: 'plain', step: 0, a: 42, site: send, stack: STACK() }),
  access(1, 'load', { at: inbox + 4, result: 1, site: send + 2, step: 1 }),
  access(1, 'read', { kind: 'plain', step: 1, result: 42, site: send + 2 }),
]);

/** As V8 writes it, of a project that has a package with the name of one of ours. */
function STACK(): string {
  const packages = new URL('../..', import.meta.url).href;
  return [
    'Error',
    `    at SimulatedMemory.enter (${packages}simulator/src/memory.ts:269:11)`,
    '    at send (file:///project/src/inbox.ts:12:3)',
    '    at send.next (<anonymous>)',
    '    at program (file:///project/packages/model/src/inbox.explore.ts:7:3)',
    `    at Frame.next (${packages}coroutine/src/runtime/frame.ts:25:40)`,
    `    at Processor.advance (${packages}simulator/src/processor.ts:90:31)`,
    '    at host (file:///project/test/inbox.explore.ts:1:1)',
  ].join('\n');
}

test('one row an event, one column a CPU, names of fields and functions', () => {
  expect(renderTable(passing, store.names)).toBe(
    [
      'step  CPU 0                            CPU 1',
      '────  ───────────────────────────────  ─────────────────────────────────',
      '   0  store inbox.flag = 1   send:13',
      '      write inbox.data = 42   send:12',
      '   1                                   load inbox.flag → 1   receive:20',
      '                                       read inbox.data → 42   receive:20',
    ].join('\n'),
  );
});

test('what the finding is about is marked, and its stacks follow', () => {
  const accesses = [
    { cpu: 0, step: 0, op: Op.write, site: send },
    { cpu: 1, step: 1, op: Op.read, site: send + 2 },
  ];
  const text = failureTable({ kind: 'race', message: '', accesses }, passing, store.names);
  expect(text.split('\n').slice(3)).toEqual([
    '»     write inbox.data = 42   send:12',
    '   1                                   load inbox.flag → 1   receive:20',
    '»                                      read inbox.data → 42   receive:20',
    '',
    'CPU 0, step 0: write inbox.data = 42',
    '    at send (src/inbox.ts:12)',
    '    at program (src/inbox.explore.ts:7)',
  ]);
});

test('interrupts are indented; sleeping, waking, dying', () => {
  const text = renderTable(
    events([
      access(0, 'wait', { a: 0, result: BLOCKED, site: send + 1 }),
      { cpu: 0, kind: 'interrupt' },
      access(0, 'fetchAdd', { a: -1, result: 0, site: send }),
      { cpu: 0, kind: 'returned' },
      access(1, 'notify', { result: 1, site: send }),
      { cpu: 0, kind: 'woken', by: 1 },
      { cpu: 1, kind: 'death' },
      { cpu: 0, kind: 'spurious' },
    ]),
    store.names,
  );
  expect(text.split('\n').map((row) => row.trimEnd())).toEqual([
    'step  CPU 0                                       CPU 1',
    '────  ──────────────────────────────────────────  ────────────────────────────────────',
    '   0  wait inbox.data while 0 → sleeps   send:13',
    '   1  ┌ interrupt',
    '   2  │ fetchAdd inbox.data − 1: was 0   send:12',
    '   3  └ back from the interrupt',
    '   4                                              notify inbox.data → woke 1   send:12',
    '   5  is woken by CPU 1',
    '   6                                              ✝ dies here',
    '   7  wakes for no reason',
  ]);
});

test('a timer interrupt is one like any other, also in the middle of another', () => {
  const text = renderTable(
    events([
      { cpu: 0, kind: 'interrupt' },
      { cpu: 0, kind: 'timer' },
      access(0, 'load', { result: 1, site: send + 2 }),
      { cpu: 0, kind: 'returned' },
      access(0, 'load', { result: 2, site: send + 2 }),
      { cpu: 0, kind: 'returned' },
    ]),
    store.names,
  );
  expect(text.split('\n').slice(2)).toEqual([
    '   0  ┌ interrupt',
    '   1  │ ┌ timer interrupt',
    '   2  │ │ load inbox.data → 1   receive:20',
    '   3  │ └ back from the interrupt',
    '   4  │ load inbox.data → 2   receive:20',
    '   5  └ back from the interrupt',
  ]);
});

test.each([120, 80, 60])('nothing is wider than %d columns, and nothing is left out', (width) => {
  const many = events(
    [0, 1, 2, 3, 4, 5].map((cpu) =>
      access(cpu, 'compareExchange', { a: 0xffff_ffff, b: inbox, result: 7, site: send + 3 }),
    ),
  );
  const text = renderTable(many, store.names, { width });
  for (const row of text.split('\n')) expect(row.length).toBeLessThanOrEqual(width);
  expect(text.match(/compareExchange/g)).toHaveLength(6);
  expect(text.match(/&inbox/g)).toHaveLength(6);
  expect(text).toContain('CPU 5');
});

test('a long run is shown without its middle', () => {
  const long = events(Array.from({ length: 500 }, () => access(0, 'load', { result: 0 })));
  const rows = renderTable(long, store.names, { rows: 50 }).split('\n');
  expect(rows).toHaveLength(2 + 50 + 1);
  expect(rows[32]).toBe('       … 450 events …');
  expect(rows.at(-1)).toContain('499');
});

test('in a long run, how a CPU goes to sleep is one row', () => {
  const park = registerSites('file:///project/packages/machine/src/parking.ts', [
    [62, 3, 'parkOnce', 'memory.load(kick)'],
  ]);
  const parks = [
    access(0, 'load', { result: 0, site: send + 2 }),
    ...Array.from({ length: 5 }, () => access(0, 'store', { a: 1, site: park })),
    access(0, 'wait', { result: BLOCKED, site: park }),
  ];
  const show = (foldFrom: number): string[] =>
    renderTable(events(parks), store.names, { foldFrom }).split('\n').slice(2);
  expect(show(7)).toEqual([
    '   0  load inbox.data → 0   receive:20',
    '   1  ⋮ 5 accesses of spinning, parking or waking   parkOnce:62',
    '   6  wait inbox.data while 0 → sleeps   parkOnce:62',
  ]);
  expect(show(8)).toHaveLength(7);
});

test('an empty run, and a stack of nothing but machinery', () => {
  expect(renderTable([], store.names)).toBe('nothing happened in this run');
  expect(stackLines('Error\n    at x (node:internal/y:1:1)')).toEqual([]);
});
