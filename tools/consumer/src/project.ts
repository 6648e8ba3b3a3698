/** An empty project of somebody else, with our tarballs installed. */
import { readFileSync } from 'node:fs';
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ts from 'typescript';
import { isOffline, mustRun, QUIET, run } from './command.ts';

export interface ProjectOptions {
  readonly folder: string;
  readonly tarballs: readonly string[];
  /** What the READMEs tell a reader to install as well. */
  readonly also: Readonly<Record<string, string>>;
}

/** Can npm get at these packages? Asked once and without patience, before anything relies on it. */
export async function isReachable(
  packages: Readonly<Record<string, string>>,
  cwd: string,
): Promise<boolean> {
  for (const [name, version] of Object.entries(packages)) {
    const args = ['view', `${name}@${version}`, 'version', '--prefer-offline', '--fetch-retries=0'];
    try {
      await mustRun('npm', args, cwd);
    } catch (error) {
      if (isOffline(error)) return false;
      throw error;
    }
  }
  return true;
}

export async function makeProject({ folder, tarballs, also }: ProjectOptions): Promise<void> {
  await mkdir(folder, { recursive: true });
  const manifest = { name: 'a-stranger', private: true, type: 'module' };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  const others = Object.entries(also).map(([name, version]) => `${name}@${version}`);
  await mustRun('npm', ['install', ...QUIET, ...tarballs, ...others], folder);
}

/** Type errors of the examples against the published declarations; empty if there are none. */
export async function typeErrors(root: string, folder: string): Promise<string> {
  const { compilerOptions } = JSON.parse(
    readFileSync(join(root, 'tsconfig.base.json'), 'utf8'),
  ) as { compilerOptions: { target: string } };
  const config = {
    compilerOptions: {
      // As in a fresh project: the default libraries, and our declarations checked as well.
      target: compilerOptions.target,
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      allowImportingTsExtensions: true,
    },
    include: ['examples'],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { ok, output } = await run('tsc', ['-p', folder, '--pretty', 'false'], root);
  return ok ? '' : output.trim();
}

/**
 * What a reader's build does, in place: no types, and `using` in the terms of ES2022. Node 22 strips
 * types itself but does not know `using`. The files keep their names, and with them their URLs.
 */
export async function transpile(folder: string): Promise<void> {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
  };
  for await (const file of glob('**/*.ts', { cwd: folder })) {
    const path = join(folder, file);
    const source = await readFile(path, 'utf8');
    await writeFile(path, ts.transpileModule(source, { compilerOptions }).outputText);
  }
}
