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

test.each([
  ['the order', 'return [m.load(0), m.load(1)]', 'const b = m.load(1); return [m.load(0), b]'],
  ['the result', 'return m.load(0)', 'return -m.load(0) - 1'],
  ['the error', "m.load(0); throw new Error('a')", "m.load(0); throw new Error('b')"],
])('a change of %s is seen', async (_what, one, other) => {
  const main = (body: string): string => `export function main(m, log) { ${body}; }`;
  const plain = await runPlain(main(one));
  expect(await runAsCoroutine(main(one), 'never')).toEqual(plain);
  expect(await runAsCoroutine(main(other), 'never')).not.toEqual(plain);
});
