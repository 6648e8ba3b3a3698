import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A look at the files by which Linux describes itself (/proc, /sys). Everything that cannot be
 * read is undefined or empty: other systems, containers and sandboxes have only some of them.
 */
export interface SystemFiles {
  /** The content of a file, without trailing blanks. */
  read(path: string): string | undefined;
  /** The names in a folder. */
  list(path: string): readonly string[];
}

/** `root` replaces / in tests. */
export function systemFiles(root = '/'): SystemFiles {
  return {
    read(path) {
      try {
        return readFileSync(join(root, path), 'utf8').trimEnd();
      } catch {
        return undefined;
      }
    },
    list(path) {
      try {
        return readdirSync(join(root, path)).sort();
      } catch {
        return [];
      }
    },
  };
}
