/** `createMemory`: a machine's memory, made new or attached to on another thread. */
import { atomicsMemory } from './atomics-memory.ts';
import { CheckedMemory } from './checked-memory.ts';
import { chooseBackend, trustedAtomicOps } from './choose-backend.ts';
import type { NativeBackend } from './choose-backend.ts';
import { hostClock, hostClockSeconds } from './clock.ts';
import type { Clock } from './clock.ts';
import { checkHeader, formatHeader, HEADER, Header, WASM_PAGE } from './header.ts';
import type { Memory } from './memory.ts';
import { instantiateAtomicOps } from './wasm/atomic-module.ts';
import { wasmMemory } from './wasm-memory.ts';

export interface MemoryOptions {
  /**
   * How atomic accesses are carried out. `auto` (default) measures for a few milliseconds and takes the
   * faster one; a launcher does that once and passes `memory.backend` on to its threads.
   */
  readonly backend?: 'auto' | NativeBackend;
  /**
   * Default true: every access is checked and a bad one throws a `MemoryFault`. False: the fastest
   * accesses there are, and a bad one is lost in silence.
   */
  readonly checked?: boolean;
  /** Nanoseconds, the same on all threads. Default: the host's monotonic clock, 0 at the memory's creation. */
  readonly clock?: Clock;
}

export interface NewMemory extends MemoryOptions {
  /** Size: 64 KiB to 4 GiB, rounded up to a multiple of 64 KiB. */
  readonly bytes: number;
  readonly native?: undefined;
}

export interface AttachMemory extends MemoryOptions {
  /** `memory.native` of the memory to attach to, as received from its creator. */
  readonly native: WebAssembly.Memory;
  readonly bytes?: undefined;
}

const MAX_BYTES = 2 ** 32;

/**
 * With `bytes`: a new memory, zeroed, of fixed length (a growable one makes each access three times
 * dearer). With `native`: the same memory on another thread; post `memory.native` to it.
 *
 * Any thread of the host. Throws on a size that is not accepted, on a memory that is not ours, and when
 * the host has no room.
 */
export function createMemory(options: NewMemory | AttachMemory): Memory {
  refuseBadOptions(options);
  return options.native === undefined ? createNew(options) : attach(options);
}

function createNew(options: NewMemory): Memory {
  const native = allocate(sizeInPages(options.bytes));
  const origin = hostClockSeconds();
  const memory = backendOver(
    native,
    options.backend ?? 'auto',
    options.clock ?? hostClock(origin),
    true,
  );
  formatHeader(memory, origin);
  return options.checked === false ? memory : new CheckedMemory(memory);
}

function attach(options: AttachMemory): Memory {
  const { native } = options;
  if (!(native instanceof WebAssembly.Memory) || !isShared(native.buffer)) {
    throw new TypeError(
      'createMemory: native is no shared WebAssembly.Memory; pass on `memory.native` of a memory made by createMemory',
    );
  }
  if (native.buffer.byteLength < HEADER + Header.size) {
    throw new TypeError(
      `createMemory: native has ${native.buffer.byteLength} bytes, too few for a percpu memory`,
    );
  }
  const looker = atomicsMemory(native, () => 0);
  checkHeader(looker);
  const clock = options.clock ?? hostClock(looker.load(HEADER + Header.clockOrigin));
  const memory = backendOver(native, options.backend ?? 'auto', clock, false);
  return options.checked === false ? memory : new CheckedMemory(memory);
}

function sizeInPages(bytes: number): number {
  if (!Number.isSafeInteger(bytes) || bytes < WASM_PAGE || bytes > MAX_BYTES) {
    throw new RangeError(
      `createMemory: ${bytes} bytes; accepted are whole numbers from ${WASM_PAGE} (64 KiB) to ${MAX_BYTES} (4 GiB)`,
    );
  }
  return Math.ceil(bytes / WASM_PAGE);
}

function allocate(pages: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    const reason = `createMemory: the host has no room for ${pages * WASM_PAGE} bytes of shared memory`;
    throw new RangeError(reason, { cause: error });
  }
}

/** `isNew`: nobody else sees the memory yet, so the self-check may write to it. */
function backendOver(
  native: WebAssembly.Memory,
  backend: 'auto' | NativeBackend,
  clock: Clock,
  isNew: boolean,
): Memory {
  const chosen = backend === 'auto' ? chooseBackend().backend : backend;
  if (chosen === 'atomics') return atomicsMemory(native, clock);
  // All threads of a machine run the same module: once checked when the memory was made is enough.
  const ops = isNew ? trustedAtomicOps(native) : instantiateAtomicOps(native);
  if (typeof ops === 'string')
    throw new Error(`createMemory: the backend "wasm" fails its self-check: ${ops}; use "atomics"`);
  return wasmMemory(native, clock, ops);
}

function isShared(buffer: ArrayBufferLike): buffer is SharedArrayBuffer {
  return buffer instanceof SharedArrayBuffer;
}

function refuseBadOptions(options: NewMemory | AttachMemory): void {
  if ((options.bytes === undefined) === (options.native === undefined)) {
    throw new TypeError(
      'createMemory: accepted is either bytes (a new memory) or native (one to attach to), not both',
    );
  }
  const backend: unknown = options.backend;
  if (backend !== undefined && backend !== 'auto' && backend !== 'atomics' && backend !== 'wasm') {
    throw new TypeError(
      `createMemory: unknown backend ${JSON.stringify(backend)}; accepted are "auto", "atomics", "wasm"`,
    );
  }
  // Typed arrays use the order of the host, wasm and the 64-bit halves the little-endian one.
  if (new Uint8Array(new Uint32Array([1]).buffer)[0] !== 1) {
    throw new Error('createMemory: this host is big-endian; percpu runs on little-endian hosts');
  }
}
