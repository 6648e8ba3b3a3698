/**
 * The sources of our own modules, read and resolved once by the host and handed to every worker. Node's loader
 * spends most of a worker's start on finding some 150 small files, in each thread again; served from here
 * they cost half the time, and 3 MB less a thread.
 *
 * Only our own packages are served. What is not in the cache, and every module of the user's, takes the usual way,
 * and the URLs are the same either way, so there is one instance of each module.
 */
import { readFileSync } from 'node:fs';
import module from 'node:module';
import { sibling } from './sibling.ts';

/** Plain data: posted to workers. */
export interface ModuleCache {
  /** By URL. */
  readonly sources: Readonly<Record<string, string>>;
  /** URLs of the packages that our modules import by name. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Everything that the entry points of this package load, as far as it is ours. On the host. */
export function collectModules(): ModuleCache {
  const sources: Record<string, string> = {};
  const packages: Record<string, string> = {};
  const queue = [
    sibling(import.meta.url, './worker').href,
    sibling(import.meta.url, '../index').href,
  ];
  for (let url = queue.pop(); url !== undefined; url = queue.pop()) {
    if (url in sources) continue;
    const source = readFileSync(new URL(url), 'utf8');
    sources[url] = withoutComments(source);
    for (const name of importsOf(source)) {
      if (name.startsWith('.')) queue.push(new URL(name, url).href);
      else if (name.startsWith('@percpu/')) {
        packages[name] ??= import.meta.resolve(name);
        queue.push(packages[name]);
      }
    }
  }
  return { sources, packages };
}

/** Static imports and re-exports: a statement each, at the start of a line, as our formatter leaves them. */
function importsOf(source: string): string[] {
  const statements = /^(?:import|export)(?! type)[^;'"]*?from ['"]([^'"]+)['"]/gm;
  return Array.from(source.matchAll(statements), ([, name]) => name!);
}

/**
 * Without the comments that start a line: V8 keeps the source of every module in every thread, and half of ours
 * is these. Line numbers stay as they are, for stack traces are read by people.
 */
function withoutComments(source: string): string {
  const comments = /^[ \t]*(?:\/\*\*[^]*?\*\/|\/\/.*)$/gm;
  return source.replace(comments, (comment) => comment.replace(/[^\n]/g, ''));
}

/** Serves them in this thread from now on. Each once: a thread loads a module once. */
export function serveModules({ sources, packages }: ModuleCache): void {
  const left = new Map(Object.entries(sources));
  const ours = new Set(left.keys());
  // Node 22 has it from 22.15 on; without it everything takes the usual way.
  if (typeof module.registerHooks !== 'function') return;
  module.registerHooks({
    resolve(name, context, next) {
      const { parentURL } = context;
      if (parentURL === undefined || !ours.has(parentURL)) return next(name, context);
      const url = name.startsWith('.') ? new URL(name, parentURL).href : packages[name];
      if (url === undefined || !ours.has(url)) return next(name, context);
      return { url, format: formatOf(url), shortCircuit: true };
    },
    load(url, context, next) {
      const source = left.get(url);
      if (source === undefined) return next(url, context);
      left.delete(url);
      return { format: formatOf(url), source, shortCircuit: true };
    },
  });
}

function formatOf(url: string): 'module' | 'module-typescript' {
  return url.endsWith('.ts') ? 'module-typescript' : 'module';
}
