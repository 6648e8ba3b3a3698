/** URL of a module next to the caller's own, with the caller's extension: worker entries, which no compiler rewrites. */
export function sibling(metaUrl: string, path: string): URL {
  return new URL(path + (metaUrl.endsWith('.ts') ? '.ts' : '.js'), metaUrl);
}
