/**
 * Turns a memory into a machine: everything the CPUs share is laid out and initialised here, before
 * the first of them runs. No threads: the launcher starts them, a controlled clock makes coroutines.
 */
import { alignUp, CACHE_LINE, memblockAlloc, percpuAlloc, percpuInit, ROOT } from '@percpu/memory';
import type { Memory } from '@percpu/memory';
import { CORE_PARAMETERS, DMESG_LINES, PERCPU_RESERVE, TEXT_SYMBOLS } from './core-parameters.ts';
import { coreAreaSize } from './call-queue.ts';
import { allocIrqLines } from './device-irq.ts';
import { allocDmesg } from './dmesg.ts';
import {
  CpuState,
  MACHINE_MAGIC,
  MachineLayout,
  MachineState,
  MachineStruct,
  PerCpuLayout,
  PerCpuStruct,
} from './machine-layout.ts';
import { areaOf, machineInfo } from './machine-info.ts';
import type { MachineInfo } from './machine-info.ts';
import { allocOnceTable } from './once-table.ts';
import { ParkingBucket } from './parking-bucket.ts';
import { checkParameters, parameterValue } from './parameters.ts';
import type { Parameter, ParameterValues } from './parameters.ts';
import { allocString } from './shared-string.ts';
import { allocText, textBaseFor } from './text-layout.ts';

/** A machine cannot have more CPUs. One thread needs some 33 memory maps and 5 descriptors. */
export const MAX_CPUS = 1024;

/** CPUs a controlled clock may simulate: they are coroutines, not threads. */
export const MAX_SIMULATED_CPUS = 4096;

export interface MachineConfig {
  /** CPUs that boot brings up. */
  readonly cpus: number;
  /** Further CPUs, for threads that join. Default 0. */
  readonly joinable?: number;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Parameters that packages above the machine declare. */
  readonly declares?: readonly Parameter[];
}

/** Formats the machine. Only once per memory; throws on a bad configuration and when memory is too small. */
export function bringUpMachine(memory: Memory, config: MachineConfig): MachineInfo {
  if (memory.load(ROOT) !== 0)
    throw new Error('bringUpMachine: this memory holds a machine already');
  const nrBooted = config.cpus;
  const nrCpus = nrBooted + (config.joinable ?? 0);
  if (!Number.isInteger(nrCpus) || nrBooted < 0 || nrCpus < 1 || nrCpus > MAX_SIMULATED_CPUS) {
    throw new RangeError(
      `bringUpMachine: ${config.cpus} CPUs and ${config.joinable ?? 0} joinable; ` +
        `accepted are 1 to ${MAX_SIMULATED_CPUS} in all`,
    );
  }
  const parameters = checkParameters(config.parameters ?? {}, [
    ...CORE_PARAMETERS,
    ...(config.declares ?? []),
  ]);
  const at = memblockAlloc(memory, MachineStruct.size, MachineStruct.align);
  memory.describe(at, MachineStruct, 'machine');
  memory.write(at + MachineLayout.nrCpus, nrCpus);
  memory.write(at + MachineLayout.nrBooted, nrBooted);
  memory.write64(at + MachineLayout.bootTime, Math.round(memory.now()));
  memory.write(at + MachineLayout.parameters, allocString(memory, JSON.stringify(parameters)));
  bringUpAreas(memory, at, nrCpus, parameters);
  bringUpParking(memory, at, nrCpus);
  memory.write(at + MachineLayout.textBase, textBaseFor(memory));
  memory.write(
    at + MachineLayout.text,
    allocText(memory, parameterValue(parameters, TEXT_SYMBOLS)),
  );
  const lines = parameterValue(parameters, DMESG_LINES);
  memory.write(at + MachineLayout.dmesg, allocDmesg(memory, lines));
  memory.write(at + MachineLayout.irqLines, allocIrqLines(memory));
  memory.write(at + MachineLayout.onceTable, allocOnceTable(memory));
  memory.write(at + MachineLayout.onlineMask, memblockAlloc(memory, alignUp(nrCpus, 32) / 8));
  memory.write(at + MachineLayout.joinedMask, memblockAlloc(memory, alignUp(nrCpus, 32) / 8));
  memory.write(at + MachineLayout.magic, MACHINE_MAGIC);
  memory.store(ROOT, at);
  const machine = machineInfo(memory);
  for (let cpu = 0; cpu < nrCpus; cpu++) {
    const area = areaOf(machine, cpu);
    memory.describe(area, PerCpuStruct, `cpu ${cpu}`);
    const state = cpu < nrBooted ? CpuState.offline : CpuState.reserved;
    memory.writeOwn(area + PerCpuLayout.state, state);
  }
  memory.store(at + MachineLayout.state, MachineState.running);
  return machine;
}

function bringUpAreas(memory: Memory, at: number, nrCpus: number, values: ParameterValues): void {
  const core = coreAreaSize(nrCpus);
  const reserve = parameterValue(values, PERCPU_RESERVE);
  // One line in front for the CPU number that memory keeps there.
  const areas = percpuInit(memory, nrCpus, CACHE_LINE + core + reserve);
  memory.write(at + MachineLayout.percpu, areas.at);
  memory.write(at + MachineLayout.coreOffset, percpuAlloc(memory, areas, core, CACHE_LINE));
}

/** Four buckets a CPU: two CPUs parked on different words rarely share one. */
function bringUpParking(memory: Memory, at: number, nrCpus: number): void {
  const bits = Math.min(10, Math.ceil(Math.log2(nrCpus)) + 2);
  const stride = alignUp(ParkingBucket.mask + alignUp(nrCpus, 32) / 8, CACHE_LINE);
  memory.write(at + MachineLayout.parkingBits, bits);
  memory.write(at + MachineLayout.parkingStride, stride);
  memory.write(at + MachineLayout.parking, memblockAlloc(memory, stride << bits));
}
