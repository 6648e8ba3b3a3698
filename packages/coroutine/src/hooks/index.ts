/** @percpu/coroutine/hooks: transforms modules that Node loads, from when the program says so. */
import { registerHooks } from 'node:module';
import type { LoadFnOutput } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MODULE, RUNTIME_URL, transformFile } from '../load/load.ts';
import { isSelected } from '../load/selection.ts';
import type { Selection } from '../load/selection.ts';

export type { Pattern, Selection } from '../load/selection.ts';

/**
 * From now on, modules that this thread loads are transformed. Returns a function that ends it.
 * A worker thread has hooks of its own: call this there too, or start it with `--import`.
 */
export function registerCoroutine(selection: Selection = {}): () => void {
  process.setSourceMapsEnabled(true);
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      return transformed(url, loaded, selection) ?? loaded;
    },
  });
  return () => {
    hooks.deregister();
  };
}

function transformed(
  url: string,
  loaded: LoadFnOutput,
  selection: Selection,
): LoadFnOutput | undefined {
  if (!url.startsWith('file:') || !MODULE.test(new URL(url).pathname)) return undefined;
  if (!/^module(-typescript)?$/.test(loaded.format ?? '') || loaded.source === undefined)
    return undefined;
  const path = fileURLToPath(url);
  if (!isSelected(path, selection)) return undefined;
  const source =
    typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
  const result = transformFile(source, path, selection, RUNTIME_URL);
  if (result === undefined) return undefined;
  // Node wants an address where Vite wants a path.
  const map = JSON.stringify({ ...result.map, sources: [url] });
  const inline = Buffer.from(map).toString('base64');
  return {
    format: 'module',
    source: `${result.code}\n//# sourceMappingURL=data:application/json;base64,${inline}`,
    shortCircuit: true,
  };
}
