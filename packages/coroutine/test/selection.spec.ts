/** Which modules are transformed: users' own, whatever their folders are called, and never the machinery that runs them. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { coroutine } from '../src/vite/index.ts';
import type { Selection } from '../src/vite/index.ts';

const packages = join(import.meta.dirname, '../..');
const CODE = 'export function f(memory) { return memory.load(0); }';

test.each<[path: string, selection: Selection, transformed: boolean]>([
  // path                                                    selection                   transformed
  ['/home/me/project/src/queue.ts', {}, true],
  ['/home/me/project/packages/model/src/queue.ts', {}, true],
  ['C:\\project\\packages\\explore\\src\\queue.ts', {}, true],
  ['/home/me/project/src/queue.ts', { include: ['/lib/'] }, false],
  ['/home/me/project/src/queue.ts', { include: [/queue/], exclude: ['/src/'] }, false],
  ['/home/me/project/node_modules/queue/index.js', {}, false],
  ['/home/me/project/node_modules/queue/index.js', { include: ['/queue/'] }, true],
  ['/home/me/project/node_modules/@percpu/machine/dist/index.js', {}, true],
  ['/home/me/project/node_modules/@percpu/simulator/dist/memory.js', {}, false],
  ['/home/me/project/node_modules/@percpu/simulator/dist/memory.js', { include: ['/'] }, false],
  ['/home/me/project/node_modules/vitest/dist/index.js', { include: ['/'] }, false],
  [join(packages, 'machine/src/index.ts'), {}, true],
  [join(packages, 'simulator/src/memory.ts'), { include: ['/'] }, false],
  [join(packages, 'simulator/test/memory.spec.ts'), {}, true],
])('%s with %j: %s', (path, selection, transformed) => {
  const found = coroutine(selection).transform(CODE, path);
  expect(found !== undefined).toBe(transformed);
});
