/**
 * The boot lock: one lock of the whole machine for first-time set-up. Its owner may take it again, since
 * creating one subsystem may create another. Interrupts are off while it is held, so that a subsystem may
 * be used for the first time in an interrupt handler. Not in an NMI.
 */
import type { Cpu } from './cpu.ts';
import { bug } from './fault.ts';
import { MachineLayout } from './machine-layout.ts';

/** Returns the flags for `bootUnlock`. */
export function bootLock(cpu: Cpu): number {
  const { memory } = cpu;
  const at = cpu.machine.at + MachineLayout.bootLock;
  if (cpu.inNmi()) bug(cpu, 'the boot lock is not for NMIs');
  const flags = cpu.localIrqSave();
  const mine = (cpu.id + 1) << 8;
  // Owner in bits 8–31, depth in bits 0–7. Only we write our own number there, so this load decides.
  const held = memory.load(at);
  if (held >>> 8 === cpu.id + 1) {
    memory.store(at, held + 1);
    return flags;
  }
  for (;;) {
    // Pairs with the store of 0 in bootUnlock: what the last owner set up is visible.
    const seen = memory.compareExchange(at, 0, mine + 1);
    if (seen === 0) return flags;
    cpu.waitWhileEquals(at, seen);
  }
}

export function bootUnlock(cpu: Cpu, flags: number): void {
  const { memory } = cpu;
  const at = cpu.machine.at + MachineLayout.bootLock;
  const held = memory.load(at);
  if (held >>> 8 !== cpu.id + 1) bug(cpu, 'unlock of the boot lock by a CPU that does not hold it');
  // Publishes the set-up; pairs with the compare-exchange in bootLock.
  memory.store(at, (held & 0xff) === 1 ? 0 : held - 1);
  cpu.unpark(at);
  cpu.localIrqRestore(flags);
}
