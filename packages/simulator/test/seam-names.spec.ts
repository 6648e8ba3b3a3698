/** The transform knows an access by its name alone: every operation of the seam must be one that it stops at. */
import { transform } from '@percpu/coroutine';
import { expect, test } from 'vitest';
import { OPERATIONS } from '../src/index.ts';

const stopsAt = (name: string): boolean =>
  transform(`export const f = (memory) => memory.${name}(0);`, { file: 'f.js' })!.code.includes(
    'registerSites',
  );

test.each(OPERATIONS.map(({ name }) => name))('%s is an access', (name) => {
  expect(stopsAt(name)).toBe(true);
});

test.each(['readOwn', 'writeOwn', 'describe'])('%s is none', (name) => {
  expect(stopsAt(name)).toBe(false);
});
