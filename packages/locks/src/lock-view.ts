/**
 * What this package keeps for each CPU: its queue nodes, its random numbers, and the composite steps of
 * its memory. One lookup away from every lock, which is why it hangs on the CPU itself and is not
 * asked for through `cpu.use` each time.
 */
import type { Cpu, Subsystem } from '@percpu/machine';
import { CACHE_LINE, layout, memblockAlloc, percpuAlloc, perCpuPtr } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { ticketSteps } from './spin/ticket-steps.ts';
import type { TicketSteps } from './spin/ticket-steps.ts';

const nodeFields = {
  /** The waiter behind, or 0. Written by that waiter. */
  next: 'ptr',
  /** 1 while the CPU waits; the CPU in front writes the 0. */
  waiting: 'u32',
  /** The lock this node queues for or holds; 0 = the node is free. Own: only its CPU looks at it. */
  lock: 'ptr',
  /** The CPU this node belongs to. Constant. */
  cpu: 'u32',
} as const;

/** A place in the queue of an MCS lock. */
export const QueueNode: Layout<typeof nodeFields> = layout(nodeFields, { name: 'QueueNode' });

/** Linux: MAX_NODES. Task, soft irq, hard irq, NMI: each may interrupt the one before while that holds locks. */
const CONTEXTS = 4;
/** Queued locks that one context may hold at a time. (A queued spin lock of Linux frees its node as soon as it has the lock, so there one is enough.) */
export const LOCKS_PER_CONTEXT = 4;
/** Queue nodes of a CPU. */
export const NODES: number = CONTEXTS * LOCKS_PER_CONTEXT;

const sharedFields = { nodes: 'u32' } as const;
const Shared: Layout<typeof sharedFields> = layout(sharedFields, { name: 'Locks' });

/** This CPU's view. Any context but NMI. */
export function lockView(cpu: Cpu): LockView {
  return (cpu.lockView as LockView | null) ?? makeLockView(cpu);
}

function makeLockView(cpu: Cpu): LockView {
  const view = cpu.use(locksSubsystem);
  cpu.lockView = view;
  return view;
}

export class LockView {
  /** This CPU's `NODES` queue nodes. */
  readonly nodes: Ptr;
  /** Composite steps (ticket-steps.ts). undefined: this memory has no native form, or is checked; the plain form is used. */
  readonly takeTicket: TicketSteps['take'] | undefined;
  readonly serveNext: TicketSteps['serve'] | undefined;
  /** Wait entries that no task of this CPU uses (wait-entry.ts). */
  readonly freeEntries: Ptr[] = [];
  private random: number;

  constructor(nodes: Ptr, steps: TicketSteps | undefined, seed: number) {
    this.nodes = nodes;
    this.takeTicket = steps?.take;
    this.serveNext = steps?.serve;
    this.random = seed;
  }

  /** A u32 of this CPU's own sequence. Marsaglia's xorshift32 (2003), shifts 13, 17, 5. */
  nextRandom(): number {
    let x = this.random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.random = x >>> 0;
    return this.random;
  }
}

const locksSubsystem: Subsystem<LockView> = {
  name: 'locks',
  create(cpu: Cpu): Ptr {
    const { memory, machine } = cpu;
    const at = memblockAlloc(memory, Shared.size, Shared.align);
    memory.write(
      at + Shared.nodes,
      percpuAlloc(memory, machine.percpu, NODES * QueueNode.size, CACHE_LINE),
    );
    return at;
  },
  attach(cpu: Cpu, at: Ptr): LockView {
    const { memory, machine } = cpu;
    const nodes = perCpuPtr(machine.percpu, memory.read(at + Shared.nodes), cpu.id);
    for (let i = 0; i < NODES; i++) {
      const node = nodes + i * QueueNode.size;
      memory.write(node + QueueNode.cpu, cpu.id);
      memory.describe(node, QueueNode, `node ${i} of cpu ${cpu.id}`);
    }
    // Golden ratio: neighbours start far apart, and no CPU starts at 0, where xorshift stays.
    return new LockView(nodes, ticketSteps(memory), Math.imul(cpu.id + 1, 0x9e37_79b1) >>> 0);
  },
};
