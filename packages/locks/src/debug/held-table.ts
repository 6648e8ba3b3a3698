/**
 * This CPU's table of the locks that it and its tasks hold and await (machine's held-locks.ts). Only this CPU
 * writes it, by *own* accesses: it orders nothing, and no schedule of an exploration is longer for it.
 */
import {
  currentTask,
  HeldLock,
  LockState,
  PerCpuLayout,
  Task,
  writeOwnString,
} from '@percpu/machine';
import { HARDIRQ_MASK, NMI_MASK, SOFTIRQ_OFFSET } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { memblockAlloc } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import type { LockKind } from './lock-kind.ts';

/** Entries a CPU begins with. */
const ENTRIES = 32;
/** Bytes for the descriptions of the types that this CPU has met, and of one of them. */
const KINDS_SIZE = 2048;
const KIND_SIZE = 256;

/** Interrupt, soft irq or task: what a lock that belongs to a CPU is taken and released in. */
export function contextOf(cpu: Cpu): number {
  return cpu.preemptCount() & (HARDIRQ_MASK | NMI_MASK | SOFTIRQ_OFFSET);
}

/** The table of `cpu`, empty. */
export function makeHeldTable(cpu: Cpu): HeldTable {
  const { memory, area } = cpu;
  const table = new HeldTable(cpu, memblockAlloc(memory, KINDS_SIZE, 4));
  table.grow(ENTRIES);
  memory.writeOwn(area + PerCpuLayout.heldLocks, 0);
  return table;
}

export class HeldTable {
  private readonly cpu: Cpu;
  private readonly memory: Memory;
  private readonly kinds: Map<LockKind, Ptr> = new Map<LockKind, Ptr>();
  private entries: Ptr = 0;
  private capacity = 0;
  private kindsAt: Ptr;
  private readonly kindsEnd: Ptr;

  /** Use `makeHeldTable`. Touches no memory. */
  constructor(cpu: Cpu, kindsAt: Ptr) {
    this.cpu = cpu;
    this.memory = cpu.memory;
    this.kindsAt = kindsAt;
    this.kindsEnd = kindsAt + KINDS_SIZE;
  }

  get count(): Ptr {
    return this.cpu.area + PerCpuLayout.heldLocks;
  }

  /** Moves to a table of `capacity` entries. The old one stays: a report may be reading it. */
  grow(capacity: number): void {
    const { memory, cpu } = this;
    const entries = memblockAlloc(memory, capacity * HeldLock.size, HeldLock.align);
    for (let offset = 0; offset < this.capacity * HeldLock.size; offset += 4)
      memory.writeOwn(entries + offset, memory.readOwn(this.entries + offset));
    this.entries = entries;
    this.capacity = capacity;
    memory.writeOwn(cpu.area + PerCpuLayout.heldTable, entries);
  }

  /** The running task asks for `lock`, or has it: `state` of LockState. */
  push(kind: LockKind, lock: Ptr, state: number, flags: number, site: number): void {
    const { memory, cpu } = this;
    const count = memory.readOwn(this.count);
    if (count === this.capacity) this.grow(2 * this.capacity);
    const entry = this.entries + count * HeldLock.size;
    const task = currentTask(cpu);
    memory.writeOwn(entry + HeldLock.lock, lock);
    memory.writeOwn(entry + HeldLock.kind, this.addressOf(kind));
    memory.writeOwn(entry + HeldLock.task, task);
    memory.writeOwn(entry + HeldLock.pid, memory.readOwn(task + Task.pid));
    memory.writeOwn(entry + HeldLock.state, state);
    memory.writeOwn(entry + HeldLock.flags, flags);
    memory.writeOwn(entry + HeldLock.context, contextOf(cpu));
    memory.writeOwn(entry + HeldLock.site, site);
    memory.writeOwn(this.count, count + 1);
  }

  /** The newest entry of `lock` in this state, of `task` or (0) of anybody; 0: there is none. */
  find(lock: Ptr, state: number, task: Ptr): Ptr {
    const { memory } = this;
    for (let i = memory.readOwn(this.count) - 1; i >= 0; i--) {
      const entry = this.entries + i * HeldLock.size;
      if (memory.readOwn(entry + HeldLock.lock) !== lock) continue;
      if (memory.readOwn(entry + HeldLock.state) !== state) continue;
      if (task === 0 || memory.readOwn(entry + HeldLock.task) === task) return entry;
    }
    return 0;
  }

  /** Forgets an entry. The others keep their order. */
  remove(entry: Ptr): void {
    const { memory } = this;
    const left = memory.readOwn(this.count) - 1;
    const end = this.entries + left * HeldLock.size;
    for (let at = entry; at < end; at += 4) memory.writeOwn(at, memory.readOwn(at + HeldLock.size));
    memory.writeOwn(this.count, left);
  }

  /** Forgets what an ended task was waiting for, as far as anybody left it here. */
  removeAwaited(task: Ptr): void {
    const { memory } = this;
    for (let i = memory.readOwn(this.count) - 1; i >= 0; i--) {
      const entry = this.entries + i * HeldLock.size;
      const awaited = memory.readOwn(entry + HeldLock.state) === LockState.awaited;
      if (awaited && memory.readOwn(entry + HeldLock.task) === task) this.remove(entry);
    }
  }

  /** Its description in memory; 0 when this CPU has met more types than there is room for. */
  private addressOf(kind: LockKind): Ptr {
    const known = this.kinds.get(kind);
    if (known !== undefined) return known;
    const room = Math.min(KIND_SIZE, this.kindsEnd - this.kindsAt);
    let at = 0;
    if (room >= KIND_SIZE) {
      at = this.kindsAt;
      this.kindsAt += writeOwnString(this.memory, at, kind.description, room);
    }
    this.kinds.set(kind, at);
    return at;
  }
}
