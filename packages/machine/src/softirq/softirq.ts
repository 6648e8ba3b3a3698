/**
 * Soft irqs: work that an interrupt leaves for right after it, with interrupts on again.
 *
 *   raise ─▶ bit in the pending word of this CPU ─▶ run, lowest number first
 *
 * They run where a hard interrupt ends, where bottom halves are enabled again, and in the main loop;
 * never nested, and always on the CPU that raised them. The pending word is the CPU's own: others
 * send it an IPI whose handler raises.
 *
 * A handler may raise again, also its own. After MAX_SOFTIRQ_RESTART rounds the rest waits: Linux
 * hands it to the thread ksoftirqd, here the main loop plays that part. It runs one task before the
 * next ten rounds, and does not sleep while something is pending. So neither tasks nor soft irqs
 * starve. Linux also ends a run after 2 ms; here only the rounds count.
 */
import { array, layout, memblockAlloc, hex } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { bug, warnOnce } from '../fault.ts';
import { PerCpuLayout } from '../machine-layout.ts';
import { SOFTIRQ_OFFSET } from '../preempt-count.ts';
import { printk } from '../printk.ts';
import type { Subsystem } from '../subsystem.ts';
import { NR_SOFTIRQS, SOFTIRQ_NAMES } from './softirq-numbers.ts';

/** Linux: MAX_SOFTIRQ_RESTART (kernel/softirq.c). Rounds before the rest is left to the main loop. */
export const MAX_SOFTIRQ_RESTART = 10;

/** A handler that is a function of this CPU. Runs in softirq context: must not sleep. */
export type SoftirqAction = (cpu: Cpu) => void;

const vectorFields = {
  /** Kernel text by number, atomic; 0: no handler that all CPUs share. */
  action: array('ptr', NR_SOFTIRQS),
} as const;

/** Linux: softirq_vec. */
const SoftirqVec: Layout<typeof vectorFields> = layout(vectorFields, {
  name: 'SoftirqVec',
  cacheAligned: true,
});

const { softirqPending, preemptCount, irqsOff } = PerCpuLayout;

/** One CPU's soft irqs. */
export class Softirqs {
  private readonly cpu: Cpu;
  private readonly vec: Ptr;
  private readonly local: (SoftirqAction | undefined)[] = [];

  constructor(cpu: Cpu, vec: Ptr) {
    this.cpu = cpu;
    this.vec = vec;
  }

  open(nr: number, action: Ptr | SoftirqAction): void {
    const { memory } = this.cpu;
    const slot = this.vec + SoftirqVec.action + nr * 4;
    const name = SOFTIRQ_NAMES[nr] ?? '';
    if (this.local[nr] !== undefined) bug(this.cpu, `softirq ${name} is open already on this CPU`);
    if (typeof action === 'function') {
      this.local[nr] = action;
      return;
    }
    // Pairs with the load in `act`: whoever finds the address finds what was set up before.
    const before = memory.compareExchange(slot, 0, action);
    if (before !== 0 && before !== action) bug(this.cpu, `softirq ${name} is open already`);
  }

  /** Runs what is pending. Linux: __do_softirq(). Interrupts on, no other context active. */
  run(): void {
    const { memory, area } = this.cpu;
    this.cpu.preemptCountAdd(SOFTIRQ_OFFSET);
    for (let rounds = 0; rounds < MAX_SOFTIRQ_RESTART; rounds++) {
      this.cpu.localIrqDisable();
      const pending = memory.readOwn(area + softirqPending);
      if (pending === 0) break;
      memory.writeOwn(area + softirqPending, 0);
      this.cpu.localIrqEnable();
      for (let nr = 0; nr < NR_SOFTIRQS; nr++) if ((pending & (1 << nr)) !== 0) this.runOne(nr);
    }
    // Interrupts are off from the last look until the count is back: one that raises in between
    // would not be looked at here, nor run at its own end.
    this.cpu.localIrqDisable();
    this.cpu.preemptCountAdd(-SOFTIRQ_OFFSET);
    // Not localIrqEnable, which would take interrupts, run soft irqs and come back here, ever deeper.
    // Whoever called us looks again.
    memory.writeOwn(area + irqsOff, 0);
  }

  private runOne(nr: number): void {
    const { cpu } = this;
    const { softirqEntry, softirqExit } = cpu.trace;
    const before = cpu.preemptCount();
    cpu.count('softirqs');
    if (softirqEntry.enabled) softirqEntry.fire(nr);
    this.act(nr);
    if (softirqExit.enabled) softirqExit.fire(nr);
    this.checkContext(nr, before);
  }

  private act(nr: number): void {
    const local = this.local[nr];
    if (local !== undefined) return local(this.cpu);
    const action = this.cpu.memory.load(this.vec + SoftirqVec.action + nr * 4);
    const text = `softirq ${SOFTIRQ_NAMES[nr] ?? nr} was raised, but nobody has opened it`;
    if (!warnOnce(this.cpu, action === 0, text)) this.cpu.text.call(action);
  }

  /** A handler leaves the context as it found it. If not: a line in dmesg, and it is put right, as in Linux. */
  private checkContext(nr: number, before: number): void {
    const { cpu } = this;
    const after = cpu.preemptCount();
    const name = SOFTIRQ_NAMES[nr] ?? '';
    if (after !== before) {
      const counts = `with preempt_count ${hex(before)}, exited with ${hex(after)}?`;
      printk(cpu, 'err', `huh, entered softirq ${nr} ${name} ${counts}`);
      cpu.memory.writeOwn(cpu.area + preemptCount, before);
    }
    if (warnOnce(cpu, cpu.irqsDisabled(), `softirq ${name} returned with interrupts off`)) {
      cpu.localIrqEnable();
    }
  }
}

/** Linux: open_softirq(). The handler of soft irq `nr`: kernel text for all CPUs, or a function for this one. At set-up; a second, different one is a BUG. */
export function openSoftirq(cpu: Cpu, nr: number, action: Ptr | SoftirqAction): void {
  checkNumber(cpu, nr);
  cpu.use(softirqs).open(nr, action);
}

/** Linux: raise_softirq(). Soft irq `nr` runs on this CPU as soon as its context allows. Any context. */
export function raiseSoftirq(cpu: Cpu, nr: number): void {
  const flags = cpu.localIrqSave();
  raiseSoftirqIrqoff(cpu, nr);
  cpu.localIrqRestore(flags);
}

/** Linux: raise_softirq_irqoff(). As `raiseSoftirq`, for callers that have interrupts off. */
export function raiseSoftirqIrqoff(cpu: Cpu, nr: number): void {
  checkNumber(cpu, nr);
  const { memory, area, trace } = cpu;
  memory.writeOwn(area + softirqPending, memory.readOwn(area + softirqPending) | (1 << nr));
  if (trace.softirqRaise.enabled) trace.softirqRaise.fire(nr);
}

/** Linux: local_softirq_pending(). One bit a soft irq raised on this CPU and not yet run. Any context. */
export function localSoftirqPending(cpu: Cpu): number {
  return cpu.memory.readOwn(cpu.area + softirqPending);
}

function checkNumber(cpu: Cpu, nr: number): void {
  if (!Number.isInteger(nr) || nr < 0 || nr >= NR_SOFTIRQS) {
    bug(cpu, `softirq ${nr}: accepted are 0 to ${NR_SOFTIRQS - 1}`);
  }
}

/** Soft irqs. Attached when a CPU starts. */
export const softirqs: Subsystem<Softirqs> = Object.freeze({
  name: 'softirq',
  create(cpu: Cpu): Ptr {
    const vec = memblockAlloc(cpu.memory, SoftirqVec.size, SoftirqVec.align);
    cpu.memory.describe(vec, SoftirqVec);
    return vec;
  },
  attach(cpu: Cpu, vec: Ptr): Softirqs {
    const view = new Softirqs(cpu, vec);
    cpu.softirqHandler = () => view.run();
    return view;
  },
});
