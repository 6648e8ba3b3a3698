/**
 * Which native backend is the better one on this host: the one that passes its self-check and is
 * faster. A few milliseconds; a launcher asks once and tells its threads.
 */
import { AtomicsMemory } from './atomics-memory.ts';
import type { Memory, Ptr } from './memory.ts';
import { PAGE_SIZE } from './memory.ts';
import { instantiateAtomicOps } from './wasm/atomic-module.ts';
import type { AtomicOps } from './wasm/atomic-module.ts';
import { selfCheck } from './wasm/self-check.ts';
import { WasmMemory } from './wasm-memory.ts';

export type NativeBackend = 'atomics' | 'wasm';

export interface BackendChoice {
  readonly backend: NativeBackend;
  /** Nanoseconds per atomic access measured, undefined where the backend cannot be used. */
  readonly nsPerAccess: Readonly<Record<NativeBackend, number | undefined>>;
  /** Why the backend `wasm` cannot be used, if so. */
  readonly refused: string | undefined;
}

const ROUNDS = 5;
/** Accesses a round: enough for V8 to optimise the loop in the first rounds. */
const ACCESSES = 20_000;
/** The words used are in the private memory made here. */
const AT: Ptr = PAGE_SIZE;

export function chooseBackend(): BackendChoice {
  const native = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const clock = (): number => performance.now() * 1e6;
  const atomics = nsPerAccess(new AtomicsMemory(native, clock));
  const ops = trustedAtomicOps(native);
  if (typeof ops === 'string') {
    return { backend: 'atomics', nsPerAccess: { atomics, wasm: undefined }, refused: ops };
  }
  const wasm = nsPerAccess(new WasmMemory(native, clock, ops));
  return { backend: wasm < atomics ? 'wasm' : 'atomics', nsPerAccess: { atomics, wasm }, refused: undefined };
}

/** The operations of the wasm backend on a memory that nobody else uses, or why they are not to be trusted. */
export function trustedAtomicOps(
  native: WebAssembly.Memory,
  instantiate: (native: WebAssembly.Memory) => AtomicOps = instantiateAtomicOps,
): AtomicOps | string {
  try {
    const ops = instantiate(native);
    return selfCheck(ops, native.buffer as unknown as SharedArrayBuffer, AT) ?? ops;
  } catch (error) {
    return `no atomic module on this host: ${String(error)}`;
  }
}

/** The fastest round: whatever interrupts a round only makes it slower. */
function nsPerAccess(memory: Memory): number {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = memory.now();
    for (let access = 0; access < ACCESSES; access++) {
      memory.store(AT, access);
      memory.fetchAdd(AT, 1);
      memory.load(AT);
    }
    best = Math.min(best, (memory.now() - start) / (3 * ACCESSES));
  }
  return best;
}
