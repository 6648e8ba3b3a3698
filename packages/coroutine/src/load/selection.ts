/** Which modules are transformed. */

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
const ENGINES =
  /\/(packages|@percpu)\/(coroutine|simulator|explore|model)\/(src|dist)\/|\/node_modules\/(@vitest\/|vitest\/|vite\/)/;

function matches(path: string, patterns: readonly Pattern[]): boolean {
  return patterns.some((each) =>
    typeof each === 'string' ? path.includes(each) : each.test(path),
  );
}

export function isSelected(path: string, { include, exclude = [] }: Selection): boolean {
  const plain = path.replaceAll('\\', '/');
  if (ENGINES.test(plain) || matches(plain, exclude)) return false;
  return include === undefined ? !OUTSIDE.test(plain) : matches(plain, include);
}

export function hasDirectAtomics(path: string, { atomics = false }: Selection): boolean {
  return typeof atomics === 'boolean' ? atomics : matches(path.replaceAll('\\', '/'), atomics);
}
