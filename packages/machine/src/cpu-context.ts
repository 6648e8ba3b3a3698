/**
 * In which context a CPU runs, and whether it takes interrupts: the part of `Cpu` that the fast paths of locks
 * and interrupt handlers are made of. The words live in the per-CPU area, for reports.
 */
import type { Memory, Ptr } from '@percpu/memory';
import type { Cpu } from './cpu.ts';
import { bug } from './fault.ts';
import type { LockHooks } from './lock-hooks.ts';
import { PerCpuLayout } from './machine-layout.ts';
import {
  HARDIRQ_MASK,
  INTERRUPT_MASK,
  NMI_MASK,
  PREEMPT_MASK,
  PREEMPT_OFFSET,
  SOFTIRQ_DISABLE_OFFSET,
  SOFTIRQ_MASK,
  SOFTIRQ_OFFSET,
} from './preempt-count.ts';

const { preemptCount, irqsOff, pending, softirqPending } = PerCpuLayout;

export abstract class CpuContext {
  readonly memory: Memory;
  /** Address of this CPU's area (`PerCpuLayout`). */
  readonly area: Ptr;
  /** A better task than the running one may be there: to be looked at where preemption is on. Linux: TIF_NEED_RESCHED. */
  needResched = false;
  /** Runs pending soft irqs; called with irqs on and no other context active. */
  softirqHandler: (() => void) | null = null;

  /** Called by locks when attached; null = costs one comparison. */
  lockHooks: LockHooks | null = null;

  constructor(memory: Memory, area: Ptr) {
    this.memory = memory;
    this.area = area;
  }

  abstract takeInterrupts(): void;

  /** A state that cannot be. Every `CpuContext` is a `Cpu`. */
  private bug(text: string): never {
    return bug(this as unknown as Cpu, text);
  }

  // ── context ───────────────────────────────────────────────────────────────────────────────

  /** Linux: preempt_disable(). This task stays on the CPU until the matching enable. Nests up to 255. */
  preemptDisable(): void {
    const count = this.memory.readOwn(this.area + preemptCount) + PREEMPT_OFFSET;
    if ((count & PREEMPT_MASK) === 0) this.bug('preempt_count overflow: 256 nested preemptDisable');
    this.memory.writeOwn(this.area + preemptCount, count);
  }

  /** Linux: preempt_enable(). The outermost one looks for interrupts. */
  preemptEnable(): void {
    const { memory, area } = this;
    const count = memory.readOwn(area + preemptCount);
    if ((count & PREEMPT_MASK) === 0)
      this.bug('preempt_count underflow: preemptEnable without preemptDisable');
    memory.writeOwn(area + preemptCount, count - PREEMPT_OFFSET);
    // Not an atomic load: on hardware an interrupt that is not there costs nothing, and a stale 0
    // only means that the next look (a relax, the idle loop) finds it.
    if (count === PREEMPT_OFFSET && (this.needResched || memory.readOwn(area + pending) !== 0)) {
      this.takeInterrupts();
    }
  }

  /** Linux: preempt_count(). The packed word of preempt-count.ts; 0 = a task that may be switched. */
  preemptCount(): number {
    return this.memory.readOwn(this.area + preemptCount);
  }

  /** Adds to the packed word; for soft irqs and interrupt entry. Linux: preempt_count_add(). */
  preemptCountAdd(delta: number): void {
    this.memory.writeOwn(this.area + preemptCount, this.preemptCount() + delta);
  }

  /** Linux: in_task(). Neither in an interrupt nor serving a soft irq; bottom halves may be disabled. */
  inTask(): boolean {
    return (this.preemptCount() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)) === 0;
  }
  /** Linux: in_softirq(). Serving a soft irq, or bottom halves disabled. */
  inSoftirq(): boolean {
    return (this.preemptCount() & SOFTIRQ_MASK) !== 0;
  }
  /** Linux: in_serving_softirq(). */
  inServingSoftirq(): boolean {
    return (this.preemptCount() & SOFTIRQ_OFFSET) !== 0;
  }
  /** Linux: in_hardirq(). */
  inHardirq(): boolean {
    return (this.preemptCount() & HARDIRQ_MASK) !== 0;
  }
  /** Linux: in_nmi(). */
  inNmi(): boolean {
    return (this.preemptCount() & NMI_MASK) !== 0;
  }
  /** Linux: in_interrupt(). Any of the above. */
  inInterrupt(): boolean {
    return (this.preemptCount() & INTERRUPT_MASK) !== 0;
  }
  /** Linux: in_atomic(), but aware of disabled interrupts too. True: sleeping is not allowed. */
  inAtomic(): boolean {
    return this.preemptCount() !== 0 || this.irqsDisabled();
  }

  // ── interrupt flag ────────────────────────────────────────────────────────────────────────

  /** Linux: irqs_disabled(). */
  irqsDisabled(): boolean {
    return this.memory.readOwn(this.area + irqsOff) !== 0;
  }

  /** Linux: local_irq_disable(). */
  localIrqDisable(): void {
    this.localIrqSave();
  }

  /** Linux: local_irq_enable(). Takes what came in meanwhile. Not in a hard interrupt. */
  localIrqEnable(): void {
    const { memory, area } = this;
    if ((memory.readOwn(area + preemptCount) & (HARDIRQ_MASK | NMI_MASK)) !== 0) {
      this.bug('interrupts enabled inside a hard interrupt handler');
    }
    if (this.lockHooks !== null && memory.readOwn(area + irqsOff) !== 0)
      this.lockHooks.hardirqs?.(true);
    memory.writeOwn(area + irqsOff, 0);
    if (this.needResched || memory.readOwn(area + pending) !== 0) this.takeInterrupts();
  }

  /** Linux: local_irq_save(). Returns the flags for `localIrqRestore`; nests. */
  localIrqSave(): number {
    const { memory, area } = this;
    const flags = memory.readOwn(area + irqsOff);
    memory.writeOwn(area + irqsOff, 1);
    if (this.lockHooks !== null && flags === 0) this.lockHooks.hardirqs?.(false);
    return flags;
  }

  /** Linux: local_irq_restore(). */
  localIrqRestore(flags: number): void {
    if (flags === 0) this.localIrqEnable();
    else this.localIrqDisable();
  }

  /** Linux: local_bh_disable(). Soft irqs wait until the matching enable. Nests up to 127. */
  localBhDisable(): void {
    const count = this.preemptCount() + SOFTIRQ_DISABLE_OFFSET;
    if ((count & SOFTIRQ_MASK & ~SOFTIRQ_OFFSET) === 0)
      this.bug('preempt_count overflow: 128 nested localBhDisable');
    this.memory.writeOwn(this.area + preemptCount, count);
    if (this.lockHooks !== null && !bottomHalvesOff(count - SOFTIRQ_DISABLE_OFFSET))
      this.lockHooks.softirqs?.(false);
  }

  /** Linux: local_bh_enable(). The outermost one runs the soft irqs raised meanwhile. Not with irqs off. */
  localBhEnable(): void {
    const count = this.preemptCount();
    if ((count & SOFTIRQ_MASK & ~SOFTIRQ_OFFSET) === 0)
      this.bug('preempt_count underflow: localBhEnable without localBhDisable');
    if (this.lockHooks !== null && !bottomHalvesOff(count - SOFTIRQ_DISABLE_OFFSET))
      this.lockHooks.softirqs?.(true);
    this.memory.writeOwn(this.area + preemptCount, count - SOFTIRQ_DISABLE_OFFSET);
    this.runSoftirqs();
    if (this.memory.readOwn(this.area + pending) !== 0) this.takeInterrupts();
  }

  /** Runs raised soft irqs if this context may: no interrupt, no soft irq, bottom halves on, irqs on. */
  runSoftirqs(): void {
    if (
      this.softirqHandler !== null &&
      this.memory.readOwn(this.area + softirqPending) !== 0 &&
      !this.inInterrupt() &&
      !this.irqsDisabled()
    ) {
      this.softirqHandler();
    }
  }
}

/** Disabled, or being served. */
function bottomHalvesOff(count: number): boolean {
  return (count & SOFTIRQ_MASK) !== 0;
}
