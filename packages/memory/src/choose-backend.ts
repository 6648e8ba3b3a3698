/**
 * Which native backend is the better one on this host: the one that passes its self-check and is
 * faster. A few milliseconds; a launcher asks once and tells its threads.
 */
import { atomicsMemory } from './atomics-memory.ts';
import type { Clock } from './clock.ts';
import { PAGE_SIZE } from './memory.ts';
import type { Memory, Ptr } from './memory.ts';
import { instantiateAtomicOps } from './wasm/atomic-module.ts';
import type { AtomicOps } from './wasm/atomic-module.ts';
import { selfCheck } from './wasm/self-check.ts';
import { wasmMemory } from './wasm-memory.ts';

export type NativeBackend = 'atomics' | 'wasm';

export interface BackendChoice {
  readonly backend: NativeBackend;
  /** Nanoseconds per atomic access as measured; undefined where the backend cannot be used. */
  readonly nsPerAccess: Readonly<Record<NativeBackend, number | undefined>>;
  /** Why the backend `wasm` cannot be used, if so. */
  readonly refused: string | undefined;
}

/** Short rounds: the fastest of many is one that nothing interrupted. */
const ROUNDS = 40;
/** Loop turns a round; all rounds together are more than enough for V8 to optimise the loop. */
const TURNS = 2_000;
const ACCESSES_A_TURN = 3;
const NS_PER_MS = 1e6;
/** Where the private memory made here is used. */
const AT: Ptr = PAGE_SIZE;

export function chooseBackend(): BackendChoice {
  const native = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const clock: Clock = () => performance.now() * NS_PER_MS;
  const atomics = nsPerAccess(atomicsMemory(native, clock));
  const ops = trustedAtomicOps(native);
  if (typeof ops === 'string') {
    return { backend: 'atomics', nsPerAccess: { atomics, wasm: undefined }, refused: ops };
  }
  const wasm = nsPerAccess(wasmMemory(native, clock, ops));
  return {
    backend: wasm < atomics ? 'wasm' : 'atomics',
    nsPerAccess: { atomics, wasm },
    refused: undefined,
  };
}

/** The operations of the wasm backend on a memory that nobody else uses, or why they are not to be trusted. */
export function trustedAtomicOps(
  native: WebAssembly.Memory,
  instantiate: (native: WebAssembly.Memory) => AtomicOps = instantiateAtomicOps,
): AtomicOps | string {
  try {
    const ops = instantiate(native);
    return selfCheck(ops, native.buffer, AT) ?? ops;
  } catch (error) {
    return `no atomic module on this host: ${String(error)}`;
  }
}

function nsPerAccess(memory: Memory): number {
  // One closure a memory: what V8 learns about the first would slow down the second.
  const turn = (): void => {
    for (let access = 0; access < TURNS; access++) {
      memory.store(AT, access);
      memory.fetchAdd(AT, 1);
      memory.load(AT);
    }
  };
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = memory.now();
    turn();
    best = Math.min(best, (memory.now() - start) / (ACCESSES_A_TURN * TURNS));
  }
  return best;
}
