/**
 * The first mapped page says what a memory is: whose it is, how large, how far the boot allocator
 * has come, where the machine's own structures start. Written once by `createMemory`, before any other
 * thread knows of the memory; afterwards only `brk` and `root` change.
 */
import { layout } from './layout.ts';
import type { Layout } from './layout.ts';
import { PAGE_SIZE } from './memory.ts';
import type { Memory, Ptr } from './memory.ts';

/** "perc" and "pu\0\0" as little-endian words. */
const MAGIC_LOW = 0x6372_6570;
const MAGIC_HIGH = 0x0000_7570;

/** Raised whenever the meaning of the header changes. */
export const LAYOUT_VERSION = 1;

/** Unit of the size in the header: a WebAssembly page, in bytes. 65536 of them need one more bit than a byte count has. */
export const WASM_PAGE = 65_536;

export const Header: Layout<
  'magicLow' | 'magicHigh' | 'version' | 'wasmPages' | 'brk' | 'clockOrigin' | 'root'
> = layout(
  {
    magicLow: 'u32',
    magicHigh: 'u32',
    version: 'u32',
    wasmPages: 'u32',
    /** First byte never handed out by memblock. 64 bit: at 4 GiB it is 2^32. */
    brk: 'u64',
    /** Seconds on the host's clock that are 0 on the machine's. */
    clockOrigin: 'u32',
    /** The machine's own header; NULL until somebody sets it. */
    root: 'ptr',
  },
  { name: 'Header', cacheAligned: true },
);

/** Where the header lives. */
export const HEADER: Ptr = PAGE_SIZE;

/**
 * The word for the address of the structure that everything else is reached from. Starts as NULL; use
 * `compareExchange` where several CPUs may be first.
 */
export const ROOT: Ptr = HEADER + Header.root;

/** First byte that memblock hands out. */
export const FIRST_FREE: Ptr = HEADER + PAGE_SIZE;

/** Makes zeroed memory a percpu memory. Only its creator, before anybody else sees it. */
export function formatHeader(memory: Memory, clockOrigin: number): void {
  memory.store(HEADER + Header.version, LAYOUT_VERSION);
  memory.store(HEADER + Header.wasmPages, memory.byteLength / WASM_PAGE);
  memory.storeBig64(HEADER + Header.brk, BigInt(FIRST_FREE));
  memory.store(HEADER + Header.clockOrigin, clockOrigin);
  memory.store(ROOT, 0);
  memory.store(HEADER + Header.magicHigh, MAGIC_HIGH);
  memory.store(HEADER + Header.magicLow, MAGIC_LOW);
}

/** Throws unless `memory` was made by `createMemory` of this version. */
export function checkHeader(memory: Memory): void {
  if (
    memory.load(HEADER + Header.magicLow) !== MAGIC_LOW ||
    memory.load(HEADER + Header.magicHigh) !== MAGIC_HIGH
  ) {
    throw new TypeError(
      'attach: not a percpu memory (no magic number at the header); accepted is the `native` of a memory made by createMemory',
    );
  }
  const version = memory.load(HEADER + Header.version);
  if (version !== LAYOUT_VERSION) {
    throw new TypeError(
      `attach: a memory of layout version ${version}, this is version ${LAYOUT_VERSION}; use one version of @percpu/memory in all threads`,
    );
  }
  const bytes = memory.load(HEADER + Header.wasmPages) * WASM_PAGE;
  if (bytes !== memory.byteLength) {
    throw new TypeError(
      `attach: the header says ${bytes} bytes, the memory has ${memory.byteLength}; was it grown or copied?`,
    );
  }
}
