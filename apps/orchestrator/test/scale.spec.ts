/** Measuring: its files, its one JSON document, its exit codes; Ctrl-C. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSummary } from '@percpu/experiment';
import { beforeAll, describe, expect, test } from 'vitest';
import { readRecord } from '../src/record/store.ts';
import { DEMO, emptyFolder, run, runProcess, start } from './helpers/command.ts';
import type { Outcome } from './helpers/command.ts';

// Work, not time: a busy host makes it slower and nothing else.
const brief = ['--module', DEMO, '--work', '500', '--repeats', '2'];

describe('percpu scale', () => {
  test('measures, writes three files and prints a table', async () => {
    const folder = emptyFolder();
    const { code, stdout, stderr } = await run(['scale', 'demo-add', ...brief], folder);
    expect(stderr).toMatch(/report: results\/.*report\.html/);
    expect(stdout).toMatch(/Adding {2}operations per second, all CPUs/);
    expect(stdout).toMatch(/CPUs +shared +own/);
    const [run1 = ''] = readdirSync(join(folder, 'results'));
    expect(run1).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/);
    const files = readdirSync(join(folder, 'results', run1)).sort();
    expect(files).toEqual(['record.msgpack', 'report.html', 'results.json']);
    expect(code).toBe(0);

    const record = readRecord(join(folder, 'results', run1));
    expect(record.cells.map(({ variant, cpus }) => `${variant} ${cpus}`)).toEqual([
      'shared 1',
      'own 1',
      'shared 2',
      'own 2',
    ]);
    expect(record.cells.every(({ repeats }) => repeats.length === 2)).toBe(true);
    expect(record.host.load).toHaveLength(3);
    expect(record.loadAfter).toHaveLength(3);
  });

  describe('as a process', () => {
    const folder = emptyFolder();
    let outcome: Outcome;

    beforeAll(async () => {
      const args = ['scale', 'demo-add', '--cpus', '1', ...brief, '--json', '--out', 'here'];
      outcome = await runProcess(args, folder);
    });

    test('--json: one document on standard output and nothing else', () => {
      const { code, stdout } = outcome;
      const document = JSON.parse(stdout) as Record<string, unknown>;
      expect(parseSummary(document).results).toHaveLength(2);
      expect(Object.keys(document).slice(0, 5)).toEqual([
        'schema',
        'host',
        'results',
        'fits',
        'headlines',
      ]);
      expect(document).toEqual(JSON.parse(readFileSync(join(folder, 'here/results.json'), 'utf8')));
      expect(code).toBe(0);
    });

    test('--work: so many calls on each CPU, and not a time', () => {
      const { cells } = readRecord(join(folder, 'here'));
      expect(cells[0]?.window).toEqual({ kind: 'work', warmUpCalls: 50, calls: 500 });
      expect(cells[0]?.repeats[0]?.cpus[0]?.operations).toBe(50_000);
    });
  });

  test('a failing verify: reported, exit code 1, the rest measured', async () => {
    const folder = emptyFolder();
    const args = ['scale', 'demo-wrong', 'demo-add', '--cpus', '1', ...brief, '--json'];
    const { code, stdout, stderr } = await run(args, folder);
    expect(stderr).toMatch(/demo-wrong only, 1 CPU failed: .*counted 41, performed 42/);
    const { results, failures } = JSON.parse(stdout) as {
      results: { experiment: string }[];
      failures: { experiment: string; message: string }[];
    };
    expect(results.map(({ experiment }) => experiment)).toEqual(['demo-add', 'demo-add']);
    expect(failures).toMatchObject([{ experiment: 'demo-wrong', variant: 'only', cpus: 1 }]);
    expect(code).toBe(1);
  });

  test('knobs, variants, seed and the command that repeats it', async () => {
    const folder = emptyFolder();
    const chosen = ['--variants', 'own', '--cpus', '2', '--seed', '7', '--set', 'thinkNs=100'];
    const args = ['scale', 'demo-add', ...chosen, ...brief, '--out', 'here'];
    expect((await run(args, folder)).code).toBe(0);
    const { cells, command } = readRecord(join(folder, 'here'));
    expect(cells).toMatchObject([{ variant: 'own', cpus: 2, knobs: { thinkNs: 100 }, seed: 7 }]);
    const words = command.slice(command.indexOf('scale')).join(' ');
    expect(words).toBe(
      `scale demo-add --variants own --cpus 2 --work 500 --repeats 2 --seed 7 --set thinkNs=100 --module ${DEMO}`,
    );
  });

  test('--seconds: the length of one repeat', async () => {
    const folder = emptyFolder();
    const args = ['scale', 'demo-add', '--cpus', '1', '--variants', 'own', '--module', DEMO];
    const { code } = await run(
      [...args, '--seconds', '0.1', '--repeats', '1', '--out', '.'],
      folder,
    );
    const { cells, command } = readRecord(folder);
    expect(cells[0]?.window).toMatchObject({ kind: 'time', measureNs: 100_000_000 });
    expect(command.join(' ')).toContain('--seconds 0.1 --repeats 1');
    expect(code).toBe(0);
  });

  test('more CPUs than the host has are marked', async () => {
    const folder = emptyFolder();
    const many = String((await import('node:os')).availableParallelism() + 1);
    const args = ['scale', 'demo-add', '--variants', 'own', '--cpus', `1,${many}`, ...brief];
    const { stdout } = await run([...args, '--out', 'here'], folder);
    expect(stdout).toMatch(new RegExp(`^ +${many} \\*`, 'm'));
    expect(stdout).toMatch(/\* more CPUs than the/);
    const { results } = readRecord(join(folder, 'here'));
    expect(results.map(({ oversubscribed }) => oversubscribed)).toEqual([false, true]);
  });
});

describe('a folder that cannot be written is said before anything is measured', () => {
  test.each([
    // what is there     what --out names
    ['a file', 'file'],
    ['below a file', 'file/below'],
    ['where none can be made', '/proc/percpu-results'],
  ])('%s', async (_, out) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'file'), '');
    const { code, stderr } = await run(['scale', 'demo-add', ...brief, '--out', out], folder);
    expect(stderr).toMatch(/cannot write results to .*name another folder with --out/);
    expect(stderr).not.toMatch(/points on/);
    expect(code).toBe(2);
  });
});

describe('Ctrl-C', () => {
  const long = ['scale', 'demo-add', '--module', DEMO, '--seconds', '0.05', '--repeats', '20'];

  test('keeps what was measured, says where, ends with 130', async () => {
    const folder = emptyFolder();
    const { child, outcome, saw } = start([...long, '--out', 'kept', '--json'], folder);
    // The first milestone: some repeats are done, most are not.
    await saw(/10 % demo-add/);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await outcome;
    expect(stderr).toMatch(/interrupted: .* of 4 points kept in kept/);
    expect(code).toBe(130);
    const record = readRecord(join(folder, 'kept'));
    expect(record.interrupted).toBe(true);
    expect(record.cells.length).toBeGreaterThan(0);
    expect(existsSync(join(folder, 'kept/report.html'))).toBe(true);
    expect((JSON.parse(stdout) as { interrupted: boolean }).interrupted).toBe(true);
  });

  test('twice: ends at once, with 130 as well', async () => {
    const { child, outcome, saw } = start([...long, '--out', 'kept']);
    await saw(/points on/);
    child.kill('SIGINT');
    await saw(/once more to quit at once/);
    child.kill('SIGINT');
    expect((await outcome).code).toBe(130);
  });

  test('SIGTERM does the same and ends with 143', async () => {
    const folder = emptyFolder();
    const { child, outcome, saw } = start([...long, '--out', 'kept'], folder);
    await saw(/points on/);
    child.kill('SIGTERM');
    expect((await outcome).code).toBe(143);
    expect(readRecord(join(folder, 'kept')).interrupted).toBe(true);
  });
});
