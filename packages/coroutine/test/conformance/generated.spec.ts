/** Random programs: plain and as coroutines they do the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runAsCoroutine, runPlain } from '../support/both-ways.ts';
import { program } from './generate.ts';

const RUNS = Number(process.env.PERCPU_PROGRAMS ?? 150);

test(`${RUNS} programs do the same plain and as coroutines`, async () => {
  await fc.assert(
    fc.asyncProperty(program, async (source) => {
      const plain = await runPlain(source);
      expect(await runAsCoroutine(source, 'never')).toEqual(plain);
      expect(await runAsCoroutine(source, 'by turns')).toEqual(plain);
    }),
    { numRuns: RUNS, seed: 1 },
  );
});
