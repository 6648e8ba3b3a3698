/** Both clocks on the command line, with a model that a project brings itself. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSummary } from '@percpu/experiment';
import { describe, expect, test } from 'vitest';
import type { ResultsDocument } from '../src/record/record.ts';
import { readRecord } from '../src/record/store.ts';
import { DEMO, emptyFolder, run, runProcess } from './helpers/command.ts';
import { FIXTURE_MODEL } from './helpers/fixture-model.ts';
import { projectWith } from './helpers/packages.ts';

const project = (): string => projectWith('table-model', { engine: FIXTURE_MODEL });
const demo = ['demo-modelled', '--module', DEMO];

describe('percpu scale', () => {
  test('measures this host and models what lies beyond it', async () => {
    const folder = project();
    const args = ['scale', ...demo, '--work', '100', '--repeats', '2', '--out', 'here'];
    const { code, stdout, stderr } = await runProcess([...args, '--json'], folder);
    expect(stderr).toMatch(/2 points on .*\n.*3 points modelled: Round Table, 512 CPUs/);
    expect(code).toBe(0);
    const document = JSON.parse(stdout) as ResultsDocument;
    expect(parseSummary(document).results.map(({ clock, cpus }) => `${clock} ${cpus}`)).toEqual([
      ...['parallel 1', 'parallel 2'],
      ...['model 1', 'model 4', 'model 256'],
    ]);
    expect(document.results.at(-1)).toMatchObject({
      profile: 'round-table',
      oversubscribed: false,
      repeats: 1,
      model: { where: { ipi: 0 }, lines: [{ name: 'counter' }] },
    });
    expect(document.fits.map(({ clock, runs }) => [clock, runs])).toEqual([
      ['parallel', 4],
      ['model', 3],
    ]);
    expect(document.headlines.map(({ profile, value }) => [profile, value])).toEqual([
      [undefined, 2],
      ['round-table', 256],
    ]);
    expect(document.machines).toMatchObject([{ name: 'round-table', source: 'made up' }]);
    // The same again: percpu would choose the clocks and counts alike.
    const words = document.command.slice(document.command.indexOf('scale')).join(' ');
    expect(words).toBe(`scale demo-modelled --work 100 --repeats 2 --seed 1 --module ${DEMO}`);
    const page = readFileSync(join(folder, 'here/report.html'), 'utf8');
    expect(page).toContain('modelled: Round Table, 512 CPUs');
    expect(page).toContain('--cpus 1,4,256 --clock model --profile round-table --seed 1');
    expect(readRecord(join(folder, 'here')).machines).toHaveLength(1);
  });

  test('the table of the terminal says which is which', async () => {
    const { stdout } = await run(
      ['scale', ...demo, '--work', '100', '--repeats', '1', '--profile', 'square-table'],
      project(),
    );
    expect(stdout).toMatch(/measured on this host[^]*modelled: square-table/);
    expect(stdout).toMatch(
      /shared +At 256 CPUs 70 % line transfer, 30 % compute\. Dearest: counter\.value, 70 %/,
    );
    expect(stdout).toMatch(/most CPUs modelled: square-table/);
  });

  test('--clock model: nothing is measured, and the same command gives the same figures', async () => {
    const folder = project();
    const args = ['scale', ...demo, '--clock', 'model', '--json'];
    const first = await run([...args, '--out', 'a'], folder);
    const second = await run([...args, '--out', 'b'], folder);
    const [a, b] = [first, second].map(({ stdout }) => JSON.parse(stdout) as ResultsDocument);
    expect(a?.results.map(({ cpus }) => cpus)).toEqual([1, 4, 256, 512]);
    expect(a?.host.backend).toBeUndefined();
    expect(b?.results).toEqual(a?.results);
    expect(first.code).toBe(0);
  });

  test('--cpus alone is about this host; --clock both takes it for both', async () => {
    const folder = project();
    const args = ['scale', ...demo, '--cpus', '1,2', '--work', '100', '--repeats', '1', '--json'];
    const alone = JSON.parse((await run(args, folder)).stdout) as ResultsDocument;
    expect(alone.results.map(({ clock, cpus }) => `${clock} ${cpus}`)).toEqual([
      ...['parallel 1', 'parallel 2'],
    ]);
    const both = JSON.parse(
      (await run([...args, '--clock', 'both'], folder)).stdout,
    ) as ResultsDocument;
    expect(both.results.map(({ clock, cpus }) => `${clock} ${cpus}`)).toEqual([
      ...['parallel 1', 'parallel 2', 'model 1', 'model 2'],
    ]);
    expect(both.command).toContain('both');
  });

  test('--seconds and --repeats are virtual time and other seeds under the model clock', async () => {
    const folder = project();
    const chosen = ['--cpus', '4', '--seconds', '0.00001', '--repeats', '2', '--seed', '5'];
    const args = ['scale', ...demo, '--clock', 'model', ...chosen, '--out', '.'];
    expect((await run(args, folder)).code).toBe(0);
    const { cells, command } = readRecord(folder);
    expect(cells).toMatchObject([{ window: { measureNs: 10_000 }, seed: 5 }]);
    expect(cells[0]?.repeats).toHaveLength(2);
    expect(command.join(' ')).toContain(
      '--cpus 4 --clock model --seconds 0.00001 --repeats 2 --seed 5',
    );
  });

  test('a point that fails under the model: said, exit code 1, the others kept', async () => {
    const { code, stdout, stderr } = await run(
      ['scale', ...demo, '--clock', 'model', '--seed', '13', '--json'],
      project(),
    );
    expect(stderr).toMatch(
      /demo-modelled shared, 512 CPUs of round-table, modelled, failed: CPU 400 fell off/,
    );
    const { results, failures } = JSON.parse(stdout) as ResultsDocument;
    expect(results).toHaveLength(3);
    expect(failures).toMatchObject([{ cpus: 512, profile: 'round-table' }]);
    expect(code).toBe(1);
  });

  test.each([
    // command line                                          what the message must hold
    [
      ['--clock', 'model', '--profile', 'round-tabel'],
      /--profile: unknown profile "round-tabel"; known are round-table/,
    ],
    [['--profile', 'round-tabel'], /--profile: unknown profile "round-tabel"/],
    [
      ['--clock', 'parallel', '--profile', 'round-table'],
      /"round-table" is unknown; under the parallel clock/,
    ],
    [['--clock', 'model', '--seconds', '1e-9'], /--seconds: "1e-9" is not a number from 0\.000001/],
    [['--clock', 'both', '--seconds', '1e-6'], /--seconds: "1e-6" is not a number from 0\.001/],
  ])('%j is refused before anything is measured', async (args, says) => {
    const folder = project();
    const { code, stdout, stderr } = await run(['scale', ...demo, ...args], folder);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/points/);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'results'))).toBe(false);
  });

  test('both clocks for an experiment that has one: said, when it was asked for', async () => {
    const args = ['scale', 'demo-add', '--module', DEMO, '--work', '100', '--repeats', '1'];
    const asked = await run([...args, '--clock', 'both'], project());
    expect(asked.stderr).toMatch(/demo-add does not run under the model clock/);
    const unasked = await run(args, project());
    expect(unasked.stderr).not.toMatch(/model/);
    expect([asked.code, unasked.code]).toEqual([0, 0]);
  });
});

test('a broken model stops only those who asked for it', async () => {
  const folder = projectWith('bad-model', { engine: 'throw new Error("no luck")' });
  const args = ['scale', ...demo, '--work', '100', '--repeats', '1'];
  const unasked = await run(args, folder);
  expect(unasked.stderr).toMatch(/nothing is modelled: cannot import the engine of bad-model/);
  expect(unasked.code).toBe(0);
  const asked = await run([...args, '--clock', 'both'], folder);
  expect(asked.stderr).toMatch(/^percpu: cannot import the engine of bad-model/);
  expect(asked.code).toBe(2);
});

test('calibrate writes a profile', async () => {
  const folder = project();
  const { code, stdout, stderr } = await run(['calibrate', '--out', 'deep/host.json'], folder);
  expect(stdout).toBe('deep/host.json\n');
  expect(stderr).toMatch(/50 % pairs of cores/);
  expect(JSON.parse(readFileSync(join(folder, 'deep/host.json'), 'utf8'))).toEqual({
    name: 'this-host',
    transferNs: 50,
  });
  expect(code).toBe(0);
});

describe('percpu model', () => {
  test('validate: each curve beside the published one', async () => {
    const { code, stdout } = await run(['model', 'validate'], project());
    expect(stdout).toMatch(/^pass {2}C {2}Round Table\n/);
    expect(stdout).toMatch(/8 +4\.00 +5\.00 +\+25\.0 %/);
    expect(code).toBe(0);
  });

  test('validate: one that misses is shown as missing, exit code 1', async () => {
    const { code, stdout } = await run(['model', 'validate', '--json'], missing());
    const { curves } = JSON.parse(stdout) as { curves: { name: string; pass: boolean }[] };
    expect(curves.map(({ name, pass }) => `${name} ${String(pass)}`)).toEqual([
      'C true',
      'G false',
    ]);
    expect(code).toBe(1);
    expect((await run(['model', 'validate'], missing())).stdout).toMatch(
      /miss {2}G.*\n[^]*knee wrong/,
    );
  });

  function missing(): string {
    const engine = FIXTURE_MODEL.replace("curve('G', true)", "curve('G', false)");
    return projectWith('table-model', { engine });
  }

  test('profiles: names, titles, sources', async () => {
    const { stdout } = await run(['model', 'profiles'], project());
    expect(stdout).toMatch(/round-table +Round Table, 512 CPUs +made up/);
    const { stdout: json } = await run(['model', 'profiles', '--json'], project());
    expect((JSON.parse(json) as { profiles: unknown[] }).profiles).toHaveLength(2);
  });

  test('a model that cannot do it says so', async () => {
    const engine = "export const engine = { clock: 'model', open: () => ({}) };";
    const folder = projectWith('poor-model', { engine });
    for (const [args, says] of [
      [['model', 'validate'], /the installed model cannot validate/],
      [['calibrate'], /the installed model cannot calibrate/],
    ] as const) {
      const { code, stderr } = await run(args, folder);
      expect(stderr).toMatch(says);
      expect(code).toBe(2);
    }
  });
});

test('doctor names the engines, and those that are broken', async () => {
  const engines = async (folder: string): Promise<Record<string, string | undefined>[]> => {
    const { stdout } = await run(['doctor', '--json'], folder);
    return (JSON.parse(stdout) as { engines: Record<string, string>[] }).engines;
  };
  expect(await engines(project())).toMatchObject([
    { name: 'parallel', from: 'built in' },
    { name: 'model', from: 'table-model 1.2.3' },
    { name: 'explorer' },
  ]);
  const broken = projectWith('bad-model', { engine: 'throw new Error("no luck")' });
  expect((await engines(broken))[1]?.problem).toMatch(/engine of bad-model .*no luck/);
  expect((await run(['doctor'], emptyFolder())).stdout).toMatch(/^ +parallel +built in/m);
});
