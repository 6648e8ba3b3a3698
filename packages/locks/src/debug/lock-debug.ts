/**
 * The debug mode of all locks on one CPU: who holds what is written down, and whoever takes or releases a lock
 * against its rules gets a BUG in the words of the kernel. Linux: CONFIG_DEBUG_SPINLOCK, DEBUG_MUTEXES,
 * DEBUG_RWSEMS, DEBUG_RT_MUTEXES, DEBUG_ATOMIC_SLEEP.
 *
 * What decides is this CPU's own table, which is exact here; the tables of others are looked at for naming them.
 */
import {
  currentTask,
  describeHolders,
  describeLock,
  describeLocks,
  describeTask,
  HeldLock,
} from '@percpu/machine';
import { LockState, lockHolders, oops, printk, readHeldLocks, Task } from '@percpu/machine';
import type { Cpu, HeldLockInfo } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { LockFlag } from '../lock-flags.ts';
import { contextOf } from './held-table.ts';
import type { HeldTable } from './held-table.ts';
import { DESTROYED, OWNER_MASK } from './lock-kind.ts';
import type { LockKind } from './lock-kind.ts';

export class LockDebug {
  private readonly cpu: Cpu;
  private readonly table: HeldTable;

  /** Use `attachLockDebug`. Touches no memory. */
  constructor(cpu: Cpu, table: HeldTable) {
    this.cpu = cpu;
    this.table = table;
  }

  // ── taking and releasing ──────────────────────────────────────────────────────────────────

  /** Before the wait. From here on reports say what is waited for. */
  acquire(kind: LockKind, lock: Ptr, flags: number, site: number): void {
    this.checkMagic(kind, lock);
    if ((flags & LockFlag.mayRecur) === 0) this.checkRecursion(kind, lock, flags);
    this.table.push(kind, lock, LockState.awaited, flags, site);
  }

  /** It is ours. */
  acquired(kind: LockKind, lock: Ptr): void {
    const entry = this.table.find(lock, LockState.awaited, currentTask(this.cpu));
    // None: the wait began before the debug mode did.
    if (entry === 0) return this.tried(kind, lock, 0, 0);
    if (kind.owner === 'none') this.table.remove(entry);
    else {
      const { memory } = this.cpu;
      memory.writeOwn(entry + HeldLock.state, LockState.held);
      this.setOwner(kind, lock, memory.readOwn(entry + HeldLock.flags), this.cpu.id + 1);
    }
  }

  /** The wait is over without the lock. */
  abandoned(lock: Ptr): void {
    const entry = this.table.find(lock, LockState.awaited, currentTask(this.cpu));
    if (entry !== 0) this.table.remove(entry);
  }

  /** Taken by an attempt that does not wait. */
  tried(kind: LockKind, lock: Ptr, flags: number, site: number): void {
    this.checkMagic(kind, lock);
    if (kind.owner === 'none') return;
    this.table.push(kind, lock, LockState.held, flags, site);
    this.setOwner(kind, lock, flags, this.cpu.id + 1);
  }

  /** Before the release. `free`: the lock itself says that nobody holds it. */
  release(kind: LockKind, lock: Ptr, flags: number, free: boolean): void {
    this.checkMagic(kind, lock);
    if (free) this.bug(kind, lock, 'already unlocked');
    if (kind.owner === 'none') return;
    const { memory } = this.cpu;
    const me = currentTask(this.cpu);
    const entry = this.table.find(lock, LockState.held, kind.owner === 'task' ? me : 0);
    if (entry === 0) this.bug(kind, lock, this.whyNotOurs(kind, lock));
    if (memory.readOwn(entry + HeldLock.context) !== contextOf(this.cpu))
      this.bug(kind, lock, 'wrong context');
    if (memory.readOwn(entry + HeldLock.task) !== me) this.bug(kind, lock, 'wrong owner');
    if (((memory.readOwn(entry + HeldLock.flags) ^ flags) & LockFlag.read) !== 0)
      this.bug(kind, lock, 'wrong mode');
    // Somebody else has come in meanwhile.
    if (!this.isOwner(kind, lock, flags)) this.bug(kind, lock, 'wrong CPU');
    this.setOwner(kind, lock, flags, 0);
    this.table.remove(entry);
  }

  /** The writer is a reader from now on. */
  downgraded(kind: LockKind, lock: Ptr): void {
    this.setOwner(kind, lock, 0, 0);
    const entry = this.table.find(lock, LockState.held, currentTask(this.cpu));
    if (entry === 0) return;
    const { memory } = this.cpu;
    const flags = memory.readOwn(entry + HeldLock.flags);
    memory.writeOwn(entry + HeldLock.flags, flags | LockFlag.read);
  }

  // ── life of a lock ────────────────────────────────────────────────────────────────────────

  /** It has become a free lock. */
  initialised(kind: LockKind, lock: Ptr): void {
    this.checkFreed('initialises', lock, kind.size);
    if (kind.magicAt !== undefined) this.cpu.memory.writeOwn(lock + kind.magicAt, kind.magic);
  }

  /** Linux: mutex_destroy(). `held`: the lock itself says that somebody holds it. */
  destroyed(kind: LockKind, lock: Ptr, held: boolean): void {
    this.checkMagic(kind, lock);
    if (held || this.users(lock, kind.size).length > 0)
      this.bug(kind, lock, 'destroyed while held');
    if (kind.magicAt !== undefined) this.cpu.memory.writeOwn(lock + kind.magicAt, DESTROYED);
  }

  /** Linux: debug_check_no_locks_freed(). No lock in these bytes may be held or awaited. */
  checkFreed(does: string, from: Ptr, bytes: number): void {
    const [user] = this.users(from, bytes);
    if (user === undefined) return;
    const { memory, machine } = this.cpu;
    const range = `memory ${hex(from)}-${hex(from + bytes - 1)}`;
    oops(
      this.cpu,
      `BUG: held lock freed! ${this.whoami()} ${does} ${range}, with a lock still ${user.held ? 'held' : 'awaited'} there: ` +
        `${describeLock(memory, user)}, ${describeHolders(memory, machine, user.lock)}`,
    );
  }

  /** What all CPUs hold and await within these bytes. */
  private users(from: Ptr, bytes: number): HeldLockInfo[] {
    const { memory, machine } = this.cpu;
    const users: HeldLockInfo[] = [];
    for (let cpu = 0; cpu < machine.nrCpus; cpu++) {
      for (const one of readHeldLocks(memory, machine, cpu))
        if (one.lock >= from && one.lock < from + bytes) users.push(one);
    }
    return users;
  }

  // ── checks ────────────────────────────────────────────────────────────────────────────────

  private checkMagic(kind: LockKind, lock: Ptr): void {
    if (kind.magicAt === undefined) return;
    const magic = (this.cpu.memory.readOwn(lock + kind.magicAt) & ~OWNER_MASK) >>> 0;
    // 0: a lock that was never initialised, as all words 0 is a free one.
    if (magic !== 0 && magic !== kind.magic) this.bug(kind, lock, 'bad magic');
  }

  /** Of a lock that one holds alone. */
  private setOwner(kind: LockKind, lock: Ptr, flags: number, owner: number): void {
    if (kind.magicAt === undefined || (flags & LockFlag.read) !== 0) return;
    const { memory } = this.cpu;
    const magic = memory.readOwn(lock + kind.magicAt) & ~OWNER_MASK;
    memory.writeOwn(lock + kind.magicAt, (magic | owner) >>> 0);
  }

  private isOwner(kind: LockKind, lock: Ptr, flags: number): boolean {
    if (kind.magicAt === undefined || (flags & LockFlag.read) !== 0) return true;
    return (this.cpu.memory.readOwn(lock + kind.magicAt) & OWNER_MASK) === this.cpu.id + 1;
  }

  private checkRecursion(kind: LockKind, lock: Ptr, flags: number): void {
    if (kind.owner === 'none') return;
    const { memory } = this.cpu;
    const me = currentTask(this.cpu);
    const entry = this.table.find(lock, LockState.held, kind.owner === 'task' ? me : 0);
    if (entry === 0) return;
    // Two readers do not wait for each other.
    if ((memory.readOwn(entry + HeldLock.flags) & flags & LockFlag.read) !== 0) return;
    const mine = memory.readOwn(entry + HeldLock.task) === me;
    this.bug(kind, lock, mine ? 'recursion' : 'cpu recursion');
  }

  /** A release by somebody who does not hold it: what Linux would call that. */
  private whyNotOurs(kind: LockKind, lock: Ptr): string {
    const holders = lockHolders(this.cpu.memory, this.cpu.machine, lock);
    if (holders.length === 0) return 'already unlocked';
    const elsewhere = holders.every(({ cpu }) => cpu !== this.cpu.id);
    return kind.owner === 'cpu' && elsewhere ? 'wrong CPU' : 'wrong owner';
  }

  /** Linux: spin_bug(), and what spin_dump() tells. */
  private bug(kind: LockKind, lock: Ptr, what: string): never {
    const { cpu } = this;
    const { memory, machine } = cpu;
    const [holder] = lockHolders(memory, machine, lock);
    const owner =
      holder === undefined ? '<none>/-1' : describeTask(memory, holder.task, holder.pid);
    const magic = kind.magicAt === undefined ? 0 : memory.readOwn(lock + kind.magicAt);
    oops(
      cpu,
      `BUG: ${kind.family} ${what} on CPU#${cpu.id}, ${this.whoami()}, lock: ${kind.name} ${hex(lock)}, ` +
        `.magic: ${magic.toString(16).padStart(8, '0')}, .owner: ${owner}, .owner_cpu: ${holder?.cpu ?? -1}`,
    );
  }

  private whoami(): string {
    const { memory } = this.cpu;
    const task = currentTask(this.cpu);
    return describeTask(memory, task, memory.readOwn(task + Task.pid));
  }

  // ── the end of a task, of a CPU ───────────────────────────────────────────────────────────

  /** Linux: debug_check_no_locks_held(). The task is about to end, and in good order. */
  checkTaskEnd(task: Ptr): void {
    const { memory, machine, id } = this.cpu;
    const mine = readHeldLocks(memory, machine, id).filter((one) => one.task === task);
    if (mine.length === 0) return;
    const held = mine.filter((one) => one.held);
    // A lock that was given up without a word: its own mistake.
    const text =
      held.length === 0
        ? `still waits for locks: ${describeLocks(memory, mine)}`
        : `still has locks held! ${held.length}: ${describeLocks(memory, held)}`;
    oops(this.cpu, `BUG: ${this.whoami()} ${text}`);
  }

  /** Tasks of a CPU that is down do not run, and who waits for their locks waits until it is up again. */
  warnCpuDown(): void {
    const { memory, machine, id } = this.cpu;
    const held = readHeldLocks(memory, machine, id).filter((one) => one.held);
    if (held.length === 0) return;
    const locks = describeLocks(memory, held);
    printk(this.cpu, 'warning', `CPU#${id} goes down with locks held: ${locks}`);
  }

  /** The task has ended, in whatever way. */
  taskEnded(task: Ptr): void {
    this.table.removeAwaited(task);
  }
}
