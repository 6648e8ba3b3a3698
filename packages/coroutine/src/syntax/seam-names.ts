/** Names by which calls are known without knowing their types. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Methods of a memory that are one shared access each: contract of `@percpu/memory`. */
export const SEAM_NAMES: ReadonlySet<string> = words(`
  load store exchange compareExchange fetchAdd fetchAnd fetchOr fetchXor
  load8 store8 exchange8 compareExchange8 load16 store16 exchange16 compareExchange16
  load64 store64 exchange64 compareExchange64 fetchAdd64
  loadBig64 storeBig64 compareExchangeBig64 fetchAddBig64
  read write readSigned read8 write8 read16 write16 read64 write64 readF64 writeF64 copy fill
  wait notify now pause delay choose
`);

/** Global objects whose methods call nothing of ours, or call it as plain code and are caught. */
export const PLAIN_GLOBALS: ReadonlySet<string> = words(`
  Math Number Object JSON Array BigInt String Symbol Reflect Atomics Date Promise Error TypeError RangeError
  Boolean ArrayBuffer SharedArrayBuffer console performance globalThis Intl Map Set process
  parseInt parseFloat isNaN isFinite structuredClone queueMicrotask setTimeout clearTimeout eval
`);

/** Methods of built-ins that call back. A function literal given to one of these runs as plain code. */
export const CALLING_BACK: ReadonlySet<string> = words(`
  map filter forEach some every find findIndex findLast findLastIndex reduce reduceRight sort toSorted
  flatMap then catch finally replace replaceAll from
`);
