/** A source file as it is on disk, TypeScript or not, made into transformed JavaScript. */
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transform } from '../transform.ts';
import type { Transformed } from '../transform.ts';
import { hasDirectAtomics } from './selection.ts';
import type { Selection } from './selection.ts';

/** This package's own runtime, whether it runs from source or as built. */
export const RUNTIME_URL: string = new URL(
  import.meta.url.endsWith('.ts') ? '../runtime/index.ts' : '../runtime/index.js',
  import.meta.url,
).href;
export const RUNTIME_PATH: string = fileURLToPath(RUNTIME_URL);

const TYPESCRIPT = /\.[cm]?ts$/;
export const MODULE: RegExp = /\.[cm]?[jt]s$/;

/**
 * Positions in `source` are those of the result's source map, because types are replaced by blanks.
 * @throws CoroutineError
 */
export function transformFile(
  source: string,
  path: string,
  selection: Selection,
  runtime: string,
): Transformed | undefined {
  const code = stripTypes(source, path);
  return transform(code, { file: path, atomics: hasDirectAtomics(path, selection), runtime });
}

function stripTypes(source: string, path: string): string {
  if (!TYPESCRIPT.test(path)) return source;
  // Node says with each first use that this function is experimental. Who runs us has not chosen it.
  const emitWarning: unknown = Reflect.get(process, 'emitWarning');
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' });
  } finally {
    Reflect.set(process, 'emitWarning', emitWarning);
  }
}
