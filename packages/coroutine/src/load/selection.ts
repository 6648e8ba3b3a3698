/** Which modules are transformed. */
import { fileURLToPath } from 'node:url';

export type Pattern = string | RegExp;

export interface Selection {
  /** Paths that contain one of the strings or match one of the expressions. Default: all outside of node_modules. */
  readonly include?: readonly Pattern[];
  /** Stronger than `include`. Added to what is never transformed: this package and the engines that drive it. */
  readonly exclude?: readonly Pattern[];
  /** Files in which `Atomics.*` and `array[index]` are shared accesses. Default: none. */
  readonly atomics?: boolean | readonly Pattern[];
}

const OUTSIDE = /\/node_modules\/(?!@percpu\/)/;
/** The folder that this package and the engines are in: a workspace of somebody else may have a package `model` too. */
const BESIDE = withSlashes(fileURLToPath(new URL('../../../', import.meta.url)));
const ENGINES = /^(coroutine|simulator|explore|model)\/(src|dist)\//;
const INSTALLED =
  /\/node_modules\/(@percpu\/(coroutine|simulator|explore|model)\/(src|dist)\/|@vitest\/|vitest\/|vite\/)/;

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}

/** Does it run the code that is transformed? */
function isMachinery(path: string): boolean {
  if (INSTALLED.test(path)) return true;
  return path.startsWith(BESIDE) && ENGINES.test(path.slice(BESIDE.length));
}

function matches(path: string, patterns: readonly Pattern[]): boolean {
  return patterns.some((each) =>
    typeof each === 'string' ? path.includes(each) : each.test(path),
  );
}

export function isSelected(path: string, { include, exclude = [] }: Selection): boolean {
  const plain = withSlashes(path);
  if (isMachinery(plain) || matches(plain, exclude)) return false;
  return include === undefined ? !OUTSIDE.test(plain) : matches(plain, include);
}

export function hasDirectAtomics(path: string, { atomics = false }: Selection): boolean {
  return typeof atomics === 'boolean' ? atomics : matches(withSlashes(path), atomics);
}
