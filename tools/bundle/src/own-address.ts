/**
 * A module of `src` that asks for its own address gets the one that it would have in `dist`, whichever chunk it has
 * become part of: what it names relative to that (`sibling(import.meta.url, './worker')`) is there.
 */
import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path/posix';
import type { Plugin } from 'rolldown';

const ADDRESS = 'import.meta.url';
const OWN = /"own-address:([^"]+)"/g;

/** `src` with slashes, also on Windows. */
export function ownAddress(src: string): Plugin {
  return {
    name: 'own-address',
    // Only lines change that name an address, and they stay where they are: the source map holds as it is.
    transform(code, id) {
      if (!code.includes(ADDRESS)) return null;
      const own = relative(src, id.replaceAll('\\', '/')).replace(/\.ts$/, '.js');
      const asked = `new URL("own-address:${own}", ${ADDRESS}).href`;
      return { code: code.replaceAll(ADDRESS, asked), map: null };
    },
    renderChunk(code, { fileName }) {
      if (!code.includes('"own-address:')) return null;
      const from = dirname(fileName);
      const named = code.replace(OWN, (_, own: string) => JSON.stringify(relative(from, own)));
      return { code: named, map: null };
    },
  };
}

/** The modules that `file` names relative to its own address, without extension. */
export function namedBeside(src: string, file: string): string[] {
  const text = readFileSync(`${src}/${file}`, 'utf8');
  const names = Array.from(
    text.matchAll(/\(import\.meta\.url, '(\.[^']+)'\)/g),
    ([, path]) => path!,
  );
  return names.map((path) => new URL(path, `file:///${file}`).pathname.slice(1));
}
