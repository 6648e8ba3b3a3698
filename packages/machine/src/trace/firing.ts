/**
 * Is a CPU calling probes right now? Whoever took a probe away must know when no CPU can be in it any
 * more. One word a CPU, changed by that CPU only:
 *
 *   31            8 7            0
 *   ┌──────────────┬──────────────┐     depth       firings under way, nested by interrupts
 *   │  generation  │    depth     │     generation  grows when the outermost one ends
 *   └──────────────┴──────────────┘
 *
 *   firing CPU                              remover
 *   F1 depth += 1                           R1 all CPUs have taken the new list (IPI, waited for)
 *   F2 call the probes of my list           R2 load(word): depth 0 = done
 *   F3 depth -= 1, generation += 1          R3 wait until depth is 0 or the generation another
 *
 * A firing that begins after R1 uses the new list. One that began before R1 and is not over has a
 * depth at R2. Linux waits for an RCU grace period here; RCU is built above this package.
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';

const DEPTH = 0xff;
const GENERATION = 0x100;

export class FiringWord {
  readonly at: Ptr;
  private readonly cpu: Cpu;
  private nested = 0;

  constructor(cpu: Cpu, at: Ptr) {
    this.cpu = cpu;
    this.at = at;
  }

  enter(): void {
    this.nested++;
    // F1: pairs with R2, the load in waitForFirings. Added, not stored: an interrupt may come in between.
    this.cpu.memory.fetchAdd(this.at, 1);
  }

  leave(): void {
    if (--this.nested > 0) {
      this.cpu.memory.fetchAdd(this.at, -1);
      return;
    }
    // F3: pairs with R3.
    this.cpu.memory.fetchAdd(this.at, GENERATION - 1);
    this.cpu.unpark(this.at);
  }

  /** Firings of this CPU under way. */
  depth(): number {
    return this.nested;
  }
}

/** Waits until the firing under way on the CPU whose word is at `at`, if any, is over. */
export function waitForFirings(cpu: Cpu, at: Ptr): void {
  let seen = cpu.memory.load(at); // R2
  const generation = seen >>> 8;
  // R3. Nested firings change the word and wake nobody: then this goes on at the end of the outermost.
  while ((seen & DEPTH) !== 0 && seen >>> 8 === generation) seen = cpu.waitWhileEquals(at, seen);
}
