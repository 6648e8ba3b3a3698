/**
 * `nx g @percpu-tools/generators:mechanism NAME`: packages/NAME, with a small mechanism that works
 * (a count of users in shared memory), its test, experiment and README, to be replaced file by file.
 * The orchestrator gets it as a dependency, which is how experiments are found.
 */
import { formatFiles, generateFiles, installPackagesTask, names } from '@nx/devkit';
import { readJson, updateJson } from '@nx/devkit';
import type { GeneratorCallback, Tree } from '@nx/devkit';
import { join } from 'node:path';

export interface MechanismOptions {
  readonly name: string;
}

interface Manifest {
  version: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const ORCHESTRATOR = 'apps/orchestrator/package.json';

export default async function mechanism(
  tree: Tree,
  { name }: MechanismOptions,
): Promise<GeneratorCallback> {
  if (!KEBAB_CASE.test(name)) {
    throw new Error(`a mechanism's name is in kebab-case, as in block-throttle; got "${name}"`);
  }
  const folder = `packages/${name}`;
  if (tree.exists(folder)) throw new Error(`${folder} is there already: choose another name`);

  const { className, propertyName } = names(name);
  const machine = readJson<Manifest>(tree, 'packages/machine/package.json');
  generateFiles(tree, join(import.meta.dirname, 'files'), folder, {
    name,
    className,
    propertyName,
    // All packages have one version: nx.json, "release".
    version: machine.version,
    piscina: machine.devDependencies?.piscina ?? '*',
  });
  const license = tree.read('LICENSE');
  if (license === null) throw new Error('the workspace has no LICENSE to copy');
  tree.write(`${folder}/LICENSE`, license);

  updateJson<Manifest>(tree, ORCHESTRATOR, (manifest) => ({
    ...manifest,
    dependencies: { ...manifest.dependencies, [`@percpu/${name}`]: machine.version },
  }));
  await formatFiles(tree);
  return () => installPackagesTask(tree, true);
}
