/**
 * What transformed code, simulated memory and drivers tell each other, one set per thread.
 *
 *   transformed code   site = n ──▶ memory.load(at)
 *   memory             takes site (0: nobody controls this call), answers at once or with YIELD + pending
 *   transformed code   YIELD ──▶ yield ──▶ driver: pending = false, …, resumes with the value
 *
 * It lives on `globalThis`, so that two copies of this module (source and dist, vitest and node) agree.
 */
import type { AtomicsHooks, ElementHooks } from './hooks.ts';
import type { SiteFile } from './sites.ts';

/** The key under which a plain function carries its twin. */
export const TWIN: unique symbol = Symbol.for('percpu.twin') as typeof TWIN;

/** What a memory answers instead of a value, and what a frame then yields. There is one. */
export interface Yield {
  readonly kind: 'percpu.yield';
}

export interface Registers {
  /** Number of the seam call that is about to be made; 0 = none. The memory sets it back to 0. */
  site: number;
  /** The memory has answered YIELD, and the driver has not seen it yet. */
  pending: boolean;
  /** The site of the access that is pending, or was the last to be: for messages. */
  pendingSite: number;
  readonly YIELD: Yield;
  /** Where `Atomics.*` of transformed code goes. */
  atomics: AtomicsHooks | undefined;
  /** Where `array[index]` of transformed code goes. */
  elements: ElementHooks | undefined;
  /** Tables of the transformed modules, by ascending base. */
  readonly files: SiteFile[];
  nextSite: number;
}

const KEY: unique symbol = Symbol.for('percpu.coroutine') as typeof KEY;
const shared = globalThis as { [KEY]?: Registers };

export const R: Registers = (shared[KEY] ??= {
  site: 0,
  pending: false,
  pendingSite: 0,
  YIELD: Object.freeze({ kind: 'percpu.yield' }),
  atomics: undefined,
  elements: undefined,
  files: [],
  nextSite: 1,
});

export const YIELD: Yield = R.YIELD;
