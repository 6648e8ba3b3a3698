/** CPU 1 takes a lock and dies with it, when CPU 0 waits for it; or before, where only the task dies. */
import { PerCpuLayout, readHeldLocks } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { lockKindNamed } from '../support/lock-kinds.ts';

export interface DeathArgs {
  readonly type: string;
  readonly lock: number;
  /** A word: 1 when CPU 1 has the lock. */
  readonly stage: number;
  /** The readers' side of a lock: CPU 0 asks for the other. */
  readonly waitsFor: string;
  readonly death: 'exit' | 'oops' | 'ends' | 'spins';
}

export function* dieHolding(cpu: Cpu, args: DeathArgs): Sleeps<void> {
  const { type, lock, stage, waitsFor, death } = args;
  if (cpu.id === 0) {
    cpu.waitWhileEquals(stage, 0);
    const waiting = lockKindNamed(waitsFor).lock(cpu, lock);
    if (waiting !== undefined) yield* waiting;
    return;
  }
  const entry = lockKindNamed(type);
  entry.init?.(cpu, lock);
  const taking = entry.lock(cpu, lock);
  if (taking !== undefined) yield* taking;
  cpu.memory.store(stage, 1);
  cpu.unpark(stage);
  if (death === 'ends') return;
  if (death === 'oops') throw new RangeError('of all the gin joints');
  while (!waits(cpu, lock)) cpu.relax();
  if (death === 'exit') process.exit(3);
  for (let i = 0; ; i++) if (i < 0) return;
}

/** Does CPU 0 sleep for the lock, spinning or in a task? */
function waits(cpu: Cpu, lock: number): boolean {
  const { memory, machine } = cpu;
  const awaits = readHeldLocks(memory, machine, 0).some((one) => one.lock === lock && !one.held);
  const area = machine.areas;
  const idle = memory.readOwn(area + PerCpuLayout.state) === IDLE;
  return awaits && (idle || memory.readOwn(area + PerCpuLayout.waitsFor) !== 0);
}

/** CpuState.idle. */
const IDLE = 2;
