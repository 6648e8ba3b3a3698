import { expect, expectTypeOf, test } from 'vitest';
import * as flags from '../src/gfp.ts';
import type { AtomicGfp, SleepingGfp } from '../src/gfp.ts';

const { gfp, maySleep } = flags;

test.each([
  ['GFP_ATOMIC', flags.GFP_ATOMIC, false],
  ['GFP_NOWAIT', flags.GFP_NOWAIT, false],
  ['GFP_KERNEL', flags.GFP_KERNEL, true],
  ['GFP_NOFS', flags.GFP_NOFS, true],
  ['GFP_NOIO', flags.GFP_NOIO, true],
] as const)('%s: may sleep %s', (_name, base, expected) => {
  expect(maySleep(base)).toBe(expected);
  expect(maySleep(gfp(base, flags.__GFP_ZERO, flags.__GFP_NORETRY))).toBe(expected);
});

test('modifiers keep the type', () => {
  expectTypeOf(gfp(flags.GFP_ATOMIC, flags.__GFP_ZERO)).toEqualTypeOf<AtomicGfp>();
  expectTypeOf(gfp(flags.GFP_KERNEL, flags.__GFP_ZERO)).toEqualTypeOf<SleepingGfp>();
});
