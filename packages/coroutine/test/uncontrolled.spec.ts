/** What cannot be suspended is caught at the access: never a wrong value. */
import { expect, test } from 'vitest';
import { R } from '../src/runtime/index.ts';
import { controlled, uncontrolled } from './programs/uncontrolled.ts';
import { drive } from './support/stub-memory.ts';

test.each(Object.entries(uncontrolled))('%s is caught', (_name, program) => {
  expect(() => drive(program)).toThrow(/shared access outside a controlled frame/);
  expect(R).toMatchObject({ site: 0, pending: false });
});

test.each(Object.entries(controlled))('%s is not', (_name, program) => {
  expect(drive(program, [3, 4, 5, 6]).value).toBeTypeOf('number');
});

test('plain calls are caught too', () => {
  const words = { load: () => drive((memory) => memory.load(0)) };
  expect(() => uncontrolled.getter!(words as never)).toThrow(/outside a controlled frame/);
});
