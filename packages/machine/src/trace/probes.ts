/** Listening to tracepoints. */
import { memblockAlloc } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { Errno } from '../errno.ts';
import { warn } from '../fault.ts';
import { rawSpinLock, rawSpinUnlock } from '../raw-spinlock.ts';
import { waitForFirings } from './firing.ts';
import {
  MAX_PROBES,
  ProbeSlot,
  readProbes,
  refuseAtomicContext,
  trace,
  TraceEntry,
  updateAllCpus,
} from './trace-registry.ts';
import { TraceSite } from './trace-site.ts';
import type { LocalProbe, Probe } from './trace-site.ts';
import type { Tracepoint, TraceField } from './tracepoint.ts';

/** Linux: TRACEPOINT_DEFAULT_PRIO. */
export const TRACEPOINT_DEFAULT_PRIO = 10;

/** This CPU's site of `point`: get it once, when your subsystem attaches, and keep it. Task context. */
export function traceSite<const Fields extends readonly TraceField[]>(
  cpu: Cpu,
  point: Tracepoint<Fields>,
): TraceSite<Fields> {
  const registry = cpu.use(trace);
  const known = registry.siteAt(registry.eventOf(point));
  if (known !== undefined) return known;
  const site = new TraceSite<Fields>(point.name);
  registry.connect(site, point);
  return site;
}

/**
 * Linux: tracepoint_probe_register_prio(). From the return on, every CPU that passes `point` calls
 * the kernel text at `call` with (cpu, data, record), whose fields `traceField` reads: higher priority
 * first, equals in order of registration. Returns 0, Errno.EEXIST (this call with this data is registered) or Errno.ENOSPC
 * (MAX_PROBES reached). Task context, interrupts on.
 */
export function tracepointProbeRegister(
  cpu: Cpu,
  point: Tracepoint,
  call: Ptr,
  data = 0,
  priority: number = TRACEPOINT_DEFAULT_PRIO,
): number {
  refuseAtomicContext(cpu, `tracepoint ${point.name}`);
  const registry = cpu.use(trace);
  const entry = registry.eventOf(point);
  rawSpinLock(cpu, registry.lock);
  const probes = readProbes(cpu.memory, entry);
  let result = 0;
  if (indexOf(probes, call, data) !== -1) result = Errno.EEXIST;
  else if (probes.length === MAX_PROBES) result = Errno.ENOSPC;
  else {
    writeProbes(cpu.memory, entry, [...probes, { call, data, priority }]);
    updateAllCpus(cpu, registry, entry);
  }
  rawSpinUnlock(cpu, registry.lock);
  return result;
}

/**
 * Linux: tracepoint_probe_unregister(). Returns 0 or Errno.ENOENT. No firing that begins after the return
 * calls the probe; one under way on another CPU may: see `tracepointSynchronizeUnregister`. Task
 * context, interrupts on.
 */
export function tracepointProbeUnregister(
  cpu: Cpu,
  point: Tracepoint,
  call: Ptr,
  data = 0,
): number {
  refuseAtomicContext(cpu, `tracepoint ${point.name}`);
  const registry = cpu.use(trace);
  const entry = registry.eventOf(point);
  rawSpinLock(cpu, registry.lock);
  const probes = readProbes(cpu.memory, entry);
  const index = indexOf(probes, call, data);
  if (index !== -1) {
    probes.splice(index, 1);
    writeProbes(cpu.memory, entry, probes);
    updateAllCpus(cpu, registry, entry);
  }
  rawSpinUnlock(cpu, registry.lock);
  return index === -1 ? Errno.ENOENT : 0;
}

/**
 * Linux: tracepoint_synchronize_unregister(). Returns when no CPU can be in a probe that was unregistered
 * before the call: now its data may go and its text be unmapped. Waits for probes, so not from one
 * (a warning, and it returns at once). Task context, interrupts on.
 */
export function tracepointSynchronizeUnregister(cpu: Cpu): void {
  refuseAtomicContext(cpu, 'tracepointSynchronizeUnregister: a tracepoint');
  const registry = cpu.use(trace);
  const text = 'tracepointSynchronizeUnregister called from a probe: it would wait for itself';
  if (warn(cpu, registry.firing.depth() > 0, text)) return;
  for (let id = 0; id < cpu.nrCpus; id++) {
    if (id !== cpu.id) waitForFirings(cpu, registry.firingOf(id));
  }
}

/**
 * A probe on this CPU only, as a function: for a tracer that keeps its records in JavaScript. Returns 0
 * or Errno.EEXIST. Task context.
 */
export function localProbeRegister(
  cpu: Cpu,
  point: Tracepoint,
  call: LocalProbe,
  priority: number = TRACEPOINT_DEFAULT_PRIO,
): number {
  const site = traceSite(cpu, point);
  if (site.hasLocal(call)) return Errno.EEXIST;
  site.addLocal({ call, data: 0, priority });
  return 0;
}

/** Takes away what `localProbeRegister` gave. Returns 0 or Errno.ENOENT. Task context, or from the probe itself. */
export function localProbeUnregister(cpu: Cpu, point: Tracepoint, call: LocalProbe): number {
  return traceSite(cpu, point).removeLocal(call) ? 0 : Errno.ENOENT;
}

/** Field number `index` of the record that a probe in kernel text is given. */
export function traceField(cpu: Cpu, record: Ptr, index: number): number {
  return cpu.memory.read64(record + index * 8);
}

/** A tracepoint of this machine, as a list shows it. */
export interface TraceEvent {
  readonly name: string;
  readonly fields: readonly string[];
  /** Probes that all CPUs share. */
  readonly probes: number;
}

/** Linux: /sys/kernel/tracing/available_events. The tracepoints that some CPU has a site of. Task context. */
export function availableEvents(cpu: Cpu): TraceEvent[] {
  const events: TraceEvent[] = [];
  for (const { name, signature, at } of cpu.use(trace).names('event')) {
    const fields = signature === '' ? [] : signature.split(',');
    events.push({ name, fields, probes: cpu.memory.load(at + TraceEntry.count) });
  }
  return events;
}

function indexOf(probes: readonly Probe[], call: Ptr, data: number): number {
  return probes.findIndex((probe) => probe.call === call && probe.data === data);
}

function writeProbes(memory: Memory, entry: Ptr, probes: readonly Probe[]): void {
  let table = memory.read(entry + TraceEntry.probes);
  if (table === 0) {
    table = memblockAlloc(memory, MAX_PROBES * ProbeSlot.size, ProbeSlot.align);
    memory.write(entry + TraceEntry.probes, table);
  }
  for (const [index, probe] of probes.entries()) {
    const slot = table + index * ProbeSlot.size;
    memory.write(slot + ProbeSlot.call, probe.call as Ptr);
    memory.write(slot + ProbeSlot.data, probe.data);
    memory.write(slot + ProbeSlot.priority, probe.priority);
  }
  memory.store(entry + TraceEntry.count, probes.length);
}
