/**
 * The smallest memory that an engine could have: each access is made when it is called, and its result is
 * handed over when the CPU is resumed. Until `control` it is the memory below, for setting up.
 */
import type { Memory } from '@percpu/memory';
import { putOff, takeSite } from '../../src/runtime/index.ts';

const OWN_CALLS = new Set(['readOwn', 'writeOwn', 'describe']);

export class SteppedMemory {
  readonly checked: boolean = false;
  readonly backend: string = 'controlled';
  readonly native: undefined = undefined;
  readonly byteLength: number;
  readonly below: Memory;
  /** Result of the access that was made last. */
  result: unknown = undefined;

  constructor(below: Memory) {
    this.below = below;
    this.byteLength = below.byteLength;
  }

  readOwn(at: number): number {
    return this.below.readOwn(at);
  }

  writeOwn(at: number, value: number): void {
    this.below.writeOwn(at, value);
  }

  /** Wakes up at once, as a real one may. To sleep would stop all CPUs: they share the thread. */
  wait(): unknown {
    const site = takeSite();
    this.result = 'timed-out';
    return putOff(site);
  }

  describe(): void {}
}

/** A method like these in a loop would be slow: V8 would see one function for all of them. */
function define(name: string, parameters: string): void {
  const source = `return { ${name}(${parameters}) {
    const site = takeSite();
    this.result = this.below.${name}(${parameters});
    return putOff(site);
  } }.${name}`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const make = new Function('takeSite', 'putOff', source) as (...args: unknown[]) => unknown;
  Object.defineProperty(SteppedMemory.prototype, name, { value: make(takeSite, putOff) });
}

/** Gives `SteppedMemory` the accesses that `memory` has. */
export function defineAccesses(memory: Memory): void {
  const own = Object.getPrototypeOf(memory) as object;
  for (const prototype of [own, Object.getPrototypeOf(own) as object]) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const value: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
      if (name === 'constructor' || OWN_CALLS.has(name) || typeof value !== 'function') continue;
      if (name in SteppedMemory.prototype) continue;
      define(name, ['a', 'b', 'c', 'd'].slice(0, Math.max(value.length, 1)).join(','));
    }
  }
}
