/** What threads.spec.ts asks of hammer-worker.ts, and where in memory. */
import { array, cacheAligned, layout } from '../src/index.ts';
import type { NativeBackend, Ptr } from '../src/index.ts';

export interface Job {
  readonly native: WebAssembly.Memory;
  readonly backend: NativeBackend;
  readonly checked: boolean;
  readonly what: 'hammer' | 'ping-pong';
  /** The `WORDS`. */
  readonly at: Ptr;
  /** 0 or 1. */
  readonly self: number;
  readonly rounds: number;
}

export const WORDS = layout({
  ready: cacheAligned('u32'),
  add: cacheAligned('u32'),
  add64: cacheAligned('u64'),
  addBig64: cacheAligned('u64'),
  compareExchange: cacheAligned('u32'),
  compareExchange8: cacheAligned('u8'),
  compareExchange16: cacheAligned('u16'),
  compareExchange64: cacheAligned('u64'),
  bits: cacheAligned('u32'),
  exchanged: cacheAligned('u32'),
  /** How many each of the two took out of `exchanged`. */
  taken: cacheAligned(array('u32', 2)),
  turn: cacheAligned('u32'),
});
