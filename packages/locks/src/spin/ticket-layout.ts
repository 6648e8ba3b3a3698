import { CACHE_LINE, layout } from '@percpu/memory';
import type { Layout } from '@percpu/memory';
import { assertFits } from '../assert-fits.ts';

const fields = {
  /** Number that the next arrival draws. */
  next: 'u32',
  /** Number that may enter. Only the holder writes it. */
  serving: 'u32',
  magic: 'u32',
} as const;

/** The struct of `ticket`; ticket-lock.ts draws its states. */
export const TicketLock: Layout<typeof fields> = layout(fields, { name: 'TicketLock' });
assertFits(TicketLock, CACHE_LINE);
