/** Where in the source an access is, for people. */
import { siteInfo } from '@percpu/coroutine/runtime';
import type { SiteInfo } from '@percpu/coroutine/runtime';

/** The last folder and the file: enough to find it, and the same on every machine. */
export function shortFile(file: string): string {
  return file
    .split(/[\\/]/)
    .slice(-2)
    .join('/')
    .replace(/[?#].*$/, '');
}

/** `ticketLock (src/ticket-lock.ts:31)`. */
export function placeOf(site: number): string {
  const info = siteInfo(site);
  if (info === undefined) return `site ${site}`;
  return `${functionOf(info)} (${shortFile(info.file)}:${info.line})`;
}

/** `ticketLock`. Code at the top of a module has the file's name. */
export function functionName(site: number): string {
  const info = siteInfo(site);
  return info === undefined ? `site ${site}` : functionOf(info);
}

function functionOf({ functionName: name, file }: SiteInfo): string {
  return name === '' ? shortFile(file) : name;
}

/** From 1. */
export function lineOf(site: number): number | undefined {
  return siteInfo(site)?.line;
}
