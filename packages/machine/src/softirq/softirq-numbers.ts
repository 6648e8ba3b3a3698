/** The soft irqs, by priority: a lower number runs first. Source of order and names: Linux include/linux/interrupt.h. */

/** Tasklets scheduled with `taskletHiSchedule`. */
export const HI_SOFTIRQ = 0;
/** Timers that have expired. */
export const TIMER_SOFTIRQ = 1;
export const NET_TX_SOFTIRQ = 2;
export const NET_RX_SOFTIRQ = 3;
export const BLOCK_SOFTIRQ = 4;
export const IRQ_POLL_SOFTIRQ = 5;
/** Tasklets scheduled with `taskletSchedule`. */
export const TASKLET_SOFTIRQ = 6;
export const SCHED_SOFTIRQ = 7;
export const HRTIMER_SOFTIRQ = 8;
export const RCU_SOFTIRQ = 9;

/** How many there are. */
export const NR_SOFTIRQS = 10;

/** Linux: softirq_to_name[]. */
export const SOFTIRQ_NAMES: readonly string[] = [
  'HI',
  'TIMER',
  'NET_TX',
  'NET_RX',
  'BLOCK',
  'IRQ_POLL',
  'TASKLET',
  'SCHED',
  'HRTIMER',
  'RCU',
];
