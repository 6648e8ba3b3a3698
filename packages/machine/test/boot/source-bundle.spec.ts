/** What the host bundles for all workers, and what programs see of it: nothing. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';
import { sourceBundle } from '../../src/boot/source-bundle.ts';

const { url, sources } = (await sourceBundle())!;
const stubs = Object.entries(sources).filter(([at]) => at !== url);

/** What a module exports and its stub does not. */
async function missing(at: string, stub: string): Promise<string[]> {
  const exported = Object.keys((await import(fileURLToPath(at))) as object);
  return exported.filter((name) => !new RegExp(`\\b${name}\\b`).test(stub));
}

test('a stub for each module, with all that it exports', async () => {
  expect(stubs.length).toBeGreaterThan(100);
  for (const [at, stub] of stubs) expect([at, await missing(at, stub)]).toEqual([at, []]);
});

test('an export that a stub lacks is noticed', async () => {
  const [at, stub] = stubs.find(([name]) => name.endsWith('machine/src/fault-errors.ts'))!;
  expect(await missing(at, stub.replace('KernelOops', ''))).toEqual(['KernelOops']);
});

test('all code is in the bundle', () => {
  for (const [at, stub] of stubs) {
    expect([at, stub.replace(/^(?:import|export)\b[^;]*;\n/gm, '')]).toEqual([at, '']);
  }
});

test('one instance of each module, by whatever way it is reached', async () => {
  await using machine = await Machine.boot({ cpus: 1 });
  const module = new URL('../programs/identity.ts', import.meta.url);
  const [same] = await machine.run<Record<string, boolean>>({ module, export: 'sameInstances' });
  expect(Object.entries(same!).filter(([, yes]) => !yes)).toEqual([]);
});

test('call traces tell of the sources', async () => {
  await using machine = await Machine.boot({ cpus: 1 });
  const module = new URL('../programs/identity.ts', import.meta.url);
  const [trace] = await machine.run<string>({ module, export: 'callTrace' });
  const [, line] = /at KernelText\.call \(.*\/src\/kernel-text\.ts:(\d+)\)/.exec(trace!)!;
  const text = readFileSync(new URL('../../src/kernel-text.ts', import.meta.url), 'utf8');
  expect(text.split('\n')[Number(line) - 1]).toMatch(/return fn\(/);
  expect(trace).not.toContain(url);
});
