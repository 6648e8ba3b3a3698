/**
 * Threads that are not ours: a worker that the user started becomes a CPU in one of the slots that
 * `Machine.boot({ joinable })` reserved. No pool, no launcher on that side.
 *
 * The thread keeps its event loop. Whenever it is there, the CPU takes its interrupts and runs its tasks;
 * between, the user's own code runs and uses the CPU synchronously (`cpu.block`, locks, calls). As long as
 * that code neither returns to the event loop nor looks for interrupts, whoever waits for this CPU waits.
 */
import { createMemory } from '@percpu/memory';
import type { Memory, NativeBackend } from '@percpu/memory';
import { attachCpu } from './attach-cpu.ts';
import { flushCallQueue } from './call-queue.ts';
import type { Cpu } from './cpu.ts';
import { cpuMain, startCpu } from './cpu-main.ts';
import type { CpuHost } from './cpu-main.ts';
import { waitInEventLoop } from './event-loop-wait.ts';
import { bug, isFatal } from './fault.ts';
import { CpuStopped } from './fault-errors.ts';
import { CpuState } from './machine-layout.ts';
import { machineInfo } from './machine-info.ts';
import type { MachineInfo } from './machine-info.ts';
import { offlineCpu } from './online.ts';
import { synchronizeCpus } from './smp-call.ts';

/** What a thread needs to join: `machine.joinHandle()`, posted to it. */
export interface JoinHandle {
  readonly native: WebAssembly.Memory;
  readonly backend: NativeBackend;
  readonly checked: boolean;
}

/**
 * Makes the calling thread a CPU of the machine. `prepare` runs before the CPU goes online: what others may
 * call on it is defined there. Throws when all reserved slots are taken.
 */
export function join(handle: JoinHandle, prepare?: (cpu: Cpu) => void): Cpu {
  const given = handle as Partial<JoinHandle> | undefined;
  if (!(given?.native instanceof WebAssembly.Memory)) {
    throw new TypeError('join: no handle; accepted is what machine.joinHandle() returned');
  }
  const { native, backend, checked } = handle;
  const memory = createMemory({ native, backend, checked });
  const machine = machineInfo(memory);
  const cpu = attachCpu(memory, claimSlot(memory, machine));
  cpu.restingInEventLoop = true;
  const host: CpuHost = { hostWork: false, exit: false, outstanding: 1 };
  cpu.onLeave = () => {
    host.exit = true;
  };
  prepare?.(cpu);
  startCpu(cpu, host);
  void attend(cpu, host);
  return cpu;
}

/**
 * Gives the slot back. Task context; nothing may run on the CPU any more. The thread goes on as it likes. On a
 * machine that is dead or shut down there is nothing to give back, and nothing happens.
 */
export function leave(cpu: Cpu): void {
  const { onLeave } = cpu;
  if (onLeave === null) bug(cpu, 'leave: this CPU did not join, it was booted');
  if (cpu.inAtomic()) bug(cpu, 'leave in atomic context');
  onLeave();
  try {
    goOffline(cpu);
  } catch (error) {
    if (!(error instanceof CpuStopped)) throw error;
  }
}

function goOffline(cpu: Cpu): void {
  offlineCpu(cpu);
  // Whoever saw us online has interrupts off until its call is queued. When all have answered this one,
  // every such call is in our queue, and nobody sends another.
  synchronizeCpus(cpu);
  const flags = cpu.localIrqSave();
  flushCallQueue(cpu);
  cpu.localIrqRestore(flags);
  cpu.setState(CpuState.reserved);
  const { memory, machine } = cpu;
  // Publishes what we leave behind; pairs with the fetchOr in claimSlot.
  memory.fetchAnd(slotWord(machine, cpu.id), ~slotBit(cpu.id) >>> 0);
}

async function attend(cpu: Cpu, host: CpuHost): Promise<void> {
  try {
    while (!host.exit && cpuMain(cpu, host) !== 'exit') await waitInEventLoop(cpu, host);
  } catch (error) {
    // The machine died; the thread meets that itself at its next look.
    if (!isFatal(error)) throw error;
    cpu.setState(CpuState.stopped);
  }
}

function claimSlot(memory: Memory, machine: MachineInfo): number {
  for (let id = machine.nrBooted; id < machine.nrCpus; id++) {
    const bit = slotBit(id);
    if ((memory.fetchOr(slotWord(machine, id), bit) & bit) === 0) return id;
  }
  const slots = machine.nrCpus - machine.nrBooted;
  throw new Error(
    slots === 0
      ? 'join: this machine reserved no CPUs; boot it with joinable: n'
      : `join: all ${slots} reserved CPUs are taken; boot with a larger joinable`,
  );
}

function slotWord(machine: MachineInfo, id: number): number {
  return machine.joinedMask + (id >>> 5) * 4;
}

function slotBit(id: number): number {
  return (1 << (id & 31)) >>> 0;
}
