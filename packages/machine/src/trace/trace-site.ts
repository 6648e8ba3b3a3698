/**
 * One CPU's state of one tracepoint: whether anybody listens, and who. Nobody but this CPU reads or
 * writes it; `trace-registry.ts` brings it up to date when the shared list of probes changes.
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { HARDIRQ_MASK, NMI_MASK, SOFTIRQ_OFFSET } from '../preempt-count.ts';
import type { FiringWord } from './firing.ts';
import { MAX_TRACE_FIELDS } from './tracepoint.ts';
import type { TraceArgs, TraceField } from './tracepoint.ts';

/** A probe that is a function of this CPU. Runs where the tracepoint is: must not sleep. */
export type LocalProbe = (cpu: Cpu, ...args: readonly number[]) => void;

/**
 * One listener. A local function is called with the fields; kernel text with `data` and the address of a
 * record, one i64 a field in the order of declaration, good until it returns.
 */
export interface Probe {
  readonly call: Ptr | LocalProbe;
  readonly data: number;
  readonly priority: number;
}

/** What `fire` needs of its CPU. */
export interface SiteOwner {
  readonly cpu: Cpu;
  readonly firing: FiringWord;
  /** Room for RECORDS records: one for each firing, for those on top of each other. */
  readonly records: Ptr;
}

/** Bytes of a record: an i64 for each field. */
export const RECORD_SIZE: number = MAX_TRACE_FIELDS * 8;

/** How deep firings may nest: probes that run into other tracepoints, and interrupts on top of them. */
export const RECORDS = 8;

export class TraceSite<Fields extends readonly TraceField[] = readonly TraceField[]> {
  readonly name: string;
  /** Does anybody listen? Ask this, then `fire`. */
  enabled: boolean = false;
  /** Events not delivered: a probe of this site ran into it again in the same context, or RECORDS was reached. */
  missed: number = 0;
  /** In order of calling. Never changed, only replaced: a firing ends with the array it began with. */
  private probes: readonly Probe[] = [];
  private shared: readonly Probe[] = [];
  private local: readonly Probe[] = [];
  private owner: SiteOwner | undefined = undefined;
  /** Contexts (bit 0 task … bit 3 nmi) in which this site fires now. */
  private active = 0;

  constructor(name: string) {
    this.name = name;
  }

  connect(owner: SiteOwner): void {
    this.owner = owner;
  }

  /** The list that all CPUs share has become `probes`. */
  setShared(probes: readonly Probe[]): void {
    this.shared = probes;
    this.rebuild();
  }

  addLocal(probe: Probe): void {
    this.local = [...this.local, probe];
    this.rebuild();
  }

  /** False when it is not there. */
  removeLocal(call: LocalProbe): boolean {
    const rest = this.local.filter((probe) => probe.call !== call);
    const found = rest.length < this.local.length;
    this.local = rest;
    this.rebuild();
    return found;
  }

  hasLocal(call: LocalProbe): boolean {
    return this.local.some((probe) => probe.call === call);
  }

  /** Highest priority first, then in order of registration, those of all CPUs before the local ones. */
  private rebuild(): void {
    this.probes = [...this.shared, ...this.local].sort((a, b) => b.priority - a.priority);
    this.enabled = this.probes.length > 0;
  }

  /**
   * Calls the probes. Any context. A probe that comes to this place again in the same context is not
   * called for that (Linux leaves this to its tracers); `missed` counts it.
   */
  fire(...args: TraceArgs<Fields>): void {
    const { owner } = this;
    if (owner === undefined) return;
    const bit = contextBit(owner.cpu.preemptCount());
    const depth = owner.firing.depth();
    if ((this.active & bit) !== 0 || depth === RECORDS) {
      this.missed++;
      return;
    }
    this.active |= bit;
    owner.firing.enter();
    try {
      const record = owner.records + depth * RECORD_SIZE;
      // The list of this moment, behind F1: one taken before could be replaced by an IPI that comes before F1, and
      // whoever replaced it would find no firing to wait for.
      for (const probe of this.probes) callProbe(owner.cpu, probe, record, args);
    } finally {
      owner.firing.leave();
      this.active &= ~bit;
    }
  }
}

function callProbe(cpu: Cpu, probe: Probe, record: Ptr, args: readonly number[]): void {
  if (typeof probe.call === 'function') {
    probe.call(cpu, ...args);
    return;
  }
  for (let i = 0; i < args.length; i++) cpu.memory.write64(record + i * 8, args[i]!);
  cpu.text.call(probe.call, probe.data, record);
}

function contextBit(preemptCount: number): number {
  if ((preemptCount & NMI_MASK) !== 0) return 8;
  if ((preemptCount & HARDIRQ_MASK) !== 0) return 4;
  return (preemptCount & SOFTIRQ_OFFSET) !== 0 ? 2 : 1;
}
