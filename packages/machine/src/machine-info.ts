/** What every thread knows about the machine: constants since bring-up, copied once per thread. */
import { percpuAttach, ROOT } from '@percpu/memory';
import type { Memory, PercpuAreas, Ptr } from '@percpu/memory';
import { MACHINE_MAGIC, MachineLayout } from './machine-layout.ts';
import type { ParameterValues } from './parameters.ts';
import { readString } from './shared-string.ts';

export interface MachineInfo {
  /** The machine struct (`MachineLayout`). */
  readonly at: Ptr;
  /** CPUs the machine has room for, whether online or not. Linux: nr_cpu_ids. */
  readonly nrCpus: number;
  /** CPUs brought up at boot; the rest may join. */
  readonly nrBooted: number;
  /** Address of CPU 0's area (`PerCpuLayout`), and the bytes from one CPU's to the next. */
  readonly areas: Ptr;
  readonly areaSize: number;
  /** For `percpuAlloc`. */
  readonly percpu: PercpuAreas;
  readonly textBase: Ptr;
  readonly text: Ptr;
  readonly dmesg: Ptr;
  readonly parking: Ptr;
  readonly parkingBits: number;
  readonly parkingStride: number;
  readonly onlineMask: Ptr;
  readonly joinedMask: Ptr;
  readonly irqLines: Ptr;
  readonly onceTable: Ptr;
  /** `Memory.now()` at bring-up, in ns. */
  readonly bootTime: number;
  readonly parameters: ParameterValues;
}

/** The machine in `memory`. Throws when there is none. */
export function machineInfo(memory: Memory): MachineInfo {
  const at = memory.load(ROOT);
  if (at === 0 || memory.read(at + MachineLayout.magic) !== MACHINE_MAGIC) {
    throw new Error('this memory holds no machine; bringUpMachine formats one');
  }
  const field = (offset: number): number => memory.read(at + offset);
  const percpu = percpuAttach(memory, field(MachineLayout.percpu));
  const parameters = readString(memory, field(MachineLayout.parameters));
  return Object.freeze({
    at,
    nrCpus: field(MachineLayout.nrCpus),
    nrBooted: field(MachineLayout.nrBooted),
    areas: percpu.base + field(MachineLayout.coreOffset),
    areaSize: percpu.stride,
    percpu,
    textBase: field(MachineLayout.textBase),
    text: field(MachineLayout.text),
    dmesg: field(MachineLayout.dmesg),
    parking: field(MachineLayout.parking),
    parkingBits: field(MachineLayout.parkingBits),
    parkingStride: field(MachineLayout.parkingStride),
    onlineMask: field(MachineLayout.onlineMask),
    joinedMask: field(MachineLayout.joinedMask),
    irqLines: field(MachineLayout.irqLines),
    onceTable: field(MachineLayout.onceTable),
    bootTime: memory.read64(at + MachineLayout.bootTime),
    parameters: Object.freeze(JSON.parse(parameters) as ParameterValues),
  });
}

/** Address of the area of CPU `cpu`. Linux: per_cpu_ptr(). */
export function areaOf(machine: MachineInfo, cpu: number): Ptr {
  return machine.areas + cpu * machine.areaSize;
}
