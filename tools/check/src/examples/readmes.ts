/** Which READMEs hold examples, and what the package beside each is called. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Readme {
  /** `packages/memory/README.md` */
  readonly path: string;
  /** `memory`, or `root`: a folder name for its examples. */
  readonly name: string;
  readonly text: string;
  /** A published package: its README has at least one example that runs. */
  readonly needsExample: boolean;
}

/** The README of the workspace and of every published package; a missing one has no text. */
export function findReadmes(root: string): Readme[] {
  const published = globSync('{packages,apps}/*/package.json', { cwd: root })
    .map((file) => dirname(file).replaceAll('\\', '/'))
    .filter((folder) => !isPrivate(join(root, folder, 'package.json')))
    .sort();
  return ['.', ...published].map((folder) => ({
    path: folder === '.' ? 'README.md' : `${folder}/README.md`,
    name: folder === '.' ? 'root' : folder.slice(folder.indexOf('/') + 1),
    text: readIfThere(join(root, folder, 'README.md')),
    needsExample: folder.startsWith('packages/'),
  }));
}

function isPrivate(manifest: string): boolean {
  const { private: value } = JSON.parse(readFileSync(manifest, 'utf8')) as { private?: boolean };
  return value === true;
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
