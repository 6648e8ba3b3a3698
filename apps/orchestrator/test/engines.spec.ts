/** The engines that come with the command, through the command: what they do is tested where they live. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExplorationResult, Result } from '@percpu/experiment';
import { describe, expect, test } from 'vitest';
import type { ResultsDocument } from '../src/record/record.ts';
import { emptyFolder, run, runProcess } from './helpers/command.ts';

describe('the model', () => {
  const points = ['--variants', 'atomic', '--cpus', '1,16', '--seed', '3', '--json'];

  test('the same command gives the same figures, and says where the time went', async () => {
    const args = ['scale', 'counter', '--clock', 'model', ...points];
    const [first, second] = [await runProcess(args), await run(args)];
    const figures = ({ stdout }: { stdout: string }): Result[] =>
      (JSON.parse(stdout) as ResultsDocument).results.map((result) =>
        result.model === undefined
          ? result
          : // Host time is the one thing that may differ.
            { ...result, model: { ...result.model, seconds: 0 } },
      );
    expect(figures(second)).toEqual(figures(first));
    const [one, many] = figures(first);
    expect([one?.cpus, many?.cpus]).toEqual([1, 16]);
    const share = (result: Result | undefined): number =>
      result?.model === undefined ? Number.NaN : result.model.where.transfer / result.model.cpuNs;
    expect(share(one)).toBeLessThan(0.01);
    expect(share(many)).toBeGreaterThan(0.5);
    expect(one?.profile).toBe(many?.profile);
  });

  test.each([
    // what the file holds                    what is said
    ['{', /--profile: .*host\.json/],
    ['{"schema":1,"name":"x"}', /--profile: .*host\.json/],
  ])('a profile file with %s is refused', async (text, says) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'host.json'), text);
    const args = ['scale', 'counter', '--clock', 'model', '--profile', './host.json', ...points];
    const { code, stdout, stderr } = await run(args, folder);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([code, stdout]).toEqual([2, '']);
  });

  test('an unknown machine: those that there are', async () => {
    const args = ['scale', 'counter', '--profile', 'epyc-milna-2s'];
    const { code, stderr } = await run(args);
    expect(stderr).toMatch(/--profile: .*"epyc-milna-2s".*epyc-milan-2s/);
    expect(code).toBe(2);
  });
});

describe('the explorer', () => {
  async function explore(...args: string[]): Promise<[ExplorationResult, number | null]> {
    const { code, stdout } = await run(['explore', ...args, '--json']);
    return [JSON.parse(stdout) as ExplorationResult, code];
  }

  test('store buffering: every schedule, nothing found', async () => {
    const [result, code] = await explore('litmus-sb');
    expect(result).toMatchObject({ name: 'litmus-sb', exhausted: true, failures: [] });
    expect(code).toBe(0);
  });

  test('its plain twin races, and the replay string shows it again', async () => {
    const [found, code] = await explore('litmus-sb-plain');
    expect(found.failures).toMatchObject([{ kind: 'race' }]);
    expect(code).toBe(0);
    const replay = found.failures[0]?.replay ?? '';
    const [again] = await explore('litmus-sb-plain', '--replay', replay);
    expect(again).toMatchObject({ schedules: 1, failures: [{ kind: 'race' }] });
    const other = await run(['explore', 'litmus-mp-plain', '--replay', replay]);
    expect(other.stderr).toMatch(/--replay: .*another exploration than litmus-mp-plain/);
    expect(other.code).toBe(2);
  });
});
