/** Waiting until somebody frees a block. The proof that no free is missed: free-pages.ts. */
import { ttas, waitEventTimeout } from '@percpu/locks';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { MmView } from './mm-view.ts';
import { watermarkOk } from './watermark.ts';
import { Zone } from './zone-layout.ts';

/** At most. What is on other CPUs' lists comes to nobody's mind otherwise. Linux: one jiffy. */
const WAIT_NS = 4_000_000;

/** Until a block of `order` is there above `mark`, but no longer than WAIT_NS. Task context. */
export function* waitForPages(cpu: Cpu, view: MmView, order: number, mark: number): Sleeps<void> {
  const { memory } = cpu;
  const { zone } = view;
  // F1 of free-pages.ts: from here on whoever frees looks for us, and frees past its list.
  memory.fetchAdd(zone + Zone.waiters, 1);
  yield* waitEventTimeout(
    cpu,
    zone + Zone.waitQueue,
    () => isThere(cpu, view, order, mark),
    WAIT_NS,
  );
  memory.fetchAdd(zone + Zone.waiters, -1);
}

function isThere(cpu: Cpu, view: MmView, order: number, mark: number): boolean {
  const flags = ttas.lockIrqsave(cpu, view.zone + Zone.lock);
  const ok = watermarkOk(cpu.memory, view, order, mark);
  ttas.unlockIrqrestore(cpu, view.zone + Zone.lock, flags);
  return ok;
}
