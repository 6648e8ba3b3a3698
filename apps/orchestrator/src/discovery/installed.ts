import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The part of a package.json that discovery looks at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  /** Entries of the exports map, as in `./experiments`. */
  readonly entries: readonly string[];
}

export interface InstalledPackage extends Manifest {
  /** The folder that holds its package.json, links resolved. */
  readonly folder: string;
}

/** All packages of percpu itself live in this scope. */
const SCOPE = '@percpu';

/** Whoever writes experiments depends on it. */
const CONTRACT = '@percpu/experiment';

/**
 * The packages that might bring experiments, each after those it depends on:
 *
 * - every installed package of the scope @percpu, wherever this file could import it from;
 * - the package in the current folder and what it depends on, as far as that depends on
 *   @percpu/experiment, so that a project's own mechanisms are found when the command runs there.
 *
 * There is no list to keep: installing a package is all it takes.
 */
export function installedPackages(from: string, cwd: string): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  for (const folder of [...scopeFolders(from), cwd, ...dependencyFolders(cwd)]) {
    const manifest = readManifest(folder);
    if (manifest === undefined || found.has(manifest.name) || !mayBring(manifest)) continue;
    found.set(manifest.name, { ...manifest, folder: realpathSync(folder) });
  }
  return inDependencyOrder([...found.values()]);
}

/** Other packages may have an entry of the same name that means something else. */
function mayBring({ name, dependencies }: Manifest): boolean {
  return name.startsWith(`${SCOPE}/`) || dependencies.includes(CONTRACT);
}

/** `node_modules` folders that an import from this file would search, nearest first. */
function searchPaths(from: string): readonly string[] {
  return createRequire(from).resolve.paths('x') ?? [];
}

function scopeFolders(from: string): string[] {
  return searchPaths(from).flatMap((path) => {
    const scope = join(path, SCOPE);
    if (!existsSync(scope)) return [];
    return readdirSync(scope)
      .sort()
      .map((name) => join(scope, name));
  });
}

function dependencyFolders(cwd: string): string[] {
  const project = readManifest(cwd);
  if (project === undefined) return [];
  const paths = searchPaths(pathToFileURL(join(cwd, 'package.json')).href);
  return project.dependencies.flatMap((name) => {
    const folder = paths.map((path) => join(path, name)).find((path) => existsSync(path));
    return folder === undefined ? [] : [folder];
  });
}

/** Undefined where there is no readable package.json: not every folder is a package. */
export function readManifest(folder: string): Manifest | undefined {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
  if (!isRecord(content) || typeof content.name !== 'string') return undefined;
  const fields = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];
  const dependencies = fields.flatMap((field) => keysOf(content[field]));
  return {
    name: content.name,
    version: typeof content.version === 'string' ? content.version : 'unknown',
    dependencies: [...new Set(dependencies)],
    entries: keysOf(content.exports),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keysOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

/** Lower layers first; among equals in order of their names. */
function inDependencyOrder(packages: readonly InstalledPackage[]): InstalledPackage[] {
  const byName = new Map(packages.map((entry) => [entry.name, entry]));
  const ordered = new Set<InstalledPackage>();
  const visiting = new Set<string>();
  const visit = (entry: InstalledPackage): void => {
    if (visiting.has(entry.name)) return;
    visiting.add(entry.name);
    for (const name of [...entry.dependencies].sort()) {
      const below = byName.get(name);
      if (below !== undefined) visit(below);
    }
    ordered.add(entry);
  };
  for (const entry of [...packages].sort((a, b) => (a.name < b.name ? -1 : 1))) visit(entry);
  return [...ordered];
}

/**
 * The address of an entry of an installed package, as an import would find it from there.
 * Conditions given to this process (`--conditions`) count, as in every import.
 */
export function entryUrl(pkg: InstalledPackage, entry: string): string {
  // A package may import itself by name, so it can always be resolved from inside.
  const inside = createRequire(join(pkg.folder, 'package.json'));
  return pathToFileURL(inside.resolve(join(pkg.name, entry).replaceAll('\\', '/'))).href;
}

/** The folder of the package that a file belongs to. */
export function packageFolder(file: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
