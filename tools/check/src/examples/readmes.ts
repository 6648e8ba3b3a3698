/** Which READMEs hold examples, and what the package beside each is called. */
import { globSync, readFileSync } from 'node:fs';
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

/** The README of the workspace and of every published package. A missing one is an error. */
export function findReadmes(root: string): Readme[] {
  const published = globSync('{packages,apps}/*/package.json', { cwd: root })
    .map((file) => dirname(file).replaceAll('\\', '/'))
    .filter((folder) => !isPrivate(join(root, folder, 'package.json')))
    .sort();
  return ['.', ...published].map((folder) => ({
    path: folder === '.' ? 'README.md' : `${folder}/README.md`,
    name: folder === '.' ? 'root' : folder.slice(folder.indexOf('/') + 1),
    text: readFileSync(join(root, folder, 'README.md'), 'utf8'),
    needsExample: folder.startsWith('packages/'),
  }));
}

function isPrivate(manifest: string): boolean {
  const { private: value } = JSON.parse(readFileSync(manifest, 'utf8')) as { private?: boolean };
  return value === true;
}
