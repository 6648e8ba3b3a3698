/** Every shared access in transformed source has a number: its site. */
import { R } from './registers.ts';

/** Line (from 1), column (from 1), name of the function, source of the call. */
export type SiteRow = readonly [line: number, column: number, functionName: string, text: string];

export interface SiteFile {
  readonly base: number;
  readonly file: string;
  readonly rows: readonly SiteRow[];
}

export interface SiteInfo {
  /** The original source file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The nearest named function, or `Class.method`; '' at the top of a module. */
  readonly functionName: string;
  /** Source of the access, at most 60 characters. */
  readonly text: string;
}

/** Called at the top of each transformed module. Returns the number of the first row. */
export function registerSites(file: string, rows: readonly SiteRow[]): number {
  const base = R.nextSite;
  R.nextSite += rows.length;
  R.files.push({ base, file, rows });
  return base;
}

/** Where the site `n` is in the source; undefined if there is no such site. */
export function siteInfo(n: number): SiteInfo | undefined {
  let low = 0;
  let high = R.files.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (R.files[middle]!.base <= n) low = middle + 1;
    else high = middle;
  }
  const entry = R.files[low - 1];
  const row = entry?.rows[n - entry.base];
  if (entry === undefined || row === undefined) return undefined;
  const [line, column, functionName, text] = row;
  return { file: entry.file, line, column, functionName, text };
}

/** `memory.load(at) in lock (file:line:column)`, for messages. */
export function describeSite(n: number): string {
  const info = siteInfo(n);
  if (info === undefined) return `site ${n}`;
  const { file, line, column, functionName, text } = info;
  return `${text}${functionName === '' ? '' : ` in ${functionName}`} (${file}:${line}:${column})`;
}
