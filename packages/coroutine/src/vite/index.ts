/** @percpu/coroutine/vite: transforms modules that Vite or vitest loads. */
import { MODULE, RUNTIME_PATH, transformFile } from '../load/load.ts';
import { isSelected } from '../load/selection.ts';
import type { Selection } from '../load/selection.ts';
import type { SourceMap } from '../transform.ts';

export type { Pattern, Selection } from '../load/selection.ts';

/** The part of Vite's `Plugin` that this is, so that Vite is no dependency. */
export interface CoroutinePlugin {
  readonly name: string;
  readonly enforce: 'pre';
  transform(code: string, id: string): { code: string; map: SourceMap } | undefined;
}

/**
 * A plugin for `plugins: [coroutine()]`. It runs before Vite's own transforms and strips types itself, so
 * that every position is that of the original file.
 */
export function coroutine(selection: Selection = {}): CoroutinePlugin {
  return {
    name: 'percpu-coroutine',
    enforce: 'pre',
    transform(code, id) {
      const path = id.replace(/[?#].*$/s, '');
      if (id.startsWith('\0') || !MODULE.test(path) || !isSelected(path, selection)) {
        return undefined;
      }
      return transformFile(code, path, selection, RUNTIME_PATH);
    },
  };
}
