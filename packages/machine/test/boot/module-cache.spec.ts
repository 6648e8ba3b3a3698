/** What the host reads once for all workers. That they work with it, all other tests show. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { collectModules } from '../../src/boot/module-cache.ts';

const { sources, packages } = collectModules();
const originals = Object.keys(sources).map(
  (url) => [url, readFileSync(new URL(url), 'utf8')] as const,
);

test('holds both entry points and the packages below', () => {
  const names = Object.keys(sources).join('\n');
  for (const file of ['boot/worker', 'src/index', 'src/cpu', 'memory/src/index'])
    expect(names).toContain(file);
  expect(Object.keys(packages)).toContain('@percpu/memory');
});

test('is closed: what a module of it imports by path is in it', () => {
  for (const [url, source] of originals) {
    for (const [, path] of source.matchAll(/^(?:import|export) (?!type)[^;]*?'(\.[^']+)'/gm)) {
      expect(Object.keys(sources)).toContain(new URL(path!, url).href);
    }
  }
});

test('every line is where it was, and no code is gone', () => {
  for (const [url, original] of originals) {
    const [before, after] = [original.split('\n'), sources[url]!.split('\n')];
    expect([url, after.length]).toEqual([url, before.length]);
    for (const [i, line] of before.entries()) {
      if (!/^\s*(\/?\*|\/\/)/.test(line)) expect([url, i, after[i]]).toEqual([url, i, line]);
    }
  }
});
