import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { engine } from '../src/host/engine.ts';
import { validationPage } from '../src/validation/page.ts';
import { judge } from '../src/validation/judge.ts';
import { serviceTime, speedUp } from '../src/validation/markov.ts';

describe('the chain, against the figures worked out by hand from the same rates', () => {
  const cores = [8, 12, 16, 20, 24, 32, 48, 64, 96];

  test.each([
    ['ticket', 400, 200, 20_000, [7.96, 11.9, 15.7, 19.2, 20.3, 7.5, 4.4, 3.2, 2.1]],
    ['ticket', 400, 200, 8_000, [7.64, 10.2, 7.6, 4.6, 3.6, 2.6, 1.7, 1.3, 0.86]],
    ['mcs', 400, 200, 20_000, [7.95, 11.9, 15.7, 19.4, 23, 29.1, 33.9, 34, 34]],
    ['mcs', 400, 200, 8_000, [7.61, 10.7, 12.9, 13.8, 14, 14, 14, 14, 14]],
  ] as const)('%s, s=%i c=%i a=%i', (lock, s, c, a, expected) => {
    const found = cores.map((n) => speedUp(lock, { cores: n, a, s, c }));
    // They were written down with two or three digits.
    found.forEach((value, i) => expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(0.025));
  });

  test('s=100: collapse comes later', () => {
    const at = (n: number): number => speedUp('ticket', { cores: n, a: 20_000, s: 100, c: 200 });
    expect(at(24)).toBeCloseTo(23.9, 1);
    expect(at(32)).toBeCloseTo(17.3, 1);
    expect(Math.abs(at(48) / 4.7 - 1)).toBeLessThan(0.025);
  });

  test('one core waits for nobody', () => {
    expect(serviceTime('ticket', { cores: 1, a: 1, s: 5, c: 9 }, 1)).toBe(5);
    expect(speedUp('ticket', { cores: 1, a: 100, s: 5, c: 9 })).toBeCloseTo(1, 12);
  });
});

describe('the judge', () => {
  const curve = (model: readonly number[]): ReturnType<typeof judge> => {
    const published = [1, 1, 10, 20];
    return judge(
      published.map((value, i) => ({ cpus: 2 ** i, published: value, model: model[i]! })),
    );
  };

  test.each([
    ['the curve itself', [1, 1, 10, 20], { signs: true, knee: true, pass: true }],
    ['twice as dear throughout', [2, 2, 20, 40], { signs: true, knee: true, pass: false }],
    ['the other way', [1, 1, 0.5, 20], { signs: false, pass: false }],
    ['ends too low', [1, 1, 10, 15], { signs: true, pass: false }],
    ['within a third', [1, 1, 12, 25], { signs: true, knee: true, pass: true }],
  ])('%s', (_name, model, verdict) => {
    expect(curve(model)).toMatchObject(verdict);
  });
});

/** ms. Some twenty seconds of arithmetic, where others want the cores too. */
const PATIENCE = 300_000;

test('what fits, and what does not', { timeout: PATIENCE }, async () => {
  const { signal } = new AbortController();
  const validation = await engine.validate({ signal, progress: () => undefined });
  const { curves } = validation;
  const verdicts = curves.map(
    ({ name, machine, pass }) => `${pass ? 'fits' : 'misses'}: ${name}, ${machine}`,
  );
  expect(verdicts).toEqual([
    'fits: C: shared atomic counter, xeon-skx-8s',
    // Published to get three times dearer between 64 and 160 threads of a guest whose layout is not known.
    'misses: C: shared atomic counter, epyc-milan-2s',
    // Published to rise from 112 CPUs on, where every CPU still has a core: nothing in the model does that.
    'misses: C: per-CPU counter, xeon-skx-8s',
    'fits: C: per-CPU counter, epyc-milan-2s',
    // A straight line: where it bends most is chance.
    'misses: E: readers, held for 27.5 ns, xeon-skx-8s',
    // The right kind of loss, and not its size.
    'misses: E: readers, held for 10 us, xeon-skx-8s',
    'misses: E: readers, held for 100 us, xeon-skx-8s',
    'misses: E: readers, held for 1 ms, xeon-skx-8s',
    'fits: E: readers, held for 10 ms, xeon-skx-8s',
    // Published to gain nothing from a second thread, and much from the fourth on.
    'misses: F: queued lock, locktorture, xeon-hsx-4s',
    'misses: F: cna lock, locktorture, xeon-hsx-4s',
    'fits: F: queued lock, lock2_threads, xeon-hsx-4s',
    'fits: F: cna lock, lock2_threads, xeon-hsx-4s',
    'fits: G: ticket lock, s=400 c=200 a=20000, birth-death chain',
    'fits: G: mcs lock, s=400 c=200 a=20000, birth-death chain',
    'fits: G: ticket lock, s=400 c=200 a=8000, birth-death chain',
    'fits: G: mcs lock, s=400 c=200 a=8000, birth-death chain',
  ]);
  for (const { fitted, name, worst } of curves) {
    expect(Object.keys(fitted).length).toBeLessThanOrEqual(2);
    if (name.startsWith('G')) expect(worst).toBeLessThanOrEqual(0.05);
  }

  // The page of the docs says the same: `npm run page -w @percpu/model` writes it.
  const page = readFileSync(new URL('../../../docs/model-validation.md', import.meta.url), 'utf8');
  expect(words(page)).toBe(words(validationPage(validation)));
});

/** Without what a formatter changes. */
function words(text: string): string {
  return text.replaceAll(/[\s-]+/g, ' ');
}
