/** The boot parameters of the machine itself. Packages above declare theirs next to their code. */
import { parameter } from './parameters.ts';
import { HUNG_TASK_TIMEOUT, TASKS_MAX } from './task/task-parameters.ts';
import { MAX_WORKERS, MAX_WORKQUEUES } from './workqueue/workqueue-parameters.ts';
import { TIMER_HZ } from './timer/timer-parameters.ts';
import type { Parameter } from './parameters.ts';

/**
 * Turns a spin wait makes before it sleeps. 0 = sleep at once. The default is for more CPUs than cores; the
 * launcher raises it where every CPU has a core (boot/spin-budget.ts has the measurements).
 */
export const SPIN_BUDGET: Parameter<number> = parameter('spin.budget', {
  type: 'u32',
  default: 200,
  max: 1_000_000,
  description: 'Turns of a spin wait before the CPU sleeps (0: sleep at once).',
});

/**
 * Do CPUs share cores? Then a queued spin lock lets those that run overtake those that sleep. The launcher sets it where
 * there are more CPUs than cores. Linux: the paravirtual spin locks, which `nopvspin` turns off.
 */
export const SPIN_PV: Parameter<boolean> = parameter('spin.pv', {
  type: 'boolean',
  default: false,
  description: 'Queued spin locks for CPUs that share cores: who runs goes before who sleeps.',
});

/** NUMA nodes of the machine; numa.ts says which CPU is in which. */
export const NUMA_NODES: Parameter<number> = parameter('numa.nodes', {
  type: 'u32',
  default: 1,
  min: 1,
  max: 4096,
  description: 'NUMA nodes; CPUs go to them in turns of numa.cores_per_node.',
});

/** See numa.ts. Linux reads both from the firmware's tables. */
export const NUMA_CORES_PER_NODE: Parameter<number> = parameter('numa.cores_per_node', {
  type: 'u32',
  default: 1,
  min: 1,
  max: 4096,
  description: 'Neighbouring CPU numbers that share a NUMA node.',
});

/** Calls of `Cpu.relax` in a tight loop before it gives the host core away for a moment. 0 = never. */
export const RELAX_BUDGET: Parameter<number> = parameter('relax.budget', {
  type: 'u32',
  default: 2_000,
  max: 100_000_000,
  description: 'Turns of a bare relax loop before the CPU dozes for up to 50 us (0: never).',
});

/** Milliseconds a CPU may run without looking for interrupts. Linux: watchdog_thresh, doubled. */
export const WATCHDOG_THRESH: Parameter<number> = parameter('watchdog.thresh', {
  type: 'u32',
  default: 20_000,
  min: 10,
  max: 86_400_000,
  description: 'Milliseconds without a sign of life before a running CPU counts as locked up.',
});

/** Does an oops end the machine, or only the task it happened in? Linux: panic_on_oops. */
export const PANIC_ON_OOPS: Parameter<boolean> = parameter('panic_on_oops', {
  type: 'boolean',
  default: true,
  description: 'An oops stops the machine (true) or only the task it happened in (false).',
});

/** Linux: panic_on_warn. */
export const PANIC_ON_WARN: Parameter<boolean> = parameter('panic_on_warn', {
  type: 'boolean',
  default: false,
  description: 'A WARN stops the machine.',
});

/** Lines the dmesg ring holds. Linux: log_buf_len. */
export const DMESG_LINES: Parameter<number> = parameter('dmesg.lines', {
  type: 'u32',
  default: 1024,
  min: 16,
  max: 1_048_576,
  description: 'Lines the dmesg ring holds (rounded up to a power of two); 256 bytes each.',
});

/** Which instructions carry out atomic accesses: decided before the first CPU starts. */
export const MEMORY_BACKEND: Parameter<string> = parameter('memory.backend', {
  type: 'string',
  default: 'auto',
  values: ['auto', 'atomics', 'wasm'],
  description:
    'Atomic accesses through Atomics.*, through wasm, or whichever is faster here (auto).',
});

/** Functions kernel text has room for, those of unloaded modules included. */
export const TEXT_SYMBOLS: Parameter<number> = parameter('text.symbols', {
  type: 'u32',
  default: 4096,
  min: 16,
  max: 1_000_000,
  description: 'Functions kernel text has room for; addresses are never used twice.',
});

/** Bytes of a CPU's area left for per-CPU variables of subsystems. */
export const PERCPU_RESERVE: Parameter<number> = parameter('percpu.reserve', {
  type: 'u32',
  default: 16_384,
  min: 1024,
  max: 16_777_216,
  description: 'Bytes per CPU for per-CPU variables of subsystems.',
});

/** The debug mode of @percpu/locks. Linux: CONFIG_DEBUG_SPINLOCK, CONFIG_DEBUG_MUTEXES and their kin, and `debug_locks`. */
export const LOCKS_DEBUG: Parameter<string> = parameter('locks.debug', {
  type: 'string',
  default: 'auto',
  values: ['auto', 'on', 'off'],
  description:
    'Locks check their users and say who holds them: on, off, or where memory is checked (auto).',
});

export const CORE_PARAMETERS: readonly Parameter[] = [
  MEMORY_BACKEND,
  SPIN_BUDGET,
  SPIN_PV,
  NUMA_NODES,
  NUMA_CORES_PER_NODE,
  RELAX_BUDGET,
  WATCHDOG_THRESH,
  PANIC_ON_OOPS,
  PANIC_ON_WARN,
  DMESG_LINES,
  TEXT_SYMBOLS,
  PERCPU_RESERVE,
  LOCKS_DEBUG,
  TASKS_MAX,
  HUNG_TASK_TIMEOUT,
  MAX_WORKERS,
  MAX_WORKQUEUES,
  TIMER_HZ,
];
