/**
 * Interrupts as bits of `PerCpuLayout.pending`. A sender sets the bit and kicks the CPU; the CPU
 * takes what is set wherever it looks (`Cpu.relax`, enabling of interrupts, idle, task switch).
 * A second send before the first is taken is lost in the first, as with an edge-triggered APIC line:
 * whoever sends keeps the reason in a queue of its own.
 */

/** Ask the scheduler to look at its run queue. Linux: RESCHEDULE_VECTOR. */
export const IPI_RESCHEDULE = 0;
/** Run what is on the call queue. Linux: CALL_FUNCTION_VECTOR. */
export const IPI_CALL_FUNC = 1;
/** The CPU's own timer expired. Linux: LOCAL_TIMER_VECTOR. */
export const TIMER_INTERRUPT = 2;
/** A device line is raised; which one is in `pendingLines`. */
export const DEVICE_INTERRUPT = 3;
/** The launcher has a message for this CPU. */
export const HOST_WORK = 4;
/** First of the bits that packages above may claim with `Cpu.setVector`. */
export const FIRST_FREE_VECTOR = 8;

/** From here on a bit is non-maskable: taken with interrupts off too. */
export const FIRST_NMI = 28;
/** Report your state in dmesg. Linux: nmi_cpu_backtrace. */
export const NMI_BACKTRACE = 28;
/** Stop at once: the machine is dead. Linux: NMI of smp_send_stop. */
export const NMI_STOP = 29;

/** Bits that are taken even with interrupts off. */
export const NMI_BITS: number = ((1 << NMI_BACKTRACE) | (1 << NMI_STOP)) >>> 0;
