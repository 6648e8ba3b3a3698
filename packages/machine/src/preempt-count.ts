/**
 * The packed word that says in which context a CPU runs. Linux: include/linux/preempt.h.
 *
 *   31        24 23   20 19   16 15           8 7            0
 *   ┌───────────┬───────┬───────┬──────────────┬──────────────┐
 *   │  unused   │  NMI  │HARDIRQ│   SOFTIRQ    │   PREEMPT    │
 *   └───────────┴───────┴───────┴──────────────┴──────────────┘
 *                                bit 8: serving a softirq
 *                                bits 9–15: how often bottom halves were disabled
 *
 * Zero means: a task runs, and may be switched. One word, because "may this code sleep?" is asked
 * on hot paths and must be one comparison.
 */

/** Linux: PREEMPT_OFFSET. One level of `preemptDisable`. */
export const PREEMPT_OFFSET = 0x1;
/** Linux: SOFTIRQ_OFFSET. A soft irq is being served. */
export const SOFTIRQ_OFFSET = 0x100;
/** Linux: SOFTIRQ_DISABLE_OFFSET. One level of `localBhDisable`; leaves the "serving" bit alone. */
export const SOFTIRQ_DISABLE_OFFSET = 0x200;
/** Linux: HARDIRQ_OFFSET. One level of hard interrupt. */
export const HARDIRQ_OFFSET = 0x1_0000;
/** Linux: NMI_OFFSET. One level of non-maskable interrupt. */
export const NMI_OFFSET = 0x10_0000;

/** Linux: PREEMPT_MASK. */
export const PREEMPT_MASK = 0xff;
/** Linux: SOFTIRQ_MASK. */
export const SOFTIRQ_MASK = 0xff00;
/** Linux: HARDIRQ_MASK. */
export const HARDIRQ_MASK = 0xf_0000;
/** Linux: NMI_MASK. */
export const NMI_MASK = 0xf0_0000;

/** Any of these set: not in task context. Linux: in_interrupt(), which counts disabled bottom halves too. */
export const INTERRUPT_MASK: number = SOFTIRQ_MASK | HARDIRQ_MASK | NMI_MASK;

/** What kind of interrupt is entered and left. */
export type InterruptKind = 'hardirq' | 'nmi';

/** `0x10002` → `hardirq, preempt 2`: how a report shows the word. */
export function describePreemptCount(count: number): string {
  const parts: string[] = [];
  if ((count & NMI_MASK) !== 0) parts.push('nmi');
  if ((count & HARDIRQ_MASK) !== 0) parts.push('hardirq');
  if ((count & SOFTIRQ_OFFSET) !== 0) parts.push('softirq');
  const bottomHalves = (count & SOFTIRQ_MASK & ~SOFTIRQ_OFFSET) / SOFTIRQ_DISABLE_OFFSET;
  if (bottomHalves > 0) parts.push(`bh off ${String(bottomHalves)}`);
  const preempt = count & PREEMPT_MASK;
  if (preempt > 0) parts.push(`preempt ${String(preempt)}`);
  return parts.length === 0 ? 'task' : parts.join(', ');
}
