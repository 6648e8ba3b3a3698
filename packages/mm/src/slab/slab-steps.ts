/**
 * The two fast paths in one call each, into a WebAssembly module on the same memory. They do the accesses of the plain form
 * (`takeObject` in alloc.ts, `freeObject` in free.ts), which is the reference, and the form under every clock that is not
 * the host's. Where anything is not as usual they change nothing and say 0: the plain form then does it all.
 *
 * They leave interrupts alone: a thread takes them where it looks for them, and it does not look in here.
 */
import type { Memory, Ptr } from '@percpu/memory';
import { assemble, atomic, constant, func, get, instantiate, load } from '@percpu/memory/wasm';
import { op, store, tee, when } from '@percpu/memory/wasm';
import type { Code } from '@percpu/memory/wasm';
import { Faults } from '../fault-injection/fault-attr.ts';
import { Page } from '../page/page-layout.ts';
import { CacheCpu, DEBUG_FLAGS, KmemCache, Slab } from './slab-layout.ts';

export interface SlabSteps {
  /** The first object of the CPU's list, as an i32. 0: there is none, or debugging, or failures are armed, or no cache. */
  readonly pop: (cache: Ptr, own: Ptr, faults: Ptr) => number;
  /** Puts `object`, which lies in `page`, on the CPU's list: 1. 0: it is of another slab, or another cache than `cache` (0: any), or debugging. */
  readonly push: (cache: Ptr, cpuOffset: number, page: Ptr, object: Ptr) => number;
}

/** Undefined where only the plain form is right: no native form, or every access is to be checked. */
export function slabSteps(memory: Memory): SlabSteps | undefined {
  if (memory.native === undefined || memory.checked) return undefined;
  return instantiate(assemble([pop, push]), memory.native) as unknown as SlabSteps;
}

/** Ends the function with 0 if what is on the stack is not 0. */
const giveUpIf: Code = when(constant(0), op('return'));
const notEqualTo = (value: Code): Code => [...value, ...op('i32.ne')];

const CACHE = 0;
const OWN = 1;
const FAULTS = 2;
const TAKEN = 3;

const pop = func(
  'pop',
  ['i32', 'i32', 'i32'],
  'i32',
  [
    [...get(FAULTS), ...atomic('i32.load', Faults.armed), ...giveUpIf],
    [...get(CACHE), ...load(KmemCache.live), ...notEqualTo(constant(1)), ...giveUpIf],
    [...get(CACHE), ...load(KmemCache.flags), ...constant(DEBUG_FLAGS), ...op('i32.and')],
    giveUpIf,
    [...get(OWN), ...load(CacheCpu.freelist), ...tee(TAKEN), ...op('i32.eqz'), ...giveUpIf],
    get(OWN),
    [...get(TAKEN), ...get(CACHE), ...load(KmemCache.offset), ...op('i32.add'), ...load()],
    store(CacheCpu.freelist),
    get(TAKEN),
  ],
  ['i32'],
);

const ANY = 0;
const CPU_OFFSET = 1;
const PAGE = 2;
const OBJECT = 3;
const SLAB = 4;
const HOME = 5;
const FIRST = 6;

/** From here on `CPU_OFFSET` holds the address of the CPU's words. */
const ownAddress: Code = [...get(HOME), ...get(CPU_OFFSET), ...op('i32.add'), ...tee(CPU_OFFSET)];

const push = func(
  'push',
  ['i32', 'i32', 'i32', 'i32'],
  'i32',
  [
    [...get(PAGE), ...load(Page.slab), ...tee(SLAB), ...op('i32.eqz'), ...giveUpIf],
    [...get(SLAB), ...load(Slab.cache), ...tee(HOME), ...notEqualTo(get(ANY))],
    [...get(ANY), ...constant(0), ...op('i32.ne'), ...op('i32.and'), ...giveUpIf],
    [...get(HOME), ...load(KmemCache.flags), ...constant(DEBUG_FLAGS), ...op('i32.and')],
    giveUpIf,
    [...ownAddress, ...load(CacheCpu.slab), ...notEqualTo(get(SLAB)), ...giveUpIf],
    [...get(CPU_OFFSET), ...load(CacheCpu.freelist), ...tee(FIRST)],
    [...get(OBJECT), ...op('i32.eq'), ...giveUpIf],
    [...get(OBJECT), ...get(HOME), ...load(KmemCache.offset), ...op('i32.add'), ...get(FIRST)],
    store(),
    [...get(CPU_OFFSET), ...get(OBJECT), ...store(CacheCpu.freelist)],
    constant(1),
  ],
  ['i32', 'i32', 'i32'],
);
