/** Programs written by hand: plain and as coroutines they do the same. */
import { expect, test } from 'vitest';
import { runAsCoroutine, runPlain } from '../support/both-ways.ts';
import { CORPUS } from './corpus.ts';

test.each(CORPUS)('%s', async (_title, source) => {
  const plain = await runPlain(source);
  expect(plain.trace, 'the program makes accesses').not.toEqual([]);
  expect(await runAsCoroutine(source, 'never')).toEqual(plain);
  expect(await runAsCoroutine(source, 'by turns')).toEqual(plain);
});
