/**
 * What the seam costs beside the bare access, in one run: `npm run bench -w @percpu/memory`.
 *
 * Each backend has a process of its own, so that V8 compiles for one memory, as in a CPU's thread. Bare
 * and seam take turns in short rounds; what is shown is the median of the rounds' ratios with its 95 %
 * interval (from order statistics), and the median times.
 */
import { execFileSync } from 'node:child_process';
import { argv, execArgv, execPath, stdout, version } from 'node:process';
import { fileURLToPath } from 'node:url';
import { chooseBackend, createMemory, memblockAlloc } from '../src/index.ts';
import type { NativeBackend } from '../src/index.ts';
import {
  AREA_BYTES,
  atomicsLoops,
  seamLoops,
  typedArrayLoops,
} from '../src/experiments/seam-loops.ts';
import type { Loop, Operation } from '../src/experiments/seam-loops.ts';

const ROUNDS = 101;
const WARM_UP_ROUNDS = 30;
const ACCESSES = 1 << 16;

const MEASURED: readonly (readonly [Operation, 'Atomics' | 'typed array'])[] = [
  ['load', 'Atomics'],
  ['store', 'Atomics'],
  ['add', 'Atomics'],
  ['compare-exchange', 'Atomics'],
  ['plain-read', 'typed array'],
  ['plain-write', 'typed array'],
];

function nsPerAccess(loop: Loop, at: number): number {
  const start = performance.now();
  loop(at, ACCESSES);
  return ((performance.now() - start) * 1e6) / ACCESSES;
}

interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The ranks n/2 ± 0.98·√n enclose the median with 95 %. */
function medianOf(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const aside = 0.98 * Math.sqrt(sorted.length);
  return {
    median: sorted[Math.round(middle)]!,
    low: sorted[Math.max(0, Math.floor(middle - aside))]!,
    high: sorted[Math.min(sorted.length - 1, Math.ceil(middle + aside))]!,
  };
}

function compare(bare: Loop, seam: Loop, at: number): [bare: Interval, seam: Interval, Interval] {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) {
    nsPerAccess(bare, at);
    nsPerAccess(seam, at);
  }
  const pairs = Array.from({ length: ROUNDS }, (_, round) => {
    if (round % 2 === 0) return { bare: nsPerAccess(bare, at), seam: nsPerAccess(seam, at) };
    const first = nsPerAccess(seam, at);
    return { bare: nsPerAccess(bare, at), seam: first };
  });
  return [
    medianOf(pairs.map((pair) => pair.bare)),
    medianOf(pairs.map((pair) => pair.seam)),
    medianOf(pairs.map((pair) => pair.seam / pair.bare)),
  ];
}

function measure(backend: NativeBackend): void {
  const memory = createMemory({ bytes: 1 << 20, backend, checked: false });
  const at = memblockAlloc(memory, AREA_BYTES);
  const words = new Int32Array(memory.native!.buffer);
  const bare = { Atomics: atomicsLoops(words), 'typed array': typedArrayLoops(words) };
  const seam = seamLoops(memory);
  for (const [operation, kind] of MEASURED) {
    const [before, after, ratio] = compare(bare[kind][operation], seam[operation], at);
    const cells = [
      `seam-${backend}`,
      operation,
      `${kind} ${before.median.toFixed(2)}`,
      after.median.toFixed(2),
      `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})`,
    ];
    stdout.write(`| ${cells.join(' | ')} |\n`);
  }
}

const asked = argv[2];
if (asked === 'atomics' || asked === 'wasm') {
  measure(asked);
} else {
  stdout.write(`Node ${version}, default backend here: ${chooseBackend().backend}\n\n`);
  stdout.write('| variant | operation | bare, ns | seam, ns | seam / bare |\n');
  stdout.write('| --- | --- | --- | --- | --- |\n');
  for (const backend of ['wasm', 'atomics']) {
    const self = fileURLToPath(import.meta.url);
    execFileSync(execPath, [...execArgv, self, backend], { stdio: 'inherit' });
  }
}
