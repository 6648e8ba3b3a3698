/** The dmesg ring: order, wrapping, losing, and many writers at once. */
import { createMemory } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';
import { allocDmesg, DmesgRecord, DmesgRing, writeDmesg } from '../../src/dmesg.ts';
import { formatDmesgLine, readDmesg } from '../../src/index.ts';

function ring(lines = 16) {
  const memory = createMemory({ bytes: 1 << 20 });
  const at = allocDmesg(memory, lines);
  return {
    memory,
    at,
    write: (text: string, level: 'info' | 'err' = 'info', cpu = 0, time = 0) =>
      writeDmesg(memory, at, level, cpu, time, text),
    texts: () => readDmesg(memory, at).lines.map(({ text }) => text),
    lost: () => readDmesg(memory, at).lost,
  };
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`);

test('what is written is read, with everything that belongs to it', () => {
  const { memory, at, write } = ring();
  write('hello', 'err', 1023, 1_234_567_890);
  const [line] = readDmesg(memory, at).lines;
  expect(line).toEqual({ number: 0, level: 'err', cpu: 1023, time: 1_234_567_890, text: 'hello' });
  expect(formatDmesgLine(line!)).toBe('[    1.234567] hello');
});

test.each([
  // lines written   readable                 lost
  [0, numbered(0, 0), 0],
  [1, numbered(0, 1), 0],
  [16, numbered(0, 16), 0],
  [17, numbered(1, 17), 1],
  [1000, numbered(984, 1000), 984],
])('%d lines into 16 slots', (written, readable, lost) => {
  const log = ring(16);
  for (const text of numbered(0, written)) log.write(text);
  expect(log.texts()).toEqual(readable);
  expect(log.lost()).toBe(lost);
});

test.each([
  // case           text                      pieces
  ['empty', '', [0]],
  ['full record', 'x'.repeat(240), [240]],
  ['one more', 'x'.repeat(241), [240, 1]],
  ['no character cut in two', `${'x'.repeat(239)}äöü`, [239, 3]],
  ['far too long', 'y'.repeat(100_000), Array<number>(16).fill(240)],
])('%s', (_case, text, pieces) => {
  const log = ring(32);
  log.write(text);
  expect(log.texts().map((piece) => piece.length)).toEqual(pieces);
  expect(text.startsWith(log.texts().join(''))).toBe(true);
});

describe('a writer that died in the middle of a record', () => {
  const stateOf = (at: number, slot: number): number =>
    at + DmesgRing.size + slot * DmesgRecord.size + DmesgRecord.state;

  test('hides only its own line, and costs later ones their slot', () => {
    const log = ring(16);
    for (const text of numbered(0, 4)) log.write(text);
    // Record 2 as its writer leaves it between claim and publish.
    log.memory.store(stateOf(log.at, 2), 2 * 2 + 1);
    expect(log.texts()).toEqual(['line 0', 'line 1', 'line 3']);
    for (const text of numbered(4, 20)) log.write(text);
    expect(log.texts()).toEqual([...numbered(4, 18), 'line 19']);
    // Four overwritten, and line 18, which found the slot taken.
    expect(log.lost()).toBe(4 + 1);
  });

  test('a record of the future is not overwritten by a late writer', () => {
    const log = ring(16);
    log.memory.store(stateOf(log.at, 0), 32 * 2 + 2);
    log.write('late');
    expect(log.memory.load(stateOf(log.at, 0))).toBe(32 * 2 + 2);
    expect(log.lost()).toBe(1);
  });
});

test('four CPUs write, the host reads all the while: every line is whole and in order', async () => {
  const perCpu = 3000;
  await using machine = await Machine.boot({ cpus: 4, parameters: { 'dmesg.lines': 64 } });
  const module = new URL('../programs/core.ts', import.meta.url);
  let writing = true;
  const done = machine
    .run({ module, export: 'writesDmesg', args: perCpu })
    .finally(() => (writing = false));
  let seen = 0;
  while (writing) {
    const { lines } = readDmesg(machine.memory, machine.info.dmesg);
    seen += lines.length;
    const last = new Map<number, number>();
    for (const { text, cpu } of lines) {
      const [, number, padding] = /^line (\d+) of this CPU (-*)$/.exec(text) ?? [];
      expect(padding).toHaveLength(Number(number) % 150);
      expect(Number(number)).toBeGreaterThan(last.get(cpu) ?? -1);
      last.set(cpu, Number(number));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  expect(seen).toBeGreaterThan(0);
  const { lines, lost } = readDmesg(machine.memory, machine.info.dmesg);
  expect(lines.length + lost).toBe(4 * perCpu);
});
