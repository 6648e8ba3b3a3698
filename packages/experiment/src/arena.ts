/** What `setup` allocates from: a piece of shared memory, handed out from its start, zeroed as it goes. */

import { LINE, type BenchCpu, type Ptr } from './bench-cpu.ts';
import type { Place } from './cell.ts';
import { show } from './names.ts';

export type Allocate = (bytes: number, align?: number) => Ptr;

/** For the leader. Throws a RangeError that says what was asked and what is left. */
export function arenaAllocator(cpu: BenchCpu, arena: Place['arena'], experiment: string): Allocate {
  let next = arena.at;
  const end = arena.at + arena.bytes;
  return (bytes, align = LINE) => {
    if (!Number.isSafeInteger(bytes) || bytes <= 0)
      throw new RangeError(`experiment ${experiment}: cannot allocate ${show(bytes)} bytes`);
    if (!Number.isInteger(Math.log2(align)) || align < 1)
      throw new RangeError(
        `experiment ${experiment}: an alignment is a power of two; got ${show(align)}`,
      );
    const at = Math.ceil(next / align) * align;
    // Whole multiples of the alignment, so that what follows starts on another line.
    const taken = Math.ceil(bytes / align) * align;
    if (at + taken > end) {
      throw new RangeError(
        `experiment ${experiment}: setup asks for ${bytes} bytes (${taken} with alignment ${align}), of ${arena.bytes} only ${Math.max(0, end - at)} are left; raise arenaBytes`,
      );
    }
    next = at + taken;
    cpu.memory.fill(at, 0, taken);
    return at;
  };
}
