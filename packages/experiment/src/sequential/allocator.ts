/** An allocator: what is handed out does not overlap, and only what was handed out comes back. */

import type { Ptr } from '../bench-cpu.ts';
import { checkCapacity, returned, sequentialSpec } from './spec.ts';
import type { SequentialSpec, Steps } from './spec.ts';

/** Live blocks, `[address, bytes]`, ascending. */
type Blocks = readonly (readonly [at: Ptr, bytes: number])[];

export interface AllocatorOptions {
  /** Blocks that can be live at a time: only then may `alloc` fail. Default: it may fail at any time. */
  readonly capacity?: number;
  /** What `alloc` returns when it fails. Default 0, NULL. */
  readonly failed?: unknown;
}

/** `alloc(bytes = 1)` → an address, and `free(address)`. */
export function allocatorSpec({
  capacity,
  failed = 0,
}: AllocatorOptions = {}): SequentialSpec<Blocks> {
  if (capacity !== undefined) checkCapacity('allocator', capacity);
  const steps: Steps<Blocks> = {
    alloc: (state, [bytes = 1], op) => {
      // Where it would have been put is not known, and nobody can have freed it.
      if (op.pending) return state;
      if (returned(op, failed))
        return capacity === undefined || state.length >= capacity ? state : undefined;
      const at = op.result as Ptr;
      const end = at + (bytes as number);
      if (capacity !== undefined && state.length >= capacity) return undefined;
      if (state.some(([other, size]) => at < other + size && other < end)) return undefined;
      return [...state, [at, bytes as number] as const].sort(([a], [b]) => a - b);
    },
    free: (state, [at]) => {
      const rest = state.filter(([other]) => other !== at);
      return rest.length < state.length ? rest : undefined;
    },
  };
  return sequentialSpec({ name: 'allocator', initial: [], steps, key: (state) => state.join() });
}
