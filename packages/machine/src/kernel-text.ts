/** This CPU's side of kernel text (text-layout.ts): its functions by address, and calls through addresses. */
import type { Memory, Ptr } from '@percpu/memory';
import { memblockAlloc, hex } from '@percpu/memory';
import { bootLock, bootUnlock } from './boot-lock.ts';
import type { Cpu } from './cpu.ts';
import { bug, oops } from './fault.ts';
import { PerCpuLayout } from './machine-layout.ts';
import type { MachineInfo } from './machine-info.ts';
import { hashText } from './once-table.ts';
import { allocString, readString } from './shared-string.ts';
import { SlotState, TEXT_STRIDE, TextModule, TextSlot, TextTable } from './text-layout.ts';

/**
 * What can live in kernel text. Called with the CPU it runs on and what the caller of `call` passed: an
 * address or a number each, for nothing else can be shared.
 */
export type KernelFunction = (cpu: Cpu, a: number, b: number, c: number) => unknown;

export class KernelText {
  private readonly cpu: Cpu;
  private readonly memory: Memory;
  private readonly base: Ptr;
  private readonly functions: (KernelFunction | undefined)[] = [];
  private slots = 0;
  private table: Ptr = 0;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
    this.memory = cpu.memory;
    this.base = cpu.machine.textBase;
  }

  /**
   * Gives `fn` the address of the symbol `name`: the same on every CPU, new if no CPU has defined it yet.
   * Every CPU that may be asked to call it defines it. With `module`, in the range of that module, which
   * must be mapped. Task context.
   */
  define(name: string, fn: KernelFunction, module = ''): Ptr {
    const slot = this.find(name, module) ?? this.add(name, module);
    this.functions[slot] = fn;
    return this.base + slot * TEXT_STRIDE;
  }

  /** Linux: kallsyms_lookup_name(). 0 when no mapped function has that name. Any context. */
  lookup(name: string, module = ''): Ptr {
    const slot = this.find(name, module);
    return slot === undefined ? 0 : this.base + slot * TEXT_STRIDE;
  }

  /** Calls the function at `at` on this CPU. An address that is not mapped is an oops. Context: that of the function. */
  call(at: Ptr, a = 0, b = 0, c = 0): unknown {
    const slot = (at - this.base) / TEXT_STRIDE;
    const fn = this.functions[slot];
    // The state is asked at every call: another CPU may have unmapped the module since.
    if (fn === undefined || this.state(slot) !== SlotState.mapped) return this.badCall(at);
    this.memory.writeOwn(this.cpu.area + PerCpuLayout.lastSymbol, at);
    return fn(this.cpu, a, b, c);
  }

  /** Linux: sprint_symbol(). `name+0x0/0x10`, with ` [module]` if it has one; '' where nothing ever was. */
  symbolOf(at: Ptr): string {
    return symbolName(this.memory, this.cpu.machine, at);
  }

  /**
   * Linux: what loading a module does to the address space. Reserves a range for `functions` functions.
   * Refused while a module of that name is mapped. Task context. Returns the first address.
   */
  mapModule(name: string, functions = 64): Ptr {
    if (!Number.isInteger(functions) || functions < 1) {
      throw new RangeError(
        `mapModule: room for ${functions} functions; accepted are whole numbers from 1`,
      );
    }
    const { memory, cpu } = this;
    const flags = bootLock(cpu);
    if (this.findModule(name) !== 0) {
      bootUnlock(cpu, flags);
      throw new Error(`mapModule: the module ${name} is mapped already`);
    }
    const text = cpu.machine.text;
    const module = memblockAlloc(memory, TextModule.size, TextModule.align);
    const first = this.reserve(functions);
    memory.write(module + TextModule.name, allocString(memory, name));
    memory.write(module + TextModule.first, first);
    memory.write(module + TextModule.slots, functions);
    memory.write(module + TextModule.mapped, 1);
    memory.write(module + TextModule.next, memory.read(text + TextTable.modules));
    memory.write(text + TextTable.modules, module);
    bootUnlock(cpu, flags);
    return this.base + first * TEXT_STRIDE;
  }

  /** Linux: what unloading does. From here on a call into the range is an oops, on every CPU. Task context. */
  unmapModule(name: string): void {
    const { memory, cpu } = this;
    const flags = bootLock(cpu);
    const module = this.findModule(name);
    if (module !== 0) {
      memory.write(module + TextModule.mapped, 0);
      const first = memory.read(module + TextModule.first);
      const used = memory.read(module + TextModule.used);
      for (let slot = first; slot < first + used; slot++) {
        memory.store(this.slotAt(slot) + TextSlot.state, SlotState.unmapped);
      }
    }
    bootUnlock(cpu, flags);
    if (module === 0) throw new Error(`unmapModule: no module ${name} is mapped`);
  }

  private state(slot: number): number {
    return this.memory.load(this.slotAt(slot) + TextSlot.state);
  }

  private slotAt(slot: number): Ptr {
    if (this.table === 0) {
      this.table = this.memory.read(this.cpu.machine.text + TextTable.table);
      this.slots = this.memory.read(this.cpu.machine.text + TextTable.slots);
    }
    return this.table + slot * TextSlot.size;
  }

  private bucketOf(name: string): Ptr {
    const text = this.cpu.machine.text;
    const bits = this.memory.read(text + TextTable.bits);
    return this.memory.read(text + TextTable.buckets) + (hashText(name) >>> (32 - bits)) * 4;
  }

  /** The mapped slot of `name`. No lock: a slot is complete before its bucket shows it. */
  private find(name: string, module: string): number | undefined {
    const { memory } = this;
    // Pairs with the store in add.
    let next = memory.load(this.bucketOf(name));
    while (next !== 0) {
      const at = this.slotAt(next - 1);
      if (
        memory.load(at + TextSlot.state) === SlotState.mapped &&
        readString(memory, memory.read(at + TextSlot.name)) === name &&
        moduleName(memory, memory.read(at + TextSlot.module)) === module
      ) {
        return next - 1;
      }
      next = memory.read(at + TextSlot.next);
    }
    return undefined;
  }

  private add(name: string, module: string): number {
    const { memory, cpu } = this;
    const flags = bootLock(cpu);
    const found = this.find(name, module);
    const slot = found ?? this.newSlot(name, module);
    bootUnlock(cpu, flags);
    if (slot < 0) {
      throw new Error(
        `define ${name}: no module ${module} is mapped, or its range is full; see mapModule`,
      );
    }
    if (found === undefined) memory.describe(this.slotAt(slot), TextSlot, name);
    return slot;
  }

  /** Under the boot lock. −1: no such module, or no room in its range. */
  private newSlot(name: string, module: string): number {
    const { memory } = this;
    const record = module === '' ? 0 : this.findModule(module);
    const slot = module === '' ? this.reserve(1) : this.slotInModule(record);
    if (slot < 0) return slot;
    const at = this.slotAt(slot);
    const bucket = this.bucketOf(name);
    memory.write(at + TextSlot.name, allocString(memory, name));
    memory.write(at + TextSlot.module, record);
    memory.write(at + TextSlot.next, memory.load(bucket));
    memory.store(at + TextSlot.state, SlotState.mapped);
    // Publishes the slot; pairs with the load in find.
    memory.store(bucket, slot + 1);
    return slot;
  }

  private slotInModule(record: Ptr): number {
    const { memory } = this;
    if (record === 0) return -1;
    const used = memory.read(record + TextModule.used);
    if (used === memory.read(record + TextModule.slots)) return -1;
    memory.write(record + TextModule.used, used + 1);
    return memory.read(record + TextModule.first) + used;
  }

  /** Under the boot lock. */
  private reserve(count: number): number {
    const { memory, cpu } = this;
    const first = memory.read(cpu.machine.text + TextTable.next);
    this.slotAt(first);
    if (first + count > this.slots) {
      bug(
        cpu,
        `kernel text is full: ${first} of ${this.slots} addresses used, asked for ${count}; raise text.symbols`,
      );
    }
    memory.write(cpu.machine.text + TextTable.next, first + count);
    return first;
  }

  /** Under the boot lock. The mapped module of that name, or 0. */
  private findModule(name: string): Ptr {
    const { memory } = this;
    let module = memory.read(this.cpu.machine.text + TextTable.modules);
    while (module !== 0) {
      const mapped = memory.read(module + TextModule.mapped) === 1;
      if (mapped && moduleName(memory, module) === name) break;
      module = memory.read(module + TextModule.next);
    }
    return module;
  }

  private badCall(at: Ptr): never {
    const { cpu } = this;
    if (at === 0) return oops(cpu, 'BUG: kernel NULL pointer dereference, address: 0x00000000');
    const symbol = this.symbolOf(at);
    const slot = (at - this.base) / TEXT_STRIDE;
    if (
      symbol !== '' &&
      this.state(Math.floor(slot)) === SlotState.mapped &&
      Number.isInteger(slot)
    ) {
      return bug(
        cpu,
        `CPU ${cpu.id} calls ${symbol} (${hex(at)}), which this CPU never loaded: cpu.text.define it on every CPU that may call it`,
      );
    }
    const was = symbol === '' ? 'no function was ever there' : `it was ${symbol}`;
    return oops(cpu, `BUG: unable to handle page fault for address: ${hex(at)} (${was})`);
  }
}

/** `name+0x0/0x10 [module]` for a text address, '' where nothing ever was. Any thread. */
export function symbolName(memory: Memory, machine: MachineInfo, at: Ptr): string {
  const offset = at - machine.textBase;
  const slot = Math.floor(offset / TEXT_STRIDE);
  if (slot < 0 || slot >= memory.read(machine.text + TextTable.slots)) return '';
  const slotAt = memory.read(machine.text + TextTable.table) + slot * TextSlot.size;
  if (memory.load(slotAt + TextSlot.state) === SlotState.free) return '';
  const name = readString(memory, memory.read(slotAt + TextSlot.name));
  const module = moduleName(memory, memory.read(slotAt + TextSlot.module));
  const within = `${name}+0x${(offset % TEXT_STRIDE).toString(16)}/0x${TEXT_STRIDE.toString(16)}`;
  return module === '' ? within : `${within} [${module}]`;
}

function moduleName(memory: Memory, module: Ptr): string {
  return module === 0 ? '' : readString(memory, memory.read(module + TextModule.name));
}
