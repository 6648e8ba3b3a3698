/**
 * Shared accesses a second in one thread, with a scheduler that switches to the next CPU at every access, and
 * the memory that the CPUs take. `npm run bench -w @percpu/coroutine`.
 */
import { registerCoroutine } from '../../src/hooks/index.ts';

registerCoroutine({ exclude: ['/support/'] });
const { begin } = await import('../../src/runtime/index.ts');
const { defineAccesses, SteppedMemory } = await import('../support/stepped-memory.ts');
const { body, bringUpMachine, createMemory, memblockAlloc } = await import('./body.ts');

const SECONDS = 1;
const ROUNDS = 5;

function machine(cpus: number): {
  frames: { next(value?: unknown): unknown }[];
  memory: InstanceType<typeof SteppedMemory>;
  results: unknown[];
} {
  const below = createMemory({
    bytes: (16 << 20) + cpus * (96 << 10),
    backend: 'atomics',
    checked: false,
  });
  bringUpMachine(below, { cpus });
  if (!('load' in SteppedMemory.prototype)) defineAccesses(below);
  const memory = new SteppedMemory(below);
  const results: unknown[] = [];
  const frames = Array.from({ length: cpus }, (_, id) => {
    const lock = memblockAlloc(below, 4, 128);
    const data = memblockAlloc(below, 4, 128);
    const progress = { rounds: 0 };
    const frame = begin(body, undefined, [memory, id, lock, data, progress]);
    // One after the other through their set-up, for which there is one lock.
    let result: unknown;
    while (progress.rounds === 0) {
      frame.next(result);
      result = memory.result;
    }
    results.push(result);
    return frame;
  });
  return { frames, memory, results };
}

function turns({ frames, memory, results }: ReturnType<typeof machine>, count: number): void {
  for (let turn = 0; turn < count; turn++) {
    for (let cpu = 0; cpu < frames.length; cpu++) {
      frames[cpu]!.next(results[cpu]);
      results[cpu] = memory.result;
    }
  }
}

const rows: Record<string, unknown>[] = [];
for (const cpus of [2, 64, 1024, 4096]) {
  const before = process.memoryUsage.rss();
  const set = machine(cpus);
  const atOnce = Math.max(1, Math.round(100_000 / cpus));
  turns(set, atOnce);
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    let accesses = 0;
    let micros = 0;
    while (micros < SECONDS * 1e6) {
      turns(set, atOnce);
      accesses += atOnce * cpus;
      // Time of this process alone: others may use the same core.
      micros = process.cpuUsage(start).user;
    }
    rates.push(accesses / (micros / 1e6));
  }
  rates.sort((a, b) => a - b);
  rows.push({
    cpus,
    'accesses/s, median': Math.round(rates[ROUNDS >> 1]!),
    best: Math.round(rates.at(-1)!),
    'MiB more': Math.round((process.memoryUsage.rss() - before) / 2 ** 20),
  });
}
console.table(rows);
