/**
 * Where everything that the CPUs share lives. Formatted once by `bringUpMachine`; the address of the
 * machine struct is the root word of the memory header, so whoever is given the memory finds all.
 */
import { layout } from '@percpu/memory';
import type { Layout, LayoutInfo } from '@percpu/memory';

/** `MachineLayout.magic`: ASCII "pCPU". A memory without it holds no machine. */
export const MACHINE_MAGIC = 0x7043_5055;

/** Life of a machine (`MachineLayout.state`): booting → running → dead or stopping. */
export const MachineState = { booting: 0, running: 1, stopping: 2, dead: 3 } as const;

/** What a CPU is doing (`PerCpuLayout.state`), for reports and the watchdog. */
export const CpuState = {
  /** Not brought up, or taken down by hotplug. */
  offline: 0,
  /** Reserved for a thread that may join. */
  reserved: 1,
  /** In its idle loop, nothing to run. */
  idle: 2,
  /** Runs a task or an interrupt. */
  running: 3,
  /** Sleeps in the parking lot: a spin wait that ran out of budget. */
  parked: 4,
  /** Only waits for promises: of async programs, or of a module that loads. */
  awaiting: 5,
  /** Left its main loop in an orderly way. */
  stopped: 6,
  /** Its code threw. */
  dead: 7,
} as const;

export type CpuStateCode = (typeof CpuState)[keyof typeof CpuState];

const machineFields = {
  // ── written at bring-up, constant afterwards ──────────────────────────────────────────────
  magic: 'u32',
  nrCpus: 'u32',
  /** CPUs brought up by boot; those from here to nrCpus are for threads that join. */
  nrBooted: 'u32',
  /** Descriptor of the per-CPU areas (memory's percpu.ts), and where in a unit the core's words are. */
  percpu: 'ptr',
  coreOffset: 'u32',
  /** Kernel text: first address, and the symbol table. */
  textBase: 'ptr',
  text: 'ptr',
  dmesg: 'ptr',
  /** Boot parameters: a string (shared-string.ts) of JSON. */
  parameters: 'ptr',
  /** Hash table of the parking lot: 1 << parkingBits buckets of parkingStride bytes. */
  parking: 'ptr',
  parkingBits: 'u32',
  parkingStride: 'u32',
  /** CPUs that are online, one bit each. */
  onlineMask: 'ptr',
  /** Reserved CPUs that a thread has joined as, one bit each. */
  joinedMask: 'ptr',
  /** Device interrupt lines (device-irq.ts). */
  irqLines: 'ptr',
  /** Hashes of the warnOnce texts already printed. */
  onceTable: 'ptr',
  /** `Memory.now()` at bring-up: time zero of dmesg and reports, in ns. */
  bootTime: 'i64',
} as const;

const machineLiveFields = {
  /** MachineState. Atomic. */
  state: 'u32',
  /** Who panicked: CPU number + 1, 0 = nobody. The first compare-exchange wins. */
  panicCpu: 'u32',
  /** Taint flags (taint.ts). Atomic. */
  taint: 'u32',
} as const;

const bootLockFields = {
  /** Owner's CPU number + 1, 0 = free. Guards first-time set-up, never a hot path. */
  bootLock: 'u32',
  /** Newest entry of the list of subsystems (subsystem.ts). Added to under the boot lock; atomic, for those who look without. */
  subsystems: 'ptr',
} as const;

const ownFields = {
  /** The packed word of preempt-count.ts. */
  preemptCount: 'u32',
  /** 1 while maskable interrupts are off. */
  irqsOff: 'u32',
  /** Grows whenever the CPU looks for interrupts: a watchdog sees that it is alive. */
  heartbeat: 'u32',
  /** CpuState. */
  state: 'u32',
  /** Soft irqs raised and not yet run, one bit each. Linux: __softirq_pending. */
  softirqPending: 'u32',
  /** Task struct of the running task, or 0; the scheduler says what it means. */
  currentTask: 'ptr',
  /** Task struct of the idle task; a thread that joins finds that of the last one. */
  idleTask: 'ptr',
  /** Name (a shared string) of what runs now, for reports; 0 = nothing. */
  currentName: 'ptr',
  /** Last kernel-text address called through `cpu.text.call`. */
  lastSymbol: 'ptr',
  /** What a spin wait sleeps for, 0 = nothing; and since when, in ms since bring-up. */
  waitsFor: 'ptr',
  waitsSince: 'u32',
  /** How many locks this CPU and its tasks hold and await, and the table of them (held-locks.ts). */
  heldLocks: 'u32',
  heldTable: 'ptr',
  /** See COUNTERS. */
  counters: { kind: 'array', element: 'u32', length: 24 },
} as const;

const mailboxFields = {
  /** Grows with every kick; the CPU's one sleeping place is a wait on this word. */
  kick: 'u32',
  /** 1 while the CPU sleeps on `kick`, or is about to. */
  sleeping: 'u32',
  /** Interrupts sent and not yet taken, one bit each (interrupt-bits.ts). */
  pending: 'u32',
  /** Device interrupt lines raised and not yet taken. */
  pendingLines: 'u32',
} as const;

const parkingFields = {
  /** The address this CPU is parked on, or 0. */
  parkedAt: 'ptr',
  /** With parkedUntil = 1: the only value that is worth a wake-up. */
  parkedValue: 'u32',
  parkedUntil: 'u32',
  /** The value of `kick` it sleeps on: a different one means that it is on its way out. */
  parkedSeq: 'u32',
} as const;

const callFields = {
  /** Newest entry of the lock-free list of calls for this CPU. Linux: call_single_queue. */
  callQueue: 'ptr',
} as const;

const onOwnLines = (name: string): { name: string; cacheAligned: boolean } => ({
  name,
  cacheAligned: true,
});

const MachineConstants = layout(machineFields, onOwnLines('Machine'));
const MachineLive = layout(machineLiveFields, onOwnLines('MachineLive'));
const BootLocked = layout(bootLockFields, onOwnLines('BootLocked'));
const OwnWords = layout(ownFields, onOwnLines('OwnWords'));
const Mailbox = layout(mailboxFields, onOwnLines('Mailbox'));
const ParkingSlot = layout(parkingFields, onOwnLines('ParkingSlot'));
const CallQueue = layout(callFields, onOwnLines('CallQueue'));

/** The machine struct as a report names it: one nested layout a group. */
export const MachineStruct: Layout<Record<'constants' | 'live' | 'bootLocked', 'u32'>> = layout(
  { constants: MachineConstants, live: MachineLive, bootLocked: BootLocked },
  { name: 'Machine' },
);

/** The head of a per-CPU area as a report names it: one nested layout a group. */
export const PerCpuStruct: Layout<Record<'own' | 'mailbox' | 'parking' | 'calls', 'u32'>> = layout(
  { own: OwnWords, mailbox: Mailbox, parking: ParkingSlot, calls: CallQueue },
  { name: 'PerCpu' },
);

type Offsets<Fields> = Readonly<Record<keyof Fields, number>>;

/** Offsets of the fields of a group that starts at `base`. */
function at<Fields>(base: number, group: LayoutInfo): Offsets<Fields> {
  return Object.fromEntries(
    group.fields.map((field) => [field.name, base + field.offset]),
  ) as Offsets<Fields>;
}

/** Byte offsets within the machine struct. */
export const MachineLayout: Offsets<
  typeof machineFields & typeof machineLiveFields & typeof bootLockFields
> = Object.freeze({
  ...at<typeof machineFields>(MachineStruct.constants, MachineConstants),
  ...at<typeof machineLiveFields>(MachineStruct.live, MachineLive),
  ...at<typeof bootLockFields>(MachineStruct.bootLocked, BootLocked),
});

/**
 * Byte offsets within a per-CPU area (`cpu.area`). Words are grouped by who writes them, each group on
 * lines of its own:
 *
 *   own      this CPU only, with `writeOwn`; a report on another thread may print them
 *   mailbox  anybody, atomically: what it takes to get the attention of this CPU
 *   parking  this CPU, atomically, because an unlocker acts on what it reads here
 *   calls    head of the queue of function calls sent to this CPU
 */
export const PerCpuLayout: Offsets<
  typeof ownFields & typeof mailboxFields & typeof parkingFields & typeof callFields
> = Object.freeze({
  ...at<typeof ownFields>(PerCpuStruct.own, OwnWords),
  ...at<typeof mailboxFields>(PerCpuStruct.mailbox, Mailbox),
  ...at<typeof parkingFields>(PerCpuStruct.parking, ParkingSlot),
  ...at<typeof callFields>(PerCpuStruct.calls, CallQueue),
});
