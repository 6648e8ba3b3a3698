/** Blocks of pages with the mark of whoever has them. */
import type { Cpu } from '@percpu/machine';
import { PAGE_SIZE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { pageAddress } from '../page/mm-view.ts';

/** At both ends, so that a block that overlaps another shows it. */
export function markBlock(cpu: Cpu, page: Ptr, order: number, mark: number): void {
  const at = pageAddress(cpu, page);
  cpu.memory.write(at, mark);
  cpu.memory.write(at + PAGE_SIZE * 2 ** order - 4, mark);
}

/** Throws when somebody else has written there. */
export function checkBlock(cpu: Cpu, page: Ptr, order: number, mark: number): void {
  const at = pageAddress(cpu, page);
  const last = at + PAGE_SIZE * 2 ** order - 4;
  for (const word of [at, last]) {
    const found = cpu.memory.read(word);
    if (found !== mark)
      throw new Error(`a block of order ${order} of CPU#${cpu.id} holds ${found}, not ${mark}`);
  }
}
