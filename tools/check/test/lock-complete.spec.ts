import { expect, test } from 'vitest';
import { missingFromLock } from '../src/lock-complete.ts';
import type { LockedPackage } from '../src/lock-complete.ts';

const wants = (...names: string[]): LockedPackage => ({
  version: '1.0.0',
  optionalDependencies: Object.fromEntries(names.map((name) => [name, '2.0.0'])),
});

test.each<[string, Record<string, LockedPackage>, string[]]>([
  ['nothing optional', { 'node_modules/a': { version: '1.0.0' } }, []],
  ['found at the top', { 'node_modules/a': wants('b'), 'node_modules/b': {} }, []],
  ['found below itself', { 'node_modules/a': wants('b'), 'node_modules/a/node_modules/b': {} }, []],
  [
    'found one level up',
    { 'node_modules/x/node_modules/@s/a': wants('b'), 'node_modules/x/node_modules/b': {} },
    [],
  ],
  ['from a workspace', { 'packages/p': wants('b'), 'node_modules/b': {} }, []],
  ['of the workspace itself', { '': wants('b') }, ['the workspace needs b@2.0.0']],
  [
    'one platform of two',
    { 'node_modules/a': wants('a-linux', 'a-darwin'), 'node_modules/a-linux': {} },
    ['node_modules/a@1.0.0 needs a-darwin@2.0.0'],
  ],
  [
    'only where Node does not look',
    { 'node_modules/a': wants('b'), 'node_modules/c/node_modules/b': {} },
    ['node_modules/a@1.0.0 needs b@2.0.0'],
  ],
])('%s', (_, packages, missing) => {
  expect(missingFromLock({ packages })).toEqual(missing);
});
