/**
 * Subsystems: how a package gets its shared state into the machine. The first CPU that asks creates it,
 * under the boot lock; every CPU then attaches its own view. The list of what was created is in the
 * machine's memory, so there is no state in modules.
 */
import { layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import { bootLock, bootUnlock } from './boot-lock.ts';
import type { Cpu } from './cpu.ts';
import { bug } from './fault.ts';
import type { MachineInfo } from './machine-info.ts';
import { MachineLayout } from './machine-layout.ts';
import { hashText } from './once-table.ts';
import { allocString, readString } from './shared-string.ts';

export interface Subsystem<View> {
  /** Unique on the machine; also the prefix of its boot parameters. */
  readonly name: string;
  /** Allocates and initialises the shared state; returns its address (0 when there is none). Once per machine, under the boot lock. May use other subsystems. */
  create(cpu: Cpu): Ptr;
  /** This CPU's view of it. Once per CPU. */
  attach(cpu: Cpu, at: Ptr): View;
}

const entryFields = { next: 'ptr', name: 'ptr', hash: 'u32', at: 'ptr', ready: 'u32' } as const;
const Entry: Layout<typeof entryFields> = layout(entryFields, { name: 'SubsystemEntry' });

/** The views of one CPU. */
export class SubsystemViews {
  private readonly views: Map<string, unknown> = new Map<string, unknown>();

  use<View>(cpu: Cpu, subsystem: Subsystem<View>): View {
    const known = this.views.get(subsystem.name);
    if (known !== undefined) return known as View;
    const at = sharedState(cpu, subsystem);
    const view = subsystem.attach(cpu, at);
    this.views.set(subsystem.name, view ?? null);
    return view;
  }
}

function sharedState(cpu: Cpu, subsystem: Subsystem<unknown>): Ptr {
  const { memory, machine } = cpu;
  // There already: without the lock, for which all CPUs of a large machine would queue at the same moment.
  const known = subsystemState(memory, machine, subsystem.name);
  if (known !== 0) return known;
  const flags = bootLock(cpu);
  const found = findEntry(memory, machine, subsystem.name);
  if (found !== 0) {
    if (memory.load(found + Entry.ready) === 0)
      bug(cpu, `subsystem ${subsystem.name} needs itself while it is created`);
    const at = memory.read(found + Entry.at);
    bootUnlock(cpu, flags);
    return at;
  }
  const entry = memblockAlloc(memory, Entry.size, Entry.align);
  memory.write(entry + Entry.name, allocString(memory, subsystem.name));
  memory.write(entry + Entry.hash, hashText(subsystem.name));
  memory.write(entry + Entry.next, memory.load(machine.at + MachineLayout.subsystems));
  // Atomic, though we hold the lock: pairs with the load in findEntry, which may be without.
  memory.store(machine.at + MachineLayout.subsystems, entry);
  const at = subsystem.create(cpu);
  memory.write(entry + Entry.at, at);
  // Publishes what create did; pairs with the load in subsystemState.
  memory.store(entry + Entry.ready, 1);
  bootUnlock(cpu, flags);
  return at;
}

/** Address of the shared state of a subsystem, for a thread that is no CPU; 0 as long as no CPU has asked for it. */
export function subsystemState(memory: Memory, machine: MachineInfo, name: string): Ptr {
  const entry = findEntry(memory, machine, name);
  if (entry === 0 || memory.load(entry + Entry.ready) === 0) return 0;
  return memory.read(entry + Entry.at);
}

/** Any thread, with the boot lock or without: an entry is complete, but for what it leads to, before the list shows it. */
function findEntry(memory: Memory, machine: MachineInfo, name: string): Ptr {
  const hash = hashText(name);
  let entry = memory.load(machine.at + MachineLayout.subsystems);
  while (entry !== 0) {
    if (
      memory.read(entry + Entry.hash) === hash &&
      readString(memory, memory.read(entry + Entry.name)) === name
    )
      break;
    entry = memory.read(entry + Entry.next);
  }
  return entry;
}
