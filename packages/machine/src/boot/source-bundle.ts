/**
 * When run from source: all modules that a CPU loads, as one. Node's loader would spend most of a worker's start on
 * finding and compiling some 150 small files, in each thread again; the host bundles them once for all workers.
 * A build is bundled already and needs none of this.
 *
 * The bundle holds this package and memory. In place of each of their modules workers get a stub that exports its
 * part of the bundle again, so that there is one instance, whoever imports it and by whatever way.
 */
import { readdirSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { OutputChunk, rolldown as bundlerOf } from 'rolldown';
import { FILE } from './serve-bundle.ts';
import type { LineOrigins, SourceBundle } from './serve-bundle.ts';
import { sibling } from './sibling.ts';

/** One run of the bundler takes as long as the boot of three CPUs, and its result holds as long as the process. */
// eslint-disable-next-line percpu/no-module-state -- what modules say does not depend on machine or CPU
let bundled: Promise<SourceBundle | undefined> | undefined;

/** The bundle, made at the first call. Undefined where there is nothing to bundle, or nothing to do it with. */
export function sourceBundle(): Promise<SourceBundle | undefined> {
  return (bundled ??= bundleSources());
}

async function bundleSources(): Promise<SourceBundle | undefined> {
  const rolldown = await importRolldown();
  if (rolldown === undefined) return undefined;
  const bundler = await rolldown({
    input: [
      fileURLToPath(sibling(import.meta.url, './worker')),
      ...modulesBeside(sibling(import.meta.url, '../index').href),
      ...modulesBeside(import.meta.resolve('@percpu/memory')),
    ],
    platform: 'neutral',
    external: /^node:/,
    resolve: { conditionNames: ['@percpu/source', 'import'] },
    treeshake: false,
  });
  const { output } = await bundler.generate({
    // All that is no entry, which is all the code there is.
    codeSplitting: { groups: [{ name: 'cpu-modules', test: /./ }] },
    comments: false,
    // Where the source map is relative to; nothing is written.
    dir: fileURLToPath(new URL('.', import.meta.url)),
    minifyInternalExports: false,
    sourcemap: 'hidden',
  });
  await bundler.close();
  return posted(output.filter((file) => file.type === 'chunk'));
}

function posted(chunks: readonly OutputChunk[]): SourceBundle {
  const bundle = chunks.find(({ facadeModuleId }) => facadeModuleId === null)!;
  const url = new URL(bundle.fileName, import.meta.url).href;
  const sources: Record<string, string> = { [url]: bundle.code };
  for (const { facadeModuleId, code } of chunks) {
    if (facadeModuleId === null) continue;
    // Specifiers are relative to one folder of output; the stubs are served from many.
    const stub = code.replaceAll(`"./${bundle.fileName}"`, JSON.stringify(url));
    sources[pathToFileURL(facadeModuleId).href] = stub;
  }
  return { url, sources, origin: originsOf(bundle, url) };
}

function originsOf({ code, map }: OutputChunk, url: string): LineOrigins {
  const files = map!.sources.map((path) => new URL(path, url).href);
  const numbers = new Map(map!.sources.map((path, number) => [path, number]));
  const trace = new module.SourceMap(map as unknown as module.SourceMapPayload);
  const lines = code.split('\n').map((text, line) => {
    const found = trace.findEntry(line, text.length);
    if (!('originalSource' in found) || found.generatedLine !== line) return 0;
    return numbers.get(found.originalSource)! * FILE + found.originalLine + 1;
  });
  return { files, lines: [0, ...lines] };
}

/** Experiments, explorations and `boot` are for whoever asks for them, and some of their modules need an address of their own. */
function modulesBeside(index: string): string[] {
  const folder = fileURLToPath(new URL('.', index));
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/^(?:experiments|explorations|boot)\b/.test(file))
    .map((file) => folder + file);
}

/** A tool of the workspace; whoever takes the sources of the published package does without. */
async function importRolldown(): Promise<typeof bundlerOf | undefined> {
  // Node 22 has it from 22.15 on.
  const canServe = typeof module.registerHooks === 'function';
  if (!canServe || !import.meta.url.endsWith('.ts')) return undefined;
  try {
    return (await import('rolldown')).rolldown;
  } catch {
    return undefined;
  }
}
