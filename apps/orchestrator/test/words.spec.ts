/** Numbers, tables and progress as people read them. */
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Progress } from '../src/cli/progress.ts';
import { layOut } from '../src/cli/table.ts';
import { Terminal } from '../src/cli/terminal.ts';
import type { Screen } from '../src/cli/terminal.ts';
import {
  formatBytes,
  formatChange,
  formatDuration,
  formatEnds,
  formatFigure,
  formatNs,
  formatNsEstimate,
  formatRate,
  plural,
  singular,
} from '../src/format.ts';
import { repeatCommand, toShell } from '../src/record/command.ts';
import { folderName } from '../src/record/store.ts';
import { around, makeRecord } from './helpers/record.ts';

test.each([
  // shown                                                    as
  [formatNs(0.1234), '0.123 ns'],
  [formatNs(3.456), '3.46 ns'],
  [formatNs(9.9999), '10.0 ns'],
  [formatNs(999.4), '999 ns'],
  [formatNs(1850), '1.85 µs'],
  [formatNs(2.5e6), '2.50 ms'],
  [formatNs(3e9), '3.00 s'],
  [formatNs(Number.NaN), '–'],
  [formatRate(12), '12.0/s'],
  [formatRate(1234), '1.23 k/s'],
  [formatRate(45.67e6), '45.7 M/s'],
  [formatRate(2e9), '2.00 G/s'],
  [formatEnds({ median: 1e6, low: 0.9e6, high: 1.25e6 }, 'rate'), '0.900–1.25'],
  [formatEnds({ median: 200, low: 90, high: 264_809 }, 'rate'), '90.0/s–265 k/s'],
  [formatEnds({ median: 5, low: 5, high: 5 }, 'time'), ''],
  [formatNsEstimate({ median: 3.4, low: 3.1, high: 12 }), '3.40 ns (3.10–12.0)'],
  [formatFigure(7.4, '×'), '×7.40'],
  [formatFigure(1850, 'ns'), '1.85 µs'],
  [formatFigure(12_345, 'IPIs'), '12.3 k IPIs'],
  [formatChange(0.123), '+12.3 %'],
  [formatChange(-0.034), '−3.40 %'],
  [formatBytes(16 * 2 ** 30), '16 GiB'],
  [formatBytes(1536), '1.50 KiB'],
  [formatDuration(0.42), '0.4 s'],
  [formatDuration(59.6), '1 min'],
  [formatDuration(95), '1 min 35 s'],
  [plural(1, 'CPU'), '1 CPU'],
  [singular('hand-overs'), 'hand-over'],
  [singular('accesses'), 'access'],
  [plural(2, 'CPU'), '2 CPUs'],
  [folderName(new Date('2026-11-20T13:05:09.123Z')), '2026-11-20T13-05-09Z'],
  [
    toShell(['percpu', 'scale', '--module', "my o'clock.ts"]),
    `percpu scale --module 'my o'\\''clock.ts'`,
  ],
])('%s', (shown, expected) => {
  expect(shown).toBe(expected);
});

test('columns are as wide as their widest cell; colour codes do not count', () => {
  const rows = [
    ['a', '\u001B[31m1\u001B[39m', 'x'],
    ['long', '100', 'y'],
  ];
  expect(layOut(rows, { left: [0, 2] })).toEqual([
    '  a        \u001B[31m1\u001B[39m   x',
    '  long   100   y',
  ]);
});

test('the command that repeats one experiment leaves out what it does not know', () => {
  const { request, cells } = makeRecord({
    points: [
      { experiment: 'a', cpus: 4, rates: around(1) },
      { experiment: 'a', cpus: 2, rates: around(1) },
      { experiment: 'b', rates: around(1) },
    ],
  });
  const asked = {
    ...request,
    knobs: [
      ['heldNs', '0'],
      ['elsewhere', '1'],
    ] as const,
  };
  expect(toShell(repeatCommand(asked, cells, { experiment: 'a', clock: 'parallel' }))).toBe(
    'percpu scale a --cpus 2,4 --seconds 0.5 --repeats 5 --seed 1 --set heldNs=0',
  );
});

describe('progress', () => {
  function screen(isTTY: boolean): { stream: Screen; text: () => string } {
    let text = '';
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    return { stream: Object.assign(stream, { isTTY, columns: 80 }), text: () => text };
  }

  function play(isTTY: boolean, env: Record<string, string> = {}): string {
    const { stream, text } = screen(isTTY);
    const terminal = new Terminal({ stdout: stream, stderr: stream, env, cwd: '.' });
    let now = 0;
    const progress = new Progress(
      terminal,
      () => 20,
      () => now,
    );
    for (let step = 0; step < 20; step++) {
      progress.begin(`point ${step}`);
      now += 1000;
      progress.advance(1);
    }
    progress.clear();
    return text();
  }

  test('on a terminal: a bar with the time left, redrawn in place, gone at the end', () => {
    const text = play(true);
    expect(text).toContain(' 50 %  10 s left  point 9');
    expect(text).toMatch(/━{14}.*─{14}/);
    expect(text).not.toContain('\n');
    expect(text.endsWith('\r\u001B[2K')).toBe(true);
  });

  test.each([
    ['elsewhere', false, {}],
    ['on a dumb terminal', true, { TERM: 'dumb' }],
  ])('%s: a line at every tenth', (_, isTTY, env) => {
    const lines = play(isTTY, env).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[4]).toBe('  50 % point 9');
  });
});
