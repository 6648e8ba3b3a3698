/** list, scenario, doctor, report and compare: what they print, and where; how they end. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Packr } from 'msgpackr';
import { expect, test } from 'vitest';
import { prepareFolder, writeRun } from '../src/record/store.ts';
import { renderReport } from '../src/report/render.ts';
import { DEMO, emptyFolder, run, runProcess } from './helpers/command.ts';
import { around, makeRecord } from './helpers/record.ts';
import type { MadePoint } from './helpers/record.ts';
import { makeDetails } from './helpers/run-record.ts';

function writeRecord(folder: string, name: string, points: readonly MadePoint[]): void {
  const record = makeRecord({ points });
  writeRun(prepareFolder(join(folder, name)), record, renderReport(record));
}

test('list --json: experiments with package, variants and clocks', async () => {
  const { code, stdout, stderr } = await runProcess(['list', '--json', '--module', DEMO]);
  const listing = JSON.parse(stdout) as Record<string, { name: string }[]>;
  expect(Object.keys(listing)).toEqual([
    'experiments',
    'scenarios',
    'explorations',
    'tortures',
    'conformance',
  ]);
  expect(listing.experiments?.find(({ name }) => name === 'demo-add')).toEqual({
    name: 'demo-add',
    package: DEMO,
    description: 'One shared counter, or one for each CPU.',
    variants: ['shared', 'own'],
    clocks: ['parallel'],
  });
  expect(listing.experiments?.map(({ name }) => name)).toContain('seam');
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

test.concurrent.each([
  ['demo-good-end', 0, { verdict: 'pass', facts: { seed: 7 }, log: ['it begins'] }],
  ['demo-bad-end', 1, { verdict: 'fail', log: ['it begins'] }],
  ['demo-throws', 1, { verdict: 'fail', facts: { error: 'the bridge is out' } }],
])('scenario %s --json', async (name, expected, document) => {
  const { code, stdout } = await run(['scenario', name, '--module', DEMO, '--seed', '7', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ name, ...document });
  expect(code).toBe(expected);
});

test('doctor --json: host, backends as measured, what is there', async () => {
  const { code, stdout } = await run(['doctor', '--json']);
  const told = JSON.parse(stdout) as {
    backends: { default: string; nsPerAccess: Record<string, number> };
    checks: { name: string }[];
    packages: Record<string, string>;
  };
  expect(told.backends.nsPerAccess[told.backends.default]).toBeGreaterThan(0);
  expect(told.checks.map(({ name }) => name)).toContain('piscina');
  expect(Object.keys(told.packages)).toContain('@percpu/memory');
  expect(code).toBe(0);
});

test('report: the same page again, to a file of choice', async () => {
  const folder = emptyFolder();
  writeRecord(folder, 'a', [{ rates: around(1e6) }]);
  const { code, stdout } = await run(['report', 'a', '--out', 'deep/page.html'], folder);
  expect(stdout).toBe('deep/page.html\n');
  expect(code).toBe(0);
  expect((await run(['report', 'a/record.msgpack'], folder)).stdout).toBe('a/report.html\n');
  const [chosen, usual] = ['deep/page.html', 'a/report.html'].map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  );
  expect(chosen).toBe(usual);
});

test('results.json beside a record leads to the record', async () => {
  const folder = emptyFolder();
  writeRecord(folder, 'a', [{ rates: around(1e6) }]);
  expect((await run(['report', 'a/results.json'], folder)).code).toBe(0);
  mkdirSync(join(folder, 'b'));
  copyFileSync(join(folder, 'a/results.json'), join(folder, 'b/results.json'));
  const { code, stderr } = await run(['report', 'b/results.json'], folder);
  expect(stderr).toMatch(/there is no record\.msgpack in .*b/);
  expect(code).toBe(2);
});

test('files that are no record: each said as what it is', async () => {
  const folder = emptyFolder();
  writeRecord(folder, 'a', [{ rates: around(1e6) }]);
  const whole = readFileSync(join(folder, 'a/record.msgpack'));
  const packr = new Packr({ useRecords: false });
  const record = packr.unpack(whole) as object;
  const cases: [name: string, bytes: Uint8Array, message: RegExp][] = [
    ['empty', new Uint8Array(), /truncated or no record/],
    ['half', whole.subarray(0, whole.length / 2), /truncated or no record/],
    ['one byte short', whole.subarray(0, -1), /truncated or no record/],
    ['text', Buffer.from('percpu'), /no record/],
    ['foreign', packr.pack({ name: 'x' }), /no record of percpu/],
    ['of another format', packr.pack({ ...record, format: 'other' }), /format: .*got "other"/],
    ['of the future', packr.pack({ ...record, schema: 99 }), /schema: .*99/],
    ['bent', packr.pack({ ...record, seed: 'one' }), /seed/],
    ['without request', packr.pack({ ...record, request: 1 }), /request/],
  ];
  for (const [name, bytes, message] of cases) {
    writeFileSync(join(folder, name), bytes);
    const { code, stdout, stderr } = await run(['report', name], folder);
    expect(stderr, name).toMatch(message);
    expect(stderr, name).toContain(name);
    expect(stdout, name).toBe('');
    expect(code, name).toBe(2);
  }
});

test.concurrent.each([
  // what happened             rates before         rates after           says                          code
  ['nothing', around(1e6), around(1e6), /0 of 1 point differ/, 0],
  ['within the noise', around(1e6, 0.2), around(1.04e6, 0.2), /0 of 1 point differ/, 0],
  ['too little to matter', around(1e6), around(1.015e6), /0 of 1 point differ/, 0],
  ['slower', around(1e6), around(0.8e6), /slower +−20\.0 %/, 1],
  ['faster', around(1e6), around(1.5e6), /faster +\+50\.0 %/, 0],
  ['too few repeats to tell', [1e6, 1e6], [2e6, 2e6], /0 of 1 point differ/, 0],
])('compare: %s', async (_, before, after, says, expected) => {
  const folder = emptyFolder();
  writeRecord(folder, 'a', [{ rates: before }]);
  writeRecord(folder, 'b', [{ rates: after }]);
  const { code, stdout } = await run(['compare', 'a', 'b'], folder);
  expect(stdout).toMatch(says);
  expect(code).toBe(expected);
  const json = await run(['compare', 'a', 'b', '--json'], folder);
  expect(JSON.parse(json.stdout)).toMatchObject({ points: [{ cpus: 2, variant: 'ticket' }] });
});

test('compare: modelled points are told apart, and are compared exactly', async () => {
  const folder = emptyFolder();
  const point = (rate: number): MadePoint[] => [
    { rates: around(1e6) },
    { rates: [rate], model: makeDetails(2, {}) },
  ];
  writeRecord(folder, 'a', point(1e6));
  writeRecord(folder, 'b', point(0.9e6));
  const { code, stdout } = await run(['compare', 'a', 'b'], folder);
  expect(stdout).toMatch(/ticket modelled: made-up +2 CPUs +slower +−10\.0 %/);
  expect(stdout).toMatch(/1 of 2 points differ/);
  expect(code).toBe(1);
});

test('compare: points of one run only, and hosts that differ, are said', async () => {
  const folder = emptyFolder();
  writeRecord(folder, 'a', [{ rates: around(1e6) }, { cpus: 4, rates: around(1e6) }]);
  const record = makeRecord({ points: [{ rates: around(1e6) }], host: { cores: 8 } });
  writeRun(prepareFolder(join(folder, 'b')), record, '');
  const { stderr } = await run(['compare', 'a', 'b'], folder);
  expect(stderr).toMatch(/the number of CPUs differs: 4 and 8/);
  expect(stderr).toMatch(/1 point only in the first run/);
});
