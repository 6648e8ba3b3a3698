/**
 * Who holds and who awaits which lock, as the debug mode of @percpu/locks writes it down: a table of each CPU, of *own*
 * words, so that a report on any thread can name the holder of a lock whose CPU is stuck or dead. Tasks stay on
 * their CPU for life, so what a task holds is in the table of its CPU.
 *
 *   PerCpuLayout.heldTable ──▶ HeldLock × PerCpuLayout.heldLocks, oldest first
 *
 * Nothing here is exact while the machine runs: the reader is another thread.
 */
import { hex, layout } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import { areaOf } from './machine-info.ts';
import type { MachineInfo } from './machine-info.ts';
import { PerCpuLayout } from './machine-layout.ts';
import { peekString } from './shared-string.ts';
import { Task, TaskState } from './task/task-layout.ts';

const fields = {
  lock: 'ptr',
  /** A shared string: `mutex owner@0 lock@4`, the name of its type and where its fields begin. 0: not known. */
  kind: 'ptr',
  /** Who; in an interrupt, whom that interrupted. Slots are used again, hence the pid. */
  task: 'ptr',
  pid: 'u32',
  /** LockState. */
  state: 'u32',
  /** Those of the lock package: read, trylock, nesting level. */
  flags: 'u32',
  /** In which context it was asked for: bits of the preempt count. */
  context: 'u32',
  /** Who asked, if the caller said so. */
  site: 'u32',
} as const;

export const HeldLock: Layout<typeof fields> = layout(fields, { name: 'HeldLock' });

/** `HeldLock.state`. */
export const LockState = { awaited: 1, held: 2 } as const;

/** One entry of one CPU's table. */
export interface HeldLockInfo {
  readonly cpu: number;
  readonly lock: Ptr;
  readonly kind: Ptr;
  readonly task: Ptr;
  readonly pid: number;
  readonly held: boolean;
}

/** More entries than anybody can have: where a table that is being changed is read, a count may be nonsense. */
const MAX_ENTRIES = 1 << 16;

/** What CPU `cpu` and its tasks hold and await, oldest first. Any thread. */
export function readHeldLocks(memory: Memory, machine: MachineInfo, cpu: number): HeldLockInfo[] {
  const area = areaOf(machine, cpu);
  const table = memory.readOwn(area + PerCpuLayout.heldTable);
  const count = Math.min(memory.readOwn(area + PerCpuLayout.heldLocks), MAX_ENTRIES);
  const found: HeldLockInfo[] = [];
  for (let i = 0; table !== 0 && i < count; i++) {
    const at = table + i * HeldLock.size;
    found.push({
      cpu,
      lock: memory.readOwn(at + HeldLock.lock),
      kind: memory.readOwn(at + HeldLock.kind),
      task: memory.readOwn(at + HeldLock.task),
      pid: memory.readOwn(at + HeldLock.pid),
      held: memory.readOwn(at + HeldLock.state) === LockState.held,
    });
  }
  return found;
}

/** Who holds the lock at `lock`: several when they are readers. Any thread. */
export function lockHolders(memory: Memory, machine: MachineInfo, lock: Ptr): HeldLockInfo[] {
  const holders: HeldLockInfo[] = [];
  for (let cpu = 0; cpu < machine.nrCpus; cpu++) {
    for (const entry of readHeldLocks(memory, machine, cpu))
      if (entry.held && entry.lock === lock) holders.push(entry);
  }
  return holders;
}

/** `mutex 0x00012340`. */
export function describeLock(memory: Memory, { kind, lock }: HeldLockInfo): string {
  return `${kindName(memory, kind)} ${hex(lock)}`;
}

/** `main/5 on CPU#1`; a task that has ended is said to. */
export function describeOwner(memory: Memory, { task, pid, cpu }: HeldLockInfo): string {
  return `${describeTask(memory, task, pid)} on CPU#${cpu}`;
}

/** `name/pid`, or `task 5, which has ended` when the slot has another tenant or none. Any thread. */
export function describeTask(memory: Memory, task: Ptr, pid: number): string {
  const alive = task !== 0 && !ENDED.has(memory.readOwn(task + Task.state));
  if (!alive || memory.readOwn(task + Task.pid) !== pid) return `task ${pid}, which has ended,`;
  return `${peekString(memory, task + Task.name)}/${pid}`;
}

const ENDED: ReadonlySet<number> = new Set([TaskState.dead, TaskState.setup, TaskState.free]);

/** Shown of a lock's holders, and of a CPU's locks. */
const MAX_SHOWN = 8;

/** `held by main/5 on CPU#1`, `held by nobody that we know of`. */
export function describeHolders(memory: Memory, machine: MachineInfo, lock: Ptr): string {
  const holders: string[] = [];
  for (const one of lockHolders(memory, machine, lock)) holders.push(describeOwner(memory, one));
  return `held by ${shownOf(holders, 'nobody that is known')}`;
}

/** `mutex 0x00012340, rwsem 0x00012400`; '' when there are none. */
export function describeLocks(memory: Memory, locks: readonly HeldLockInfo[]): string {
  const texts: string[] = [];
  for (const one of locks) texts.push(describeLock(memory, one));
  return shownOf(texts, '');
}

function shownOf(texts: readonly string[], none: string): string {
  if (texts.length === 0) return none;
  const rest = texts.length > MAX_SHOWN ? ` and ${texts.length - MAX_SHOWN} more` : '';
  return texts.slice(0, MAX_SHOWN).join(', ') + rest;
}

/**
 * What a CPU that waits for the word at `word` waits for, if it is known: `serving of ticket 0x00012340, held by
 * main/5 on CPU#1`. It is the newest lock that the running task awaits.
 */
export function describeAwaited(
  memory: Memory,
  machine: MachineInfo,
  cpu: number,
  word: Ptr,
): string | undefined {
  const running = memory.readOwn(areaOf(machine, cpu) + PerCpuLayout.currentTask);
  const awaited = newestAwaited(memory, machine, cpu, running);
  if (awaited === undefined) return undefined;
  const field = fieldName(memory, awaited, word);
  const what = `${field === undefined ? '' : `${field} of `}${describeLock(memory, awaited)}`;
  return `${what}, ${describeHolders(memory, machine, awaited.lock)}`;
}

/** What a task sleeps for, if that is a lock: `mutex 0x00012340, held by main/5 on CPU#1`. */
export function describeBlocker(
  memory: Memory,
  machine: MachineInfo,
  cpu: number,
  task: Ptr,
): string | undefined {
  const awaited = newestAwaited(memory, machine, cpu, task);
  if (awaited === undefined) return undefined;
  return `${describeLock(memory, awaited)}, ${describeHolders(memory, machine, awaited.lock)}`;
}

function newestAwaited(
  memory: Memory,
  machine: MachineInfo,
  cpu: number,
  task: Ptr,
): HeldLockInfo | undefined {
  return readHeldLocks(memory, machine, cpu).findLast(
    (entry) => !entry.held && entry.task === task,
  );
}

function kindName(memory: Memory, kind: Ptr): string {
  return kind === 0 ? 'lock' : peekString(memory, kind).split(' ', 1)[0]!;
}

/** The field of the lock that `word` is in; undefined when it lies elsewhere (in a queue node). */
function fieldName(memory: Memory, { kind, lock }: HeldLockInfo, word: Ptr): string | undefined {
  if (kind === 0 || word < lock) return undefined;
  const [, ...named] = peekString(memory, kind).split(' ');
  const found = named
    .map((text) => text.split('@'))
    .findLast(([, offset]) => lock + Number(offset) === word);
  return found?.[0];
}
