/**
 * Where the SharedArrayBuffers of a user's own code are in simulated memory. Each that `setup` makes gets an address, in the
 * order of their making: the same in every run, whoever touches them first.
 */
import { array, layout, memblockAlloc } from '@percpu/memory';
import type { LayoutInfo, Memory, Ptr } from '@percpu/memory';

const ALIGN = 64;

export class SharedBuffers {
  private readonly places: Map<SharedArrayBuffer, Ptr> = new Map<SharedArrayBuffer, Ptr>();
  /** SharedArrayBuffer, for set-up: gives each that it makes a place in `memory`. */
  private readonly placing: SharedArrayBufferConstructor;

  constructor(memory: Memory) {
    const { places } = this;
    this.placing = new Proxy(globalThis.SharedArrayBuffer, {
      construct(target, args: [number], newTarget) {
        const made = Reflect.construct(target, args, newTarget) as SharedArrayBuffer;
        places.set(made, placeFor(memory, made, places.size));
        return made;
      },
    });
  }

  clear(): void {
    this.places.clear();
  }

  /** Runs `setUp`, and gives every SharedArrayBuffer that it makes a place. Plain code. */
  during<T>(setUp: () => T): T {
    const Native = globalThis.SharedArrayBuffer;
    globalThis.SharedArrayBuffer = this.placing;
    try {
      return setUp();
    } finally {
      globalThis.SharedArrayBuffer = Native;
    }
  }

  /** The address of the first byte of `buffer`. @throws Error for one that no `setup` made. */
  addressOf(buffer: SharedArrayBuffer): Ptr {
    const at = this.places.get(buffer);
    if (at !== undefined) return at;
    throw new Error(
      `an array over a SharedArrayBuffer of ${buffer.byteLength} bytes that was made outside of setup; every run begins with fresh memory, so make it in setup`,
    );
  }
}

function placeFor(memory: Memory, { byteLength }: SharedArrayBuffer, index: number): Ptr {
  const bytes = Math.max(4, Math.ceil(byteLength / 8) * 8);
  const at = memblockAlloc(memory, bytes, ALIGN);
  memory.describe(at, shapeOf(bytes), `buffer${index}`);
  return at;
}

/** A report calls a word `buffer0.int32[3]`, as the first view that most code makes does. */
function shapeOf(bytes: number): LayoutInfo {
  return layout({ int32: array('i32', bytes / 4) }, { name: 'SharedArrayBuffer' });
}
