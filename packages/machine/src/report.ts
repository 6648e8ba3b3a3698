/**
 * The state of all CPUs as text, from the words they keep in shared memory: works on any thread, while
 * the machine runs, is stuck, or is dead.
 */
import { hex } from '@percpu/memory';
import type { Memory } from '@percpu/memory';
import { describeAwaited, describeLocks, readHeldLocks } from './held-locks.ts';
import { symbolName } from './kernel-text.ts';
import { CpuState, MachineLayout, PerCpuLayout } from './machine-layout.ts';
import { areaOf } from './machine-info.ts';
import type { MachineInfo } from './machine-info.ts';
import { describePreemptCount } from './preempt-count.ts';
import { readString } from './shared-string.ts';
import { describeTaint } from './taint.ts';
import { formatCpuList } from './cpu-list.ts';
import { blockedTasks } from './task/read-tasks.ts';

/** From so many CPUs on, those that say the same share a line: nobody reads 256 of them. */
const GROUPED_FROM = 9;

/** A header line, a line a CPU (or a line a group of CPUs), and the tasks that are blocked. */
export function machineReport(memory: Memory, machine: MachineInfo): string {
  const taint = describeTaint(memory.load(machine.at + MachineLayout.taint));
  const panicCpu = memory.load(machine.at + MachineLayout.panicCpu);
  const panic = panicCpu === 0 ? '' : `, panic on CPU ${panicCpu - 1}`;
  const lines = [`${machine.nrCpus} CPUs, ${taint}${panic}`];
  if (machine.nrCpus < GROUPED_FROM) {
    for (let cpu = 0; cpu < machine.nrCpus; cpu++) lines.push(cpuReport(memory, machine, cpu));
  } else lines.push(...groupReports(memory, machine));
  return [...lines, ...blockedTasks(memory, machine)].join('\n');
}

/** `CPU 1: parked, runs main of a.ts, preempt 1, irqs off, waits for 0x00012340, …` */
export function cpuReport(memory: Memory, machine: MachineInfo, cpu: number): string {
  const heartbeat = memory.readOwn(areaOf(machine, cpu) + PerCpuLayout.heartbeat);
  return `CPU ${cpu}: ${describeCpu(memory, machine, cpu)}, heartbeat ${heartbeat}`;
}

interface Group {
  readonly cpus: number[];
  least: number;
  most: number;
}

/** `CPU 0-2,5: idle, task, irqs on, heartbeat 3 to 7`, in the order of the first of each group. */
function groupReports(memory: Memory, machine: MachineInfo): string[] {
  const groups = new Map<string, Group>();
  for (let cpu = 0; cpu < machine.nrCpus; cpu++) {
    const heartbeat = memory.readOwn(areaOf(machine, cpu) + PerCpuLayout.heartbeat);
    const text = describeCpu(memory, machine, cpu);
    const group = groups.get(text) ?? { cpus: [], least: heartbeat, most: heartbeat };
    groups.set(text, group);
    group.cpus.push(cpu);
    group.least = Math.min(group.least, heartbeat);
    group.most = Math.max(group.most, heartbeat);
  }
  return Array.from(groups, ([text, { cpus, least, most }]) => {
    const heartbeat = least === most ? `${least}` : `${least} to ${most}`;
    return `CPU ${formatCpuList(cpus)}: ${text}, heartbeat ${heartbeat}`;
  });
}

function describeCpu(memory: Memory, machine: MachineInfo, cpu: number): string {
  const area = areaOf(machine, cpu);
  const own = (offset: number): number => memory.readOwn(area + offset);
  const parts = [stateName(own(PerCpuLayout.state))];
  const name = readString(memory, own(PerCpuLayout.currentName));
  if (name !== '') parts.push(`runs ${name}`);
  parts.push(describePreemptCount(own(PerCpuLayout.preemptCount)));
  parts.push(own(PerCpuLayout.irqsOff) === 0 ? 'irqs on' : 'irqs off');
  const lastSymbol = own(PerCpuLayout.lastSymbol);
  if (lastSymbol !== 0) parts.push(`last called ${symbolName(memory, machine, lastSymbol)}`);
  const waitsFor = own(PerCpuLayout.waitsFor);
  if (waitsFor !== 0) {
    const lock = describeAwaited(memory, machine, cpu, waitsFor);
    parts.push(`waits for ${hex(waitsFor)}${lock === undefined ? '' : ` (${lock})`}`);
  }
  const pending = memory.load(area + PerCpuLayout.pending);
  if (pending !== 0) parts.push(`pending ${hex(pending)}`);
  const held = readHeldLocks(memory, machine, cpu).filter((entry) => entry.held);
  if (held.length > 0) parts.push(`holds ${describeLocks(memory, held)}`);
  return parts.join(', ');
}

function stateName(code: number): string {
  for (const [name, value] of Object.entries(CpuState)) if (value === code) return name;
  return `state ${code}`;
}
