/** Packages are found where they are installed, in the order of their layers; broken ones are named. */
import { expect, test } from 'vitest';
import { readCatalogue } from '../src/discovery/catalogue.ts';
import { installedPackages } from '../src/discovery/installed.ts';
import { openEngine } from '../src/measure/engine.ts';
import { install, manifest, pkg } from './helpers/packages.ts';

const one = (name: string): string => `export const experiments = [{ name: '${name}' }];`;

test('the scope @percpu, lower layers first; the project and what it depends on', () => {
  const needs = ['@percpu/experiment'];
  const place = install({
    'package.json': manifest('mine', ['my-locks', 'unrelated', '@percpu/experiment'], []),
    ...pkg('@percpu/alpha', { needs: ['@percpu/zeta'] }),
    ...pkg('@percpu/zeta', {}),
    ...pkg('my-locks', { needs }),
    ...pkg('unrelated', { files: { experiments: 'throw new Error("imported")' } }),
    ...pkg('not-a-dependency', { needs }),
  });
  const names = installedPackages(place.from, place.cwd).map(({ name }) => name);
  expect(names).toEqual(['@percpu/zeta', '@percpu/alpha', 'my-locks', 'mine']);
});

test('only packages with the entry ./experiments are imported', async () => {
  const place = install({
    ...pkg('@percpu/with', { files: { experiments: one('with') } }),
    ...pkg('@percpu/without', { files: { index: 'throw new Error("imported")' } }),
  });
  const { experiments, versions } = await readCatalogue({ ...place, modules: [] });
  expect(experiments.map((found) => [found.package, found.entry.name])).toEqual([
    ['@percpu/with', 'with'],
  ]);
  expect(versions).toEqual({ '@percpu/with': '1.2.3', '@percpu/without': '1.2.3' });
});

test.each([
  // what is wrong                  files of the package                        says
  [
    'it throws',
    { experiments: 'throw new Error("no luck")' },
    /experiments of @percpu\/x .*no luck/,
  ],
  [
    'it does not parse',
    { experiments: 'export const = 1' },
    /cannot import the experiments of @percpu\/x/,
  ],
  [
    'it exports nothing',
    { experiments: '' },
    /exports none of "experiments", "scenarios", "explorations", "tortures"/,
  ],
  [
    'it exports no list',
    { experiments: 'export const scenarios = {}' },
    /"scenarios" must be an array/,
  ],
])('a package is named when %s', async (_, files, says) => {
  const place = install(pkg('@percpu/x', { files }));
  await expect(readCatalogue({ ...place, modules: [] })).rejects.toThrow(says);
});

test('a package whose entry is missing is named', async () => {
  const place = install({
    'node_modules/@percpu/x/package.json': manifest('@percpu/x', [], ['./experiments']),
  });
  const reading = readCatalogue({ ...place, modules: [] });
  await expect(reading).rejects.toThrow(/cannot (find|import) the experiments of @percpu\/x/);
});

test('two experiments of one name are refused, with both packages', async () => {
  const place = install({
    ...pkg('@percpu/a', { files: { experiments: one('same') } }),
    ...pkg('@percpu/b', { files: { experiments: one('same') } }),
  });
  const reading = readCatalogue({ ...place, modules: [] });
  await expect(reading).rejects.toThrow(
    /two experiments are called "same": in @percpu\/a and in @percpu\/b/,
  );
});

test('an engine for another clock is found in any package that brings one', async () => {
  const engine = `export const engine = {
    clock: 'model',
    describe: ({ profile }) => ({ name: profile, source: 'read somewhere', boundaries: [64] }),
    open: ({ profile }) => ({ measure: async () => ({ cpus: [{ cpu: profile, repeats: [] }] }) }) };`;
  const place = install(pkg('@percpu/model', { files: { engine } }));
  const options = { profile: 'epyc', cwd: place.cwd };
  const { engine: opened, machine } = await openEngine('model', options, place);
  expect(await opened.measure(undefined as never)).toEqual({
    cpus: [{ cpu: 'epyc', repeats: [] }],
  });
  expect(machine).toEqual({ name: 'epyc', source: 'read somewhere', boundaries: [64] });
});

test("a package of the user's own goes before one of percpu's", async () => {
  const engine = (name: string): Record<string, string> => ({
    engine: `export const engine = { clock: 'model', open: () => ({}), describe: () => ({ name: '${name}', source: '' }) };`,
  });
  const place = install({
    'package.json': manifest('mine', ['own-model'], []),
    ...pkg('own-model', { needs: ['@percpu/experiment'], files: engine('own') }),
    ...pkg('@percpu/model', { files: engine('ours') }),
  });
  const opened = await openEngine('model', { profile: undefined, cwd: place.cwd }, place);
  expect(opened.machine?.name).toBe('own');
});

test('explorations come from their own entry', async () => {
  const explorations = "export const explorations = [{ name: 'never-both' }];";
  const place = install(pkg('@percpu/x', { files: { explorations, experiments: one('some') } }));
  const found = await readCatalogue({ ...place, modules: [] });
  expect(found.explorations.map(({ entry, module }) => [entry.name, module])).toEqual([
    ['never-both', expect.stringMatching(/explorations\.js$/)],
  ]);
  expect(found.experiments).toHaveLength(1);
});

test.each([
  ['no package has one', {}, /--clock model: no model is installed.*there is: parallel/],
  [
    'it is broken',
    { engine: 'throw new Error("out of order")' },
    /engine of @percpu\/model .*out of order/,
  ],
  [
    'it is something else',
    { engine: 'export const engine = 3' },
    /must export "engine" with clock and open/,
  ],
  [
    'it does not know the machine',
    {
      engine:
        "export const engine = { clock: 'model', open() { throw new Error('no profile \"epic\"') } }",
    },
    /^--profile: no profile "epic"$/,
  ],
])('no engine for the model clock: %s', async (_, files, says) => {
  const place = install(pkg('@percpu/model', { files }));
  const options = { profile: undefined, cwd: place.cwd };
  await expect(openEngine('model', options, place)).rejects.toThrow(says);
});
