/** What does an access through the seam cost, beside the bare access that it stands for? */
import { experiment, upToHostCores } from '@percpu/experiment';
import type { BenchCpu, Experiment, HeadlineFigure, Result } from '@percpu/experiment';
import type { NativeBackend } from '../choose-backend.ts';
import { createMemory } from '../create-memory.ts';
import { CACHE_LINE } from '../memory.ts';
import type { Memory } from '../memory.ts';
import { AREA_BYTES, atomicsLoops, seamLoops, typedArrayLoops, WORDS } from './seam-loops.ts';
import type { Loop, Loops } from './seam-loops.ts';

/** Accesses a call: what the measuring loop costs is then below a hundredth of a nanosecond each. */
const BATCH = 1_024;

interface Variant {
  readonly loops: (memory: Memory) => Loops;
  /** Do two CPUs on the same words lose no update? */
  readonly atomic: boolean;
}

/** The seam over `backend`, unchecked, whatever the machine itself was booted with. */
function overBackend(backend: NativeBackend): Variant {
  return {
    atomic: true,
    loops: (memory) => {
      const asWanted = memory.backend === backend && !memory.checked;
      return seamLoops(
        asWanted ? memory : createMemory({ native: nativeOf(memory), backend, checked: false }),
      );
    },
  };
}

function nativeOf(memory: Memory): WebAssembly.Memory {
  if (memory.native === undefined) throw new TypeError('seam: only native memory can be measured');
  return memory.native;
}

const wordsOf = (memory: Memory): Int32Array => new Int32Array(nativeOf(memory).buffer);

export const seam: Experiment = experiment({
  name: 'seam',
  title: 'Access through the seam',
  description:
    'One access to shared memory: bare Atomics, bare typed array, and the seam over either backend. ' +
    'Expect seam-wasm at less than half of Atomics, and plain accesses through the seam at the price of bare ones.',
  unit: 'accesses',
  variants: {
    atomics: { atomic: true, loops: (memory) => atomicsLoops(wordsOf(memory)) },
    'typed-array': { atomic: false, loops: (memory) => typedArrayLoops(wordsOf(memory)) },
    'seam-atomics': overBackend('atomics'),
    'seam-wasm': overBackend('wasm'),
  } satisfies Record<string, Variant>,
  // None for the model: it charges an access by where its line is, and by which backend it goes is all that the variants differ in.
  cpus: { parallel: upToHostCores },
  knobs: {
    operation: ['load', 'store', 'add', 'compare-exchange', 'plain-read', 'plain-write'],
    words: ['own', 'shared'],
  },
  report: ['nsPerOp', 'perSecond', 'fairness'],
  setup: (_cpu: BenchCpu<Memory>, context) => context.alloc(AREA_BYTES * context.cpus, CACHE_LINE),
  prepare: ({ memory }, _at, { variant, operation }): Loop => variant.loops(memory)[operation],
  body: (_cpu, at, { local, index, words }) => {
    local(words === 'own' ? at + index * AREA_BYTES : at, BATCH);
    return BATCH;
  },
  verify: ({ memory }, at, { operation, variant, variantName, words, cpus, performed }) => {
    if (operation !== 'add' || (words === 'shared' && !variant.atomic)) return;
    let sum = 0;
    for (let word = 0; word < WORDS * cpus; word++) sum = (sum + memory.read(at + word * 4)) >>> 0;
    if (sum !== performed >>> 0) {
      throw new Error(`seam: ${variantName} made ${performed} additions, the words hold ${sum}`);
    }
  },
  headline: (results) => [
    ...ratio(results, 'seam-wasm', 'atomics'),
    ...ratio(results, 'seam-atomics', 'atomics'),
  ],
});

/** Time of an access through the seam over that of the bare one, on one CPU. */
function ratio(results: readonly Result[], ours: string, bare: string): HeadlineFigure[] {
  const alone = (variant: string): number | undefined =>
    results.find((result) => result.variant === variant && result.cpus === 1)?.nsPerOp.median;
  const above = alone(ours);
  const below = alone(bare);
  if (above === undefined || below === undefined) return [];
  return [{ label: `${ours} / ${bare}, 1 CPU`, value: above / below, unit: '×' }];
}
