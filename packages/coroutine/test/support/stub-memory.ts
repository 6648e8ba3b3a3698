/** Eight words, each access put off; and a driver that makes it and goes on. */
import { begin, putOff, siteInfo, takeSite } from '../../src/runtime/index.ts';
import type { SiteInfo } from '../../src/runtime/index.ts';

export interface StubMemory {
  load(at: number): number;
}

export interface Run<T> {
  readonly value: T;
  readonly sites: readonly SiteInfo[];
}

/** Runs `fn(memory)` to its end. `words`: what `load` finds. */
export function drive<T>(fn: (memory: StubMemory) => T, words: readonly number[] = []): Run<T> {
  const sites: SiteInfo[] = [];
  let pending = 0;
  const memory: StubMemory = {
    load(at) {
      const site = takeSite();
      sites.push(siteInfo(site)!);
      pending = words[at] ?? 0;
      return putOff(site) as never;
    },
  };
  const frame = begin(fn, undefined, [memory]);
  let step = frame.next();
  while (step.done !== true) step = frame.next(pending);
  return { value: step.value, sites };
}

/** Each access is put off; whoever drives says what it finds. */
export function stubMemory(sites: number[]): StubMemory {
  return {
    load() {
      const site = takeSite();
      sites.push(site);
      return putOff(site) as never;
    },
  };
}
