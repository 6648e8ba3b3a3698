/** Where modelled time went, as the report and the terminal tell it. */
import { expect, test } from 'vitest';
import { groupCurves } from '../src/report/curves.ts';
import { toHeat } from '../src/report/heat.ts';
import { toReportModel } from '../src/report/from-record.ts';
import { formatShare } from '../src/report/share.ts';
import { around, makeRecord } from './helpers/record.ts';
import { makeDetails, makeMixedRun } from './helpers/run-record.ts';

const cost = (transfer: number, queue = 0, lockWait = 0): { shares: [number, number, number] } => ({
  shares: [transfer, queue, lockWait],
});

test.each([
  [0, '0'],
  [0.0004, '<0.1 %'],
  [0.034, '3.4 %'],
  [0.0996, '10 %'],
  [0.34, '34 %'],
  [1, '100 %'],
])('a share of %d is %s', (share, text) => {
  expect(formatShare(share)).toBe(text);
});

test('heat: dearest line first, a column for each CPU count, parts added up', () => {
  const lines = toHeat([
    makeDetails(1, { a: { x: cost(0.001) }, b: { y: cost(0) } }),
    makeDetails(8, { a: { x: cost(0.1) }, b: { y: cost(0.1, 0.2, 0.3), z: cost(0.06) } }),
  ]);
  const shown = lines.flatMap(({ fields }) =>
    fields.map(({ name, cells }) => [name, ...cells.map(({ text, heat }) => `${text} h${heat}`)]),
  );
  expect(shown).toEqual([
    ['b.y', '0 h0', '60 % h7'],
    ['b.z', '0 h0', '6.0 % h3'],
    ['a.x', '0.1 % h0', '10 % h4'],
  ]);
  expect(lines[0]?.fields[0]?.cells[1]?.detail).toBe(
    '800 µs transfer, 1.60 ms queue, 2.40 ms waiting, of 8.00 ms CPU time',
  );
});

test('heat: what costs little, or is one of too many, is summed up in the last row', () => {
  const many = Object.fromEntries(
    Array.from({ length: 14 }, (_, k) => [`line ${k}`, { word: cost(0.02) }]),
  );
  const lines = toHeat([makeDetails(4, { ...many, cold: { word: cost(0.001) } })]);
  expect(lines).toHaveLength(11);
  expect(lines.at(-1)).toMatchObject({
    name: 'all other lines',
    fields: [{ cells: [{ text: '8.1 %' }] }],
  });
});

test('heat: instances of one name are one row; a line without fields is a row', () => {
  const details = makeDetails(2, { node: { next: cost(0.1) } });
  const [node] = details.lines;
  if (node === undefined) throw new Error('no line');
  const unnamed = makeDetails(2, {
    arena: { '+0x100': cost(0.05) },
    '0x00007a00': { '0x00007a0c': cost(0.02) },
  }).lines;
  const rest = { name: 'others', fields: [], transferNs: 2e5, waitNs: 0 };
  const lines = toHeat([{ ...details, lines: [node, node, rest, ...unnamed] }]);
  expect(lines.map(({ fields }) => `${fields[0]?.name} ${fields[0]?.cells[0]?.text}`)).toEqual([
    'node.next 20 %',
    'others 10 %',
    'arena+0x100 5.0 %',
    '0x00007a0c 2.0 %',
  ]);
});

test('heat: lines that are summed up for many CPUs are one row with those of few', () => {
  const lines = toHeat([
    makeDetails(2, {
      'node 1 of cpu 0': { waiting: cost(0.1) },
      'node 1 of cpu 1': { waiting: cost(0.2) },
      'slot 7': { state: cost(0.1) },
    }),
    makeDetails(16, { 'node * of cpu * + node * of cpu * (16 lines)': { waiting: cost(0.5) } }),
  ]);
  const shown = lines.flatMap(({ fields }) =>
    fields.map(({ name, cells }) => [name, ...cells.map(({ text }) => text)]),
  );
  expect(shown).toEqual([
    ['node * of cpu *.waiting', '30 %', '50 %'],
    ['slot 7.state', '10 %', '0'],
  ]);
  expect(lines[0]?.why).toBe(
    'node * of cpu * + node * of cpu * (16 lines) is handed from CPU to CPU',
  );
});

test('heat: the reason is told of the few lines that matter at the most CPUs', () => {
  const lines = toHeat([
    makeDetails(1, { early: { word: cost(0.9) } }),
    makeDetails(8, {
      early: { word: cost(0.01) },
      ...{ a: { x: cost(0.3) }, b: { x: cost(0.2) }, c: { x: cost(0.1) }, d: { x: cost(0.1) } },
    }),
  ]);
  expect(lines.map(({ name, why }) => `${name}: ${why ?? '–'}`)).toEqual([
    'early: –',
    'a: a is handed from CPU to CPU',
    'b: b is handed from CPU to CPU',
    'c: –',
    'd: –',
  ]);
});

test('a variant has one look under both clocks; measured curves come first', () => {
  const groups = groupCurves(makeMixedRun().results.toReversed());
  expect(
    groups.map(({ profile, curves }) => [profile, ...curves.map(({ variant }) => variant)]),
  ).toEqual([
    [undefined, 'mcs', 'ticket', 'tas'],
    ['made-up', 'mcs', 'ticket', 'tas'],
  ]);
  expect(groups.map(({ curves }) => curves.map(({ look }) => look))).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
});

test('the sentence of a variant: at the most CPUs, the two largest parts and the dearest field', () => {
  const [section] = toReportModel(makeMixedRun()).sections;
  expect(section?.spent?.[0]?.variants.map(({ name, summary }) => `${name}: ${summary}`)).toEqual([
    'tas: At 256 CPUs 72 % line transfer, 20 % waiting. Dearest: tas lock.word, 90 %.',
    'ticket: At 256 CPUs 55 % waiting, 35 % line transfer. Dearest: ticket.serving, 77 %.',
    'mcs: At 256 CPUs 80 % waiting, 9.4 % line transfer. Dearest: mcs node.locked, 85 %.',
  ]);
});

test('parts that are more than the whole still fit into the bar', () => {
  const details = makeDetails(1, {});
  const model = { ...details, where: { ...details.where, idle: details.cpuNs } };
  const record = makeRecord({ points: [{ rates: [1e6], cpus: 1, model }] });
  const stack = toReportModel(record).sections[0]?.spent?.[0]?.variants[0]?.shares[0] ?? [];
  expect(stack.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
});

test('nothing of it where nothing was modelled', () => {
  const [section] = toReportModel(makeRecord({ points: [{ rates: around(1e6) }] })).sections;
  expect(section?.spent).toBeUndefined();
  expect(section?.legend).toEqual([
    { title: 'measured on this host', modelled: false, series: [0] },
  ]);
});
