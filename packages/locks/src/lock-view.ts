/**
 * What this package keeps for each CPU: its queue nodes, its random numbers, and the composite steps of
 * its memory. One lookup away from every lock, which is why it hangs on the CPU itself and is not
 * asked for through `cpu.use` each time.
 */
import { cpuToNode, SPIN_PV } from '@percpu/machine';
import type { Cpu, Subsystem } from '@percpu/machine';
import { CACHE_LINE, layout, memblockAlloc, percpuAlloc, perCpuPtr } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { lockDebugOf } from './debug/attach.ts';
import { allocClhNode, ClhSlot } from './spin/clh-layout.ts';
import { CONTEXTS, encodeTail, QUEUED_NODES_SIZE, QueuedNode } from './spin/queued-layout.ts';
import { queuedSteps } from './spin/queued-steps.ts';
import type { ReleaseQueued } from './spin/queued-steps.ts';
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

/** Queued locks that one context may hold at a time. (A queued spin lock of Linux frees its node as soon as it has the lock, so there one is enough.) */
export const LOCKS_PER_CONTEXT = 4;
/** Queue nodes of a CPU. */
export const NODES: number = CONTEXTS * LOCKS_PER_CONTEXT;

const sharedFields = { nodes: 'u32', queued: 'u32', clh: 'u32' } as const;
const Shared: Layout<typeof sharedFields> = layout(sharedFields, { name: 'Locks' });

/** This CPU's view. Any context but NMI. */
export function lockView(cpu: Cpu): LockView {
  return (cpu.lockView as LockView | null) ?? makeLockView(cpu);
}

function makeLockView(cpu: Cpu): LockView {
  const view = cpu.use(locksSubsystem);
  cpu.lockView = view;
  // Its beginning takes memory: here, where all do that who make a CPU ready to lock.
  lockDebugOf(cpu);
  return view;
}

/** What `attach` has found: a constructor touches no memory. */
interface Parts {
  /** This CPU's part of what is `Shared`. */
  readonly nodes: Ptr;
  readonly queued: Ptr;
  readonly clh: Ptr;
  readonly paravirtual: boolean;
  readonly ticket: TicketSteps | undefined;
  readonly release: ReleaseQueued | undefined;
}

export class LockView {
  /** This CPU's `NODES` queue nodes. */
  readonly nodes: Ptr;
  /** This CPU's nodes of queued locks; those of CPU 0, and the bytes from one CPU's to the next. */
  readonly queuedNodes: Ptr;
  readonly queuedOfCpu0: Ptr;
  readonly queuedStride: number;
  /** This CPU's `NODES` places for nodes of CLH locks. */
  readonly clhSlots: Ptr;
  /** CPUs share cores (boot parameter `spin.pv`). */
  readonly paravirtual: boolean;
  /** Composite steps (ticket-steps.ts). undefined: this memory has no native form, or is checked; the plain form is used. */
  readonly takeTicket: TicketSteps['take'] | undefined;
  readonly serveNext: TicketSteps['serve'] | undefined;
  readonly releaseQueued: ReleaseQueued | undefined;
  /** Wait entries that no task of this CPU uses (wait-entry.ts). */
  readonly freeEntries: Ptr[] = [];
  private random: number;

  constructor({ id, machine }: Cpu, { nodes, queued, clh, paravirtual, ticket, release }: Parts) {
    this.nodes = nodes;
    this.queuedNodes = queued;
    this.queuedStride = machine.percpu.stride;
    this.queuedOfCpu0 = queued - id * this.queuedStride;
    this.clhSlots = clh;
    this.paravirtual = paravirtual;
    this.takeTicket = ticket?.take;
    this.serveNext = ticket?.serve;
    this.releaseQueued = release;
    // Golden ratio: neighbours start far apart, and no CPU starts at 0, where xorshift stays.
    this.random = Math.imul(id + 1, 0x9e37_79b1) >>> 0;
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
    const perCpu = (size: number): Ptr => percpuAlloc(memory, machine.percpu, size, CACHE_LINE);
    memory.write(at + Shared.nodes, perCpu(NODES * QueueNode.size));
    memory.write(at + Shared.queued, perCpu(QUEUED_NODES_SIZE));
    memory.write(at + Shared.clh, perCpu(NODES * ClhSlot.size));
    return at;
  },
  attach(cpu: Cpu, at: Ptr): LockView {
    const { memory, machine, id } = cpu;
    const mine = (area: number): Ptr => perCpuPtr(machine.percpu, memory.read(at + area), id);
    const areas = { nodes: mine(Shared.nodes), queued: mine(Shared.queued), clh: mine(Shared.clh) };
    for (let i = 0; i < NODES; i++) {
      const node = areas.nodes + i * QueueNode.size;
      memory.write(node + QueueNode.cpu, id);
      memory.describe(node, QueueNode, `node ${i} of cpu ${id}`);
    }
    for (let i = 0; i < CONTEXTS; i++) {
      const node = areas.queued + i * QueuedNode.size;
      memory.write(node + QueuedNode.cpu, id);
      memory.write(node + QueuedNode.numa, cpuToNode(machine, id));
      memory.write(node + QueuedNode.code, encodeTail(id, i));
      memory.describe(node, QueuedNode, `queued node ${i} of cpu ${id}`);
    }
    for (let i = 0; i < CONTEXTS; i++) {
      memory.writeOwn(areas.clh + i * ClhSlot.size + ClhSlot.node, allocClhNode(memory));
    }
    return new LockView(cpu, {
      ...areas,
      paravirtual: cpu.parameter(SPIN_PV),
      ticket: ticketSteps(memory),
      release: queuedSteps(memory),
    });
  },
};
