/** The subsystem: the worker pools of all CPUs and the work queues of the machine. */
import { layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { writeName } from '../inline-name.ts';
import type { Subsystem } from '../subsystem.ts';
import { PoolWorkqueue, WorkerPool, Workqueue } from './layouts.ts';

/** Linux: WQ_UNBOUND. Works are not about the CPU that queues them; here a hint without effect. */
export const WQ_UNBOUND = 0x2;
/** Linux: WQ_HIGHPRI. Run by workers of the real-time class. */
export const WQ_HIGHPRI = 0x10;
/** Linux: __WQ_ORDERED. One work at a time on the whole machine, in the order of queueing. */
export const WQ_ORDERED = 0x2_0000;

/** Linux: WQ_MAX_ACTIVE. */
export const WQ_MAX_ACTIVE = 512;
/** Linux: WQ_DFL_ACTIVE. */
export const WQ_DFL_ACTIVE = 256;

const stateFields = {
  /** Pools: two a CPU, the second for WQ_HIGHPRI. Constant. */
  pools: 'ptr',
  /** The system's own queues. Constant. */
  events: 'ptr',
  eventsHighpri: 'ptr',
  eventsUnbound: 'ptr',
  /** Newest queue. Atomic; entries are never taken out but used again. */
  queues: 'ptr',
  /** Queues ever made. Atomic. */
  nrQueues: 'u32',
} as const;

export const WorkqueueState: Layout<typeof stateFields> = layout(stateFields, {
  name: 'WorkqueueState',
  cacheAligned: true,
});

/** `cpu.use(workqueues)`: the address of the shared state (`WorkqueueState`). */
export const workqueues: Subsystem<Ptr> = {
  name: 'workqueue',
  create(cpu) {
    const { memory, nrCpus } = cpu;
    const at = memblockAlloc(memory, WorkqueueState.size, WorkqueueState.align);
    const pools = memblockAlloc(memory, 2 * nrCpus * WorkerPool.size, WorkerPool.align);
    memory.describe(at, WorkqueueState, 'workqueue');
    memory.write(at + WorkqueueState.pools, pools);
    for (let index = 0; index < 2 * nrCpus; index++) {
      const pool = pools + index * WorkerPool.size;
      memory.describe(pool, WorkerPool, `worker pool ${index >>> 1}${index & 1 ? 'H' : ''}`);
      memory.write(pool + WorkerPool.cpu, index >>> 1);
      memory.write(pool + WorkerPool.highpri, index & 1);
    }
    const system = (name: string, flags: number): Ptr =>
      newWorkqueue(cpu, at, name, flags, WQ_DFL_ACTIVE);
    memory.write(at + WorkqueueState.events, system('events', 0));
    memory.write(at + WorkqueueState.eventsHighpri, system('events_highpri', WQ_HIGHPRI));
    memory.write(at + WorkqueueState.eventsUnbound, system('events_unbound', WQ_UNBOUND));
    return at;
  },
  attach: (_cpu, at) => at,
};

/** The pool of CPU `id` for a queue with these flags. */
export function poolOf(cpu: Cpu, state: Ptr, id: number, flags: number): Ptr {
  const pools = cpu.memory.read(state + WorkqueueState.pools);
  return pools + (2 * id + ((flags & WQ_HIGHPRI) === 0 ? 0 : 1)) * WorkerPool.size;
}

/** The pool-workqueue for works that are to run on CPU `id`. An ordered queue has one for all. */
export function pwqOf(cpu: Cpu, workqueue: Ptr, id: number): Ptr {
  const { memory } = cpu;
  const ordered = (memory.read(workqueue + Workqueue.flags) & WQ_ORDERED) !== 0;
  return memory.read(workqueue + Workqueue.pwqs) + (ordered ? 0 : id) * PoolWorkqueue.size;
}

/** How many pool-workqueues a queue has. */
export function pwqCount(cpu: Cpu, workqueue: Ptr): number {
  return (cpu.memory.read(workqueue + Workqueue.flags) & WQ_ORDERED) !== 0 ? 1 : cpu.nrCpus;
}

/** A queue in the memory of one destroyed earlier, or, unless there are enough (`full`: 0 then), in memory of its own. */
export function newWorkqueue(
  cpu: Cpu,
  state: Ptr,
  name: string,
  flags: number,
  maxActive: number,
  full = false,
): Ptr {
  const { memory } = cpu;
  const at = reuse(cpu, state) || (full ? 0 : allocate(cpu, state));
  if (at === 0) return 0;
  memory.describe(at, Workqueue, name);
  writeName(memory, at + Workqueue.name, name);
  memory.write(at + Workqueue.flags, flags);
  memory.write(at + Workqueue.maxActive, (flags & WQ_ORDERED) === 0 ? maxActive : 1);
  const pwqs = memory.read(at + Workqueue.pwqs);
  for (let id = 0; id < cpu.nrCpus; id++) {
    const pwq = pwqs + id * PoolWorkqueue.size;
    memory.fill(pwq, 0, PoolWorkqueue.size);
    memory.describe(pwq, PoolWorkqueue, `${name} on cpu ${id}`);
    memory.write(pwq + PoolWorkqueue.workqueue, at);
    const home = (flags & WQ_ORDERED) === 0 ? id : cpu.id;
    memory.store(pwq + PoolWorkqueue.pool, poolOf(cpu, state, home, flags));
  }
  // From here on a CPU that goes down finds it.
  memory.store(at + Workqueue.used, IN_USE);
  return at;
}

/** `Workqueue.used`. */
const UNUSED = 0;
const IN_USE = 1;
const CLAIMED = 2;

function reuse(cpu: Cpu, state: Ptr): Ptr {
  const { memory } = cpu;
  let at = memory.load(state + WorkqueueState.queues);
  while (at !== 0 && memory.compareExchange(at + Workqueue.used, UNUSED, CLAIMED) !== UNUSED) {
    at = memory.read(at + Workqueue.next);
  }
  return at;
}

function allocate(cpu: Cpu, state: Ptr): Ptr {
  const { memory, nrCpus } = cpu;
  const at = memblockAlloc(memory, Workqueue.size, Workqueue.align);
  memory.write(
    at + Workqueue.pwqs,
    memblockAlloc(memory, nrCpus * PoolWorkqueue.size, PoolWorkqueue.align),
  );
  memory.store(at + Workqueue.used, CLAIMED);
  memory.fetchAdd(state + WorkqueueState.nrQueues, 1);
  let newest = memory.load(state + WorkqueueState.queues);
  for (;;) {
    memory.write(at + Workqueue.next, newest);
    // Publishes the entry; pairs with the loads in reuse and in the hotplug callbacks.
    const seen = memory.compareExchange(state + WorkqueueState.queues, newest, at);
    if (seen === newest) return at;
    newest = seen;
  }
}

/** Linux: system_wq. The queue of `scheduleWork`. */
export function systemWq(cpu: Cpu): Ptr {
  return cpu.memory.read(cpu.use(workqueues) + WorkqueueState.events);
}

/** Linux: system_highpri_wq. */
export function systemHighpriWq(cpu: Cpu): Ptr {
  return cpu.memory.read(cpu.use(workqueues) + WorkqueueState.eventsHighpri);
}

/** Linux: system_unbound_wq. */
export function systemUnboundWq(cpu: Cpu): Ptr {
  return cpu.memory.read(cpu.use(workqueues) + WorkqueueState.eventsUnbound);
}
