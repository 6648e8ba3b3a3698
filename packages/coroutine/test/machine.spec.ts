/** The machine, unchanged, on CPUs that take turns in one thread: every access is a chance to switch. */
import { bringUpMachine } from '@percpu/machine';
import { createMemory, memblockAlloc } from '@percpu/memory';
import type { Memory } from '@percpu/memory';
import { expect, test } from 'vitest';
import { begin } from '../src/runtime/index.ts';
import { race, spin, tasks } from './programs/on-cpus.ts';
import type { Job } from './programs/on-cpus.ts';
import { defineAccesses, SteppedMemory } from './support/stepped-memory.ts';

const CPUS = 3;
const ROUNDS = 20;
const LIMIT = 2_000_000;
/** Enough for either lock. */
const LOCK_BYTES = 64;

/** A fixed sequence of numbers below `limit` (Marsaglia's xorshift32). */
function sequence(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

type Program = (memory: Memory, job: Job) => number;

/** Runs `program` on all CPUs to its end; the value of the word that they add to. */
function run(program: Program, seed: number): number {
  const below = createMemory({ bytes: 16 << 20, backend: 'atomics', checked: false });
  defineAccesses(below);
  bringUpMachine(below, { cpus: CPUS });
  const [lockAt, word, done] = [LOCK_BYTES, 4, 4].map((size) => memblockAlloc(below, size, 128));
  const memory = new SteppedMemory(below);
  const running = Array.from({ length: CPUS }, (_, id) => {
    const job: Job = { id, rounds: ROUNDS, lockAt: lockAt!, word: word!, done: done!, cpus: CPUS };
    const frame = begin(program, undefined, [memory, job]);
    return { frame, result: memory.result };
  });
  const next = sequence(seed);
  for (let access = 0; running.length > 0; access++) {
    if (access > LIMIT) throw new Error(`no end after ${LIMIT} accesses`);
    const at = next(running.length);
    const cpu = running[at]!;
    if (cpu.frame.next(cpu.result).done === true) running.splice(at, 1);
    cpu.result = memory.result;
  }
  return below.read(word!);
}

test('no addition is lost under a spin lock', () => {
  for (const seed of [1, 2, 3, 4, 5]) expect(run(spin, seed)).toBe(CPUS * ROUNDS);
});

test('no addition is lost by tasks that take turns', () => {
  for (const seed of [1, 2, 3]) expect(run(tasks, seed)).toBe(2 * CPUS * ROUNDS);
});

test('without a lock additions are lost', () => {
  expect(run(race, 1)).toBeLessThan(CPUS * ROUNDS);
});
