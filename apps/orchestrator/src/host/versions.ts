import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageFolder, readManifest } from '../discovery/installed.ts';

/** The version of the command, from its package.json. */
export function ownVersion(): string {
  const folder = packageFolder(fileURLToPath(import.meta.url));
  return (folder === undefined ? undefined : readManifest(folder)?.version) ?? 'unknown';
}

/**
 * The git revision of a folder, with `-dirty` when there are changes; undefined where there is no
 * repository or no git. Takes at most two seconds.
 */
export async function gitRevision(cwd: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(
      'git',
      ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'],
      { cwd, timeout: 2000 },
    );
    const revision = stdout.trim();
    return revision === '' ? undefined : revision;
  } catch {
    return undefined;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The first of these programs that is on PATH, with its full path. */
export function findProgram(names: readonly string[], env: Environment): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isProgram(path)) return path;
    }
  }
  return undefined;
}

/** The browser that tests use: what CHROMIUM names, or what is on PATH. */
export function findChromium(env: Environment): string | undefined {
  const named = env.CHROMIUM;
  if (named !== undefined && named !== '') return isProgram(named) ? named : undefined;
  return findProgram(['chromium', 'chromium-browser', 'google-chrome', 'chrome'], env);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
