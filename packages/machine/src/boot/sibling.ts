/**
 * URL of a module next to the caller's own, with the caller's extension: `.ts` when run from source,
 * `.js` when run from a build. For worker entry files, whose URL no compiler rewrites.
 */
export function sibling(metaUrl: string, path: string): URL {
  return new URL(path + (metaUrl.endsWith('.ts') ? '.ts' : '.js'), metaUrl);
}
