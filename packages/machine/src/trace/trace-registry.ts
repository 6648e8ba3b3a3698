/**
 * What the CPUs share about static keys and tracepoints, and how a change reaches every CPU's copy:
 *
 *   changer   lock ─ change the entry ─ IPI to all online CPUs, wait ─ unlock
 *   others    in the IPI: read the entry, bring the own copy up to date
 *
 * The lock is held over the IPI, so an entry does not change while somebody reads it there. It is taken
 * with interrupts on, and whoever waits for it takes that IPI. A CPU that gets its first copy of an
 * entry holds the lock; one that comes online reads all entries again.
 */
import { array, layout, memblockAlloc, percpuAlloc, perCpuPtr } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { bug } from '../fault.ts';
import { hashText } from '../once-table.ts';
import { rawSpinLock, rawSpinUnlock } from '../raw-spinlock.ts';
import { allocString, readString } from '../shared-string.ts';
import { onEachCpu } from '../smp-call.ts';
import type { Subsystem } from '../subsystem.ts';
import { CoreTracepoints } from './core-tracepoints.ts';
import type { CoreTrace } from './core-tracepoints.ts';
import { FiringWord } from './firing.ts';
import type { StaticBranch, StaticKey } from './static-key.ts';
import { RECORD_SIZE, RECORDS } from './trace-site.ts';
import type { Probe, TraceSite } from './trace-site.ts';
import type { Tracepoint } from './tracepoint.ts';

const perCpuFields = { firing: 'u32', records: array('u64', (RECORDS * RECORD_SIZE) / 8) } as const;
/** Per CPU. */
const TraceCpu: Layout<typeof perCpuFields> = layout(perCpuFields, { name: 'TraceCpu' });

const sharedFields = {
  lock: 'u32',
  /** All entries, newest first. */
  entries: 'ptr',
  /** Entries of CoreTracepoints, in a row. */
  core: 'ptr',
  perCpu: 'u32',
} as const;
const Shared: Layout<typeof sharedFields> = layout(sharedFields, {
  name: 'TraceShared',
  cacheAligned: true,
});

const entryFields = {
  next: 'ptr',
  /** `key:` or `event:` and the name. */
  name: 'ptr',
  hash: 'u32',
  /** The fields of a tracepoint: two declarations of one name have to agree. */
  signature: 'ptr',
  /** Atomic. Users of a static key, probes of a tracepoint. */
  count: 'u32',
  /** MAX_PROBES slots, in order of registration; NULL before the first. */
  probes: 'ptr',
} as const;
export const TraceEntry: Layout<typeof entryFields> = layout(entryFields, { name: 'TraceEntry' });

const slotFields = { call: 'ptr', data: 'u32', priority: 'i32' } as const;
export const ProbeSlot: Layout<typeof slotFields> = layout(slotFields, { name: 'ProbeSlot' });

/** Probes a tracepoint can have that all CPUs share. */
export const MAX_PROBES = 32;

const CORE_KEYS = Object.keys(CoreTracepoints) as readonly (keyof CoreTrace)[];

class Branch implements StaticBranch {
  enabled: boolean = false;
}

/** One CPU's copies. */
export class TraceRegistry {
  readonly cpu: Cpu;
  /** Guards all entries. */
  readonly lock: Ptr;
  readonly firing: FiringWord;
  /** See SiteOwner. */
  readonly records: Ptr;
  /** Kernel text that brings the copies of one entry up to date. */
  readonly updateFn: Ptr;
  private readonly shared: Ptr;
  /** By name and signature. */
  private readonly entries: Map<string, Ptr> = new Map<string, Ptr>();
  private readonly branches: Map<Ptr, Branch> = new Map<Ptr, Branch>();
  private readonly sites: Map<Ptr, TraceSite> = new Map<Ptr, TraceSite>();

  constructor(cpu: Cpu, shared: Ptr, firing: FiringWord, records: Ptr, updateFn: Ptr) {
    this.cpu = cpu;
    this.records = records;
    this.shared = shared;
    this.lock = shared + Shared.lock;
    this.firing = firing;
    this.updateFn = updateFn;
  }

  branch(key: StaticKey): StaticBranch {
    const at = this.entryOf(key);
    const known = this.branches.get(at);
    if (known !== undefined) return known;
    const branch = new Branch();
    rawSpinLock(this.cpu, this.lock);
    this.branches.set(at, branch);
    this.refresh(at);
    rawSpinUnlock(this.cpu, this.lock);
    return branch;
  }

  countOf(key: StaticKey): Ptr {
    return this.entryOf(key) + TraceEntry.count;
  }

  entryOf(key: StaticKey): Ptr {
    return this.entry(`key:${key.name}`, '', key.initially ? 1 : 0);
  }

  eventOf(point: Tracepoint): Ptr {
    return this.entry(`event:${point.name}`, point.fields.join(','), 0);
  }

  siteAt(at: Ptr): TraceSite | undefined {
    return this.sites.get(at);
  }

  /** From now on `site` follows `point`. Once per tracepoint. */
  connect(site: TraceSite, point: Tracepoint): void {
    const at = this.eventOf(point);
    site.connect(this);
    rawSpinLock(this.cpu, this.lock);
    this.sites.set(at, site);
    this.refresh(at);
    rawSpinUnlock(this.cpu, this.lock);
  }

  /** The same for those of the machine, whose entries lie in a row: at each start of a CPU, so no names are compared. */
  connectCore(sites: CoreTrace): void {
    const { memory } = this.cpu;
    let at = memory.read(this.shared + Shared.core);
    rawSpinLock(this.cpu, this.lock);
    for (const key of CORE_KEYS) {
      sites[key].connect(this);
      this.sites.set(at, sites[key]);
      if (memory.load(at + TraceEntry.count) !== 0) this.refresh(at);
      at += TraceEntry.size;
    }
    rawSpinUnlock(this.cpu, this.lock);
  }

  /** Brings this CPU's copy of the entry at `at` up to date. In the IPI, or with the lock held. */
  refresh(at: Ptr): void {
    const { memory } = this.cpu;
    const branch = this.branches.get(at);
    // Pairs with the store of the changer, which waits until we are done.
    if (branch !== undefined) branch.enabled = memory.load(at + TraceEntry.count) !== 0;
    this.sites.get(at)?.setShared(readProbes(memory, at));
  }

  /** All copies, for a CPU that was not there when they changed. */
  refreshAll(): void {
    rawSpinLock(this.cpu, this.lock);
    for (const at of this.branches.keys()) this.refresh(at);
    for (const at of this.sites.keys()) this.refresh(at);
    rawSpinUnlock(this.cpu, this.lock);
  }

  /** Names and signatures of all entries of the kind, oldest first. */
  names(kind: 'key' | 'event'): { name: string; signature: string; at: Ptr }[] {
    const { memory } = this.cpu;
    const found: { name: string; signature: string; at: Ptr }[] = [];
    rawSpinLock(this.cpu, this.lock);
    let at = memory.read(this.shared + Shared.entries);
    while (at !== 0) {
      const name = readString(memory, memory.read(at + TraceEntry.name));
      const signature = readString(memory, memory.read(at + TraceEntry.signature));
      if (name.startsWith(`${kind}:`))
        found.unshift({ name: name.slice(kind.length + 1), signature, at });
      at = memory.read(at + TraceEntry.next);
    }
    rawSpinUnlock(this.cpu, this.lock);
    return found;
  }

  private entry(name: string, signature: string, count: number): Ptr {
    const declaration = `${name}(${signature})`;
    const known = this.entries.get(declaration);
    if (known !== undefined) return known;
    const { memory } = this.cpu;
    if (this.cpu.inInterrupt()) bug(this.cpu, `first use of ${name} in an interrupt`);
    rawSpinLock(this.cpu, this.lock);
    let at = this.find(name);
    if (at === 0) {
      at = memblockAlloc(memory, TraceEntry.size, TraceEntry.align);
      fillEntry(memory, this.shared, at, { name, signature, count });
    }
    const first = readString(memory, memory.read(at + TraceEntry.signature));
    rawSpinUnlock(this.cpu, this.lock);
    if (first !== signature) {
      throw new TypeError(
        `${name} is declared with (${signature}) and, before that, with (${first})`,
      );
    }
    this.entries.set(declaration, at);
    return at;
  }

  private find(name: string): Ptr {
    const { memory } = this.cpu;
    const hash = hashText(name);
    let at = memory.read(this.shared + Shared.entries);
    while (at !== 0) {
      const same = memory.read(at + TraceEntry.hash) === hash;
      if (same && readString(memory, memory.read(at + TraceEntry.name)) === name) return at;
      at = memory.read(at + TraceEntry.next);
    }
    return 0;
  }

  /** The firing word of CPU `id`. */
  firingOf(id: number): Ptr {
    return traceCpu(this.cpu, this.shared, id) + TraceCpu.firing;
  }
}

interface NewEntry {
  readonly name: string;
  readonly signature: string;
  readonly count: number;
}

/** Names an entry of zeroed memory and puts it on the list. The caller holds the lock, or is alone. */
function fillEntry(
  memory: Memory,
  shared: Ptr,
  at: Ptr,
  { name, signature, count }: NewEntry,
): void {
  memory.describe(at, TraceEntry, name);
  memory.write(at + TraceEntry.name, allocString(memory, name));
  memory.write(at + TraceEntry.signature, allocString(memory, signature));
  memory.write(at + TraceEntry.hash, hashText(name));
  memory.store(at + TraceEntry.count, count);
  memory.write(at + TraceEntry.next, memory.read(shared + Shared.entries));
  memory.write(shared + Shared.entries, at);
}

function createCore(memory: Memory, shared: Ptr): void {
  let at = memblockAlloc(memory, CORE_KEYS.length * TraceEntry.size, TraceEntry.align);
  memory.write(shared + Shared.core, at);
  for (const key of CORE_KEYS) {
    const { name, fields } = CoreTracepoints[key];
    fillEntry(memory, shared, at, { name: `event:${name}`, signature: fields.join(','), count: 0 });
    at += TraceEntry.size;
  }
}

/** The shared list of probes of the tracepoint at `at`. The caller holds the lock, or is in the IPI. */
export function readProbes(memory: Memory, at: Ptr): Probe[] {
  const probes: Probe[] = [];
  const table = memory.read(at + TraceEntry.probes);
  const count = table === 0 ? 0 : memory.load(at + TraceEntry.count);
  for (let i = 0; i < count; i++) {
    const slot = table + i * ProbeSlot.size;
    probes.push({
      call: memory.read(slot + ProbeSlot.call),
      data: memory.read(slot + ProbeSlot.data),
      priority: memory.readSigned(slot + ProbeSlot.priority),
    });
  }
  return probes;
}

/** Has every online CPU bring its copies of the entry up to date, and waits for it. The caller holds the lock. */
export function updateAllCpus(cpu: Cpu, registry: TraceRegistry, entry: Ptr): void {
  onEachCpu(cpu, registry.updateFn, entry, true);
}

/** A change waits for an IPI to all CPUs, with the deadlock rules of smp_call_function(). */
export function refuseAtomicContext(cpu: Cpu, what: string): void {
  if (cpu.irqsDisabled() || cpu.inInterrupt()) {
    bug(cpu, `${what} changed in interrupt context or with interrupts off: it waits for all CPUs`);
  }
}

function traceCpu(cpu: Cpu, shared: Ptr, id: number): Ptr {
  return perCpuPtr(cpu.machine.percpu, cpu.memory.read(shared + Shared.perCpu), id);
}

/** Static keys and tracepoints. */
export const trace: Subsystem<TraceRegistry> = Object.freeze({
  name: 'trace',
  create(cpu: Cpu): Ptr {
    const { memory } = cpu;
    const shared = memblockAlloc(memory, Shared.size, Shared.align);
    memory.describe(shared, Shared);
    const offset = percpuAlloc(memory, cpu.machine.percpu, TraceCpu.size, TraceCpu.align);
    memory.write(shared + Shared.perCpu, offset);
    createCore(memory, shared);
    return shared;
  },
  attach(cpu: Cpu, shared: Ptr): TraceRegistry {
    const own = traceCpu(cpu, shared, cpu.id);
    const firing = new FiringWord(cpu, own + TraceCpu.firing);
    const updateFn = cpu.text.define('trace_update', (self: Cpu, entry: Ptr) => {
      self.use(trace).refresh(entry);
    });
    return new TraceRegistry(cpu, shared, firing, own + TraceCpu.records, updateFn);
  },
});
