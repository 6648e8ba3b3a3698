/**
 * Optimistic spin queue: the one CPU at its head may spin for a sleeping lock, those behind spin on words of their own.
 * An MCS lock with one more exit: a waiter may leave, since it can always sleep instead. Linux: osq_lock.
 *
 *   tail ───────────────────────────────────┐       0 = nobody
 *                                           ▼
 *   head's node ⇄ next/prev ⇄ node ⇄ node
 *   locked = 1               locked = 0
 *
 * Leaving, from the middle:
 *   L1 prev.next: me → 0        from here on prev can neither grant to us nor leave
 *   L2 tail: me → prev, or next = my next, taken off: from here on next cannot leave
 *   L3 next.prev = prev, prev.next = next
 * If L1 finds that prev has let go of us already, then prev leaves (our `prev` will change) or grants (`locked`).
 *
 * Each CPU has one node: spinners have preemption off, and interrupts take no sleeping locks. The queue is an
 * advantage only, never needed to be right: whoever leaves it early goes to sleep.
 */
import type { Cpu, Subsystem } from '@percpu/machine';
import { CACHE_LINE, layout, memblockAlloc, percpuAlloc, perCpuPtr } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';

const fields = { tail: 'ptr' } as const;

/** Linux: struct optimistic_spin_queue. All words 0: nobody spins. */
export const OsqLock: Layout<typeof fields> = layout(fields, { name: 'OsqLock' });

const nodeFields = {
  /** Atomic, all three. Who writes: the CPU behind, the CPU in front when it leaves, the CPU in front. */
  next: 'ptr',
  prev: 'ptr',
  /** 1: at the head. */
  locked: 'u32',
} as const;

export const OsqNode: Layout<typeof nodeFields> = layout(nodeFields, { name: 'OsqNode' });

const sharedFields = { nodes: 'u32' } as const;
const Shared: Layout<typeof sharedFields> = layout(sharedFields, { name: 'OsqNodes' });

/** `cpu.use(osqNode)`: this CPU's node. */
export const osqNode: Subsystem<Ptr> = {
  name: 'osq nodes',
  create(cpu: Cpu): Ptr {
    const { memory, machine } = cpu;
    const at = memblockAlloc(memory, Shared.size, Shared.align);
    memory.write(at + Shared.nodes, percpuAlloc(memory, machine.percpu, CACHE_LINE, CACHE_LINE));
    return at;
  },
  attach({ memory, machine, id }: Cpu, at: Ptr): Ptr {
    const node = perCpuPtr(machine.percpu, memory.read(at + Shared.nodes), id);
    memory.describe(node, OsqNode, `osq node of cpu ${id}`);
    return node;
  },
};

/** Asked at each turn of a wait. */
export interface Patience {
  mayGoOn(): boolean;
}

/**
 * Waits for the head of the queue, for as long as `gate` lets it. False: left the queue. Preemption
 * off, task context.
 */
export function osqLock(cpu: Cpu, osq: Ptr, gate: Patience): boolean {
  const { memory } = cpu;
  const me = cpu.use(osqNode);
  memory.store(me + OsqNode.locked, 0);
  memory.store(me + OsqNode.next, 0);
  // Edge Q: publishes our clean node. Reading 0: the head is ours.
  const before = memory.exchange(osq + OsqLock.tail, me);
  if (before === 0) return true;
  memory.store(me + OsqNode.prev, before);
  // Edge N: from here on the CPU in front may grant to us, or leave.
  memory.store(before + OsqNode.next, me);
  while (memory.load(me + OsqNode.locked) === 0) {
    if (!gate.mayGoOn()) return !leave(cpu, osq, me);
    cpu.relax();
  }
  return true;
}

/** The caller is at the head. Lets the next one come there. */
export function osqUnlock(cpu: Cpu, osq: Ptr): void {
  const { memory } = cpu;
  const me = cpu.use(osqNode);
  // Edge Q: nobody behind us.
  if (memory.compareExchange(osq + OsqLock.tail, me, 0) === me) return;
  const next = memory.exchange(me + OsqNode.next, 0) || nextOrTail(cpu, osq, me, 0);
  if (next !== 0) memory.store(next + OsqNode.locked, 1);
}

/** Linux: osq_is_locked(). Does anybody spin? The answer may be old by the time it arrives. Any context. */
export function osqIsLocked(cpu: Cpu, osq: Ptr): boolean {
  return cpu.memory.load(osq + OsqLock.tail) !== 0;
}

/** False: we were granted the head instead. */
function leave(cpu: Cpu, osq: Ptr, me: Ptr): boolean {
  const { memory } = cpu;
  let prev = memory.load(me + OsqNode.prev);
  for (;;) {
    // L1
    if (memory.load(prev + OsqNode.next) === me) {
      if (memory.compareExchange(prev + OsqNode.next, me, 0) === me) break;
    }
    if (memory.load(me + OsqNode.locked) !== 0) return false;
    cpu.relax();
    prev = memory.load(me + OsqNode.prev);
  }
  const next = nextOrTail(cpu, osq, me, prev); // L2
  if (next !== 0) {
    memory.store(next + OsqNode.prev, prev); // L3
    memory.store(prev + OsqNode.next, next);
  }
  return true;
}

/** Either makes `tail` point to `prev` instead of us, and returns 0; or takes the next node off ours. */
function nextOrTail(cpu: Cpu, osq: Ptr, me: Ptr, prev: Ptr): Ptr {
  const { memory } = cpu;
  for (;;) {
    if (memory.load(osq + OsqLock.tail) === me) {
      if (memory.compareExchange(osq + OsqLock.tail, me, prev) === me) return 0;
    }
    // By exchange: the one behind may be leaving, which is its L1.
    if (memory.load(me + OsqNode.next) !== 0) {
      const next = memory.exchange(me + OsqNode.next, 0);
      if (next !== 0) return next;
    }
    // Somebody has come and not linked itself yet, or is leaving.
    cpu.relax();
  }
}
