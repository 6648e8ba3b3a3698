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

const KEY = Symbol.for('percpu.coroutine');
// The state of this thread's engine, of which there can be only one at a time: no machine could hold it, because
// the emitted code that writes it knows of none.
// eslint-disable-next-line percpu/no-module-state
export const R: Registers = (Reflect.get(globalThis, KEY) as Registers | undefined) ?? {
  site: 0,
  pending: false,
  pendingSite: 0,
  YIELD: Object.freeze({ kind: 'percpu.yield' }),
  atomics: undefined,
  elements: undefined,
  files: [],
  nextSite: 1,
};
Object.defineProperty(globalThis, KEY, { value: R, configurable: true });

export const YIELD: Yield = R.YIELD;
