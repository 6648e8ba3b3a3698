/** Sources that several profiles quote, and the figures that no vendor has one of its own for. */
import type { Figure } from '../figures.ts';

export const C2C =
  'core-to-core-latency (nviennot, README): median of half a compare-exchange round trip';
export const PERFBOOK = 'perfbook (McKenney, git of July 2026)';
const IPI = 'ipi_benchmark kernel module, 100,000 rounds on one unnamed machine';

export const read = (value: number, source: string): Figure => ({ value, trust: 'read', source });
export const derived = (value: number, source: string): Figure => ({
  value,
  trust: 'derived',
  source,
});
export const recalled = (value: number, source: string): Figure => ({
  value,
  trust: 'recalled',
  source,
});
export const assumed = (value: number, source: string): Figure => ({
  value,
  trust: 'assumed',
  source,
});

/** Interrupts: no fact about a vendor. Vary ipiDeliver from 700 to 3000 before you believe a result that hangs on it. */
export const INTERRUPTS: Readonly<
  Record<'ipiSend' | 'ipiDeliver' | 'interrupt' | 'idleExit', Figure>
> = {
  ipiSend: derived(
    37.5,
    'per further target of a shootdown, between the two LATR (ASPLOS 2018) machines',
  ),
  ipiDeliver: read(1240, `${IPI}: send to handler, one remote CPU`),
  interrupt: derived(
    450,
    `middle of 0.2 to 0.7 us, from the round trip of the same run (1.79 us, ${IPI})`,
  ),
  idleExit: assumed(
    2000,
    'needed to explain why 2 of 8 Opteron CPUs pay more per broadcast than 8 do',
  ),
};

/** Sleeping and waking, without a scheduler that looks for a core. */
export const WAKE_UPS: Readonly<Record<'notify' | 'notifyNobody' | 'wakeLatency', Figure>> = {
  notify: recalled(
    1000,
    'futex wake-up, tsunanet blog 2010: about 1 us of the 1.1 to 1.9 us of a pinned switch',
  ),
  notifyNobody: assumed(34, 'Atomics.notify without a waiter, 2-vCPU EPYC guest, Node 20'),
  wakeLatency: recalled(1500, 'futex switch of a pinned thread, 1.1 to 1.9 us, tsunanet blog 2010'),
};

/** A prior: validation judges it, and nothing in it was fitted. */
export const SMT_SLOWDOWN: Figure = recalled(
  1.54,
  'two threads of a core do up to 30 % more than one (Marr and others, Intel Technology Journal 2002): 2 / 1.3',
);
