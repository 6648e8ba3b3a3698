/** The command as a process: what is on which stream, and how it ends. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Summary } from '../src/summary.ts';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function peers(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const line = ['--conditions=@percpu/source', main, ...args];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      line,
      { env: { ...process.env, ...env } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

const WORKS = ['uncontended', 'contended', 'contended-4', 'contended-8'];
const OURS = ['tas', 'ttas', 'ticket', 'mcs', 'mutex', 'threads-mutex'];
const C = ['c-pthread-mutex', 'c-pthread-spin', 'c-ticket'];

test(
  '--json: one document on stdout, everything else on stderr; what cannot come is missing',
  { timeout: 180_000 },
  async () => {
    // No compiler on this path.
    const env = { PATH: '/percpu-no-such-folder' };
    const args = ['--json', '--seconds', '0.5', '--rounds', '2'];
    const { code, stdout, stderr } = await peers(args, env);
    expect(stderr).toContain('round 2 of 2');
    expect(code, stderr).toBe(0);
    const { results, ratios, missing } = JSON.parse(stdout) as Summary;
    const absent = missing.map(({ who }) => who);
    expect(absent).toEqual(expect.arrayContaining(C));
    for (const { why } of missing) expect(why).toMatch(/no C compiler|not installed/);
    const rivals = ['naive-futex', 'multithreading', 'atomics-sync'].filter(
      (who) => !absent.includes(who),
    );
    const cells = WORKS.flatMap((work) => [...OURS, ...rivals].map((who) => `${work} ${who}`));
    expect(results.map(({ work, who }) => `${work} ${who}`)).toEqual(cells);
    for (const { nsPerOp, fairness } of results) {
      expect(nsPerOp.low).toBeGreaterThan(0);
      expect(nsPerOp.low).toBeLessThanOrEqual(nsPerOp.median);
      expect(nsPerOp.high).toBeGreaterThanOrEqual(nsPerOp.median);
      expect(fairness).toBeGreaterThan(0);
      expect(fairness).toBeLessThanOrEqual(1);
    }
    expect(ratios).toHaveLength(WORKS.length * OURS.length * rivals.length);
    for (const { ratio } of ratios) expect(ratio).toBeGreaterThan(0);
  },
);

test.each([
  [['--rounds', 'many'], 2, '', /^peers: --rounds many; accepted is a whole number/],
  [['--jsno'], 2, '', /^peers: .*--jsno/],
  [['--help'], 0, /^npm run peers .*\n[^]*--seconds/, /^$/],
])('%j ends with %i', async (args, code, stdout, stderr) => {
  const ended = await peers(args);
  expect(ended.code).toBe(code);
  expect(ended.stdout).toMatch(stdout);
  expect(ended.stderr).toMatch(stderr);
});
