/** The public packages: found, packed, and held against publint and Are The Types Wrong. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mustRun, run } from './command.ts';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface PublicPackage {
  readonly name: string;
  readonly folder: string;
  readonly commands: readonly string[];
  /** Peer dependencies in the versions that the workspace tests with. */
  readonly peers: Readonly<Record<string, string>>;
}

export function publicPackages(root: string): PublicPackage[] {
  return globSync('{packages,apps}/*/package.json', { cwd: root })
    .sort()
    .map((file) => ({
      folder: join(root, dirname(file)),
      manifest: JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest,
    }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ folder, manifest }) => ({
      name: manifest.name,
      folder,
      commands: Object.keys(manifest.bin ?? {}),
      peers: Object.fromEntries(
        Object.entries(manifest.peerDependencies ?? {}).map(([name, range]) => [
          name,
          manifest.devDependencies?.[name] ?? range,
        ]),
      ),
    }));
}

/** `npm pack` into `to`; returns the path of the tarball. */
export async function pack({ folder }: PublicPackage, to: string): Promise<string> {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', to];
  const packed = JSON.parse(await mustRun('npm', args, folder)) as [{ filename: string }];
  return join(to, packed[0].filename);
}

/** What publint and attw have against a tarball; empty if nothing. */
export async function faultsOf(tarball: string, cwd: string): Promise<string[]> {
  const checks = [
    ['publint', ['run', tarball, '--strict']],
    ['attw', [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji']],
  ] as const;
  const faults: string[] = [];
  for (const [command, args] of checks) {
    const { ok, output } = await run(command, args, cwd);
    if (!ok) faults.push(`${command}: ${output.trim()}`);
  }
  return faults;
}
