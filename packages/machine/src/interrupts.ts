/** Taking interrupts: from a bit in the pending word to a handler and back. */
import { hex } from '@percpu/memory';
import type { Cpu } from './cpu.ts';
import { CpuStopped } from './fault-errors.ts';
import { bug, isFatal, oops } from './fault.ts';
import { FIRST_NMI, IPI_CALL_FUNC, IPI_RESCHEDULE, NMI_BITS, NMI_STOP } from './interrupt-bits.ts';
import { PerCpuLayout } from './machine-layout.ts';
import { HARDIRQ_MASK, HARDIRQ_OFFSET, NMI_MASK, NMI_OFFSET } from './preempt-count.ts';
import type { InterruptKind } from './preempt-count.ts';

/** Runs with interrupts off, in hardirq (or nmi) context. */
export type InterruptHandler = (cpu: Cpu) => void;

const STOP = (1 << NMI_STOP) >>> 0;
const IPIS = (1 << IPI_CALL_FUNC) | (1 << IPI_RESCHEDULE);

/**
 * Takes everything that is pending and allowed, until nothing is left. One bit at a time: a handler may end with
 * soft irqs, which run with interrupts on and may wait for the handler of another. So that one is left pending
 * until its turn comes, here or there.
 */
export function serviceInterrupts(cpu: Cpu): void {
  const { memory, area } = cpu;
  for (;;) {
    const bits = memory.load(area + PerCpuLayout.pending);
    // Left set: a program that catches this meets it again at its next look.
    if ((bits & STOP) !== 0) throw new CpuStopped(cpu.id);
    const takeable = cpu.irqsDisabled() ? bits & NMI_BITS : bits;
    if (takeable === 0) return;
    const bit = 31 - Math.clz32(takeable & -takeable);
    const mask = (1 << bit) >>> 0;
    // Pairs with the fetchOr of Cpu.raise: what the sender did before is visible to the handler.
    if ((memory.fetchAnd(area + PerCpuLayout.pending, ~mask >>> 0) & mask) === 0) continue;
    if ((mask & IPIS) !== 0) cpu.count('ipisTaken');
    const handler = cpu.vectors[bit];
    if (handler !== undefined) runHandler(cpu, bit >= FIRST_NMI ? 'nmi' : 'hardirq', bit, handler);
  }
}

/** Runs one handler in its context, and holds it to leaving that context as it found it. */
function runHandler(cpu: Cpu, kind: InterruptKind, bit: number, handler: InterruptHandler): void {
  const { ipiEntry, ipiExit } = cpu.trace;
  const isIpi = (IPIS & (1 << bit)) !== 0;
  const flags = irqEnter(cpu, kind);
  const before = cpu.preemptCount();
  if (isIpi && ipiEntry.enabled) ipiEntry.fire(bit);
  try {
    handler(cpu);
  } catch (error) {
    // Not into the interrupted code: it has nothing to do with it.
    if (isFatal(error)) throw error;
    oops(cpu, `unhandled exception in interrupt ${bit}: ${String(error)}`, error);
  }
  if (isIpi && ipiExit.enabled) ipiExit.fire(bit);
  const after = cpu.preemptCount();
  if (after !== before) {
    bug(
      cpu,
      `interrupt ${bit} was entered with preempt_count ${hex(before)} and left with ${hex(after)}`,
    );
  }
  irqExit(cpu, kind, flags);
}

/** Linux: irq_enter() or nmi_enter(). Turns interrupts off; returns the flags for `irqExit`. */
export function irqEnter(cpu: Cpu, kind: InterruptKind): number {
  cpu.count('interrupts');
  const flags = cpu.localIrqSave();
  const count = cpu.preemptCount();
  if (kind === 'nmi') {
    if ((count & NMI_MASK) === NMI_MASK) bug(cpu, 'preempt_count overflow: 16 nested NMIs');
    cpu.preemptCountAdd(NMI_OFFSET);
  } else {
    if ((count & HARDIRQ_MASK) === HARDIRQ_MASK)
      bug(cpu, 'preempt_count overflow: 16 nested hard interrupts');
    cpu.preemptCountAdd(HARDIRQ_OFFSET);
  }
  return flags;
}

/** Linux: irq_exit() or nmi_exit(). The outermost one lets the CPU run soft irqs. */
export function irqExit(cpu: Cpu, kind: InterruptKind, flags: number): void {
  if (!cpu.irqsDisabled()) bug(cpu, 'a handler of a hard interrupt returned with interrupts on');
  cpu.preemptCountAdd(kind === 'nmi' ? -NMI_OFFSET : -HARDIRQ_OFFSET);
  cpu.memory.writeOwn(cpu.area + PerCpuLayout.irqsOff, flags);
  cpu.runSoftirqs();
}
