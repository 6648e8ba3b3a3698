/**
 * Is package-lock.json complete?
 *
 * A registry may lack some of the per-platform packages of a release. `npm install` then leaves
 * them out of the lock without a word, and `npm ci` refuses that lock, at the latest on the other
 * platform ("Missing: X from lock file"). So every optional dependency that a locked package asks
 * for has to be in the lock, at a place where Node would find it.
 */
import { readFileSync } from 'node:fs';
import { argv, exit } from 'node:process';

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** One line for each package that the lock should hold and does not. */
export function missingFromLock({ packages }: Lock): string[] {
  const missing: string[] = [];
  for (const [at, { optionalDependencies = {}, version = '' }] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      if (!foundFrom(at, name, packages)) {
        missing.push(`${at === '' ? 'the workspace' : `${at}@${version}`} needs ${name}@${range}`);
      }
    }
  }
  return missing;
}

/** Node's look-up: node_modules beside the package, then of each folder that encloses it. */
function foundFrom(at: string, name: string, packages: Lock['packages']): boolean {
  for (let folder = at; ; folder = enclosing(folder)) {
    const prefix = folder === '' ? '' : `${folder}/`;
    if (packages[`${prefix}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}

function enclosing(folder: string): string {
  const end = folder.lastIndexOf('/node_modules/');
  return end === -1 ? '' : folder.slice(0, end);
}

if (import.meta.main) {
  const missing = missingFromLock(
    JSON.parse(readFileSync(argv[2] ?? 'package-lock.json', 'utf8')) as Lock,
  );
  for (const line of missing) console.error(line);
  if (missing.length > 0) {
    console.error(
      `package-lock.json lacks ${missing.length} packages: use a version that the registry holds ` +
        'whole (CONTRIBUTING.md, "Dependencies")',
    );
  }
  exit(missing.length === 0 ? 0 : 1);
}
