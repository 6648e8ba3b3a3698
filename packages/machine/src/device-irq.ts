/**
 * Device interrupts: 32 lines, each with one handler in kernel text. Linux: request_irq() and friends, with
 * a controller that delivers a line to whatever CPU the device (or the test that plays it) names.
 */
import { layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import type { Cpu } from './cpu.ts';
import { Errno } from './errno.ts';
import { bug, warnOnce } from './fault.ts';
import { DEVICE_INTERRUPT } from './interrupt-bits.ts';
import { PerCpuLayout } from './machine-layout.ts';
import { areaOf } from './machine-info.ts';
import type { MachineInfo } from './machine-info.ts';
import { raiseInterrupt } from './raise.ts';

/** Lines are numbered 0 to 31. */
export const NR_IRQS = 32;

const lineFields = {
  /** Kernel-text address of the handler, 0 = free. Atomic. */
  handler: 'ptr',
  data: 'u32',
  /** CPUs that run the handler right now. Atomic. */
  running: 'u32',
  /** 1 while requestIrq fills the line in. Atomic. */
  busy: 'u32',
} as const;

const IrqLine: Layout<typeof lineFields> = layout(lineFields, {
  name: 'IrqLine',
  cacheAligned: true,
});

/** At bring-up only. */
export function allocIrqLines(memory: Memory): Ptr {
  return memblockAlloc(memory, NR_IRQS * IrqLine.size, IrqLine.align);
}

/** The vector of the core: at start-up of each CPU. */
export function setUpDeviceIrqs(cpu: Cpu): void {
  cpu.setVector(DEVICE_INTERRUPT, takeLines);
}

/**
 * Linux: request_irq(). From now on `handler(irq, data)` runs, as a hard interrupt, on every CPU the line is
 * raised on. Task context. Returns 0, -EINVAL for a line that does not exist or a NULL handler, or -EBUSY.
 */
export function requestIrq(cpu: Cpu, irq: number, handler: Ptr, data: number): number {
  if (!Number.isInteger(irq) || irq < 0 || irq >= NR_IRQS || handler === 0) return Errno.EINVAL;
  const { memory } = cpu;
  const line = lineAt(cpu.machine, irq);
  if (memory.compareExchange(line + IrqLine.busy, 0, 1) !== 0) return Errno.EBUSY;
  memory.store(line + IrqLine.data, data);
  // Publishes the data; pairs with the load in takeLine.
  memory.store(line + IrqLine.handler, handler);
  return 0;
}

/** Linux: free_irq(). When it returns the handler runs nowhere and never will again. Task context, not in the handler. */
export function freeIrq(cpu: Cpu, irq: number): void {
  const { memory } = cpu;
  const line = lineAt(cpu.machine, irq);
  if (memory.exchange(line + IrqLine.handler, 0) === 0)
    bug(cpu, `freeIrq: line ${irq} is free already`);
  // Store of 0 then load here, add then load of the handler in takeLine: one of the two sees the other.
  let running = memory.load(line + IrqLine.running);
  while (running !== 0) running = cpu.waitWhileEquals(line + IrqLine.running, running);
  memory.store(line + IrqLine.busy, 0);
}

/** A device raises its line on CPU `target`. Any context. Twice before it is taken is once. */
export function raiseIrq(cpu: Cpu, target: number, irq: number): void {
  raiseDeviceLine(cpu.memory, cpu.machine, target, irq);
}

/** As `raiseIrq`, from a thread that is no CPU. */
export function raiseDeviceLine(
  memory: Memory,
  machine: MachineInfo,
  target: number,
  irq: number,
): void {
  memory.fetchOr(areaOf(machine, target) + PerCpuLayout.pendingLines, (1 << irq) >>> 0);
  raiseInterrupt(memory, machine, target, DEVICE_INTERRUPT);
}

function lineAt(machine: MachineInfo, irq: number): Ptr {
  return machine.irqLines + irq * IrqLine.size;
}

function takeLines(cpu: Cpu): void {
  let lines = cpu.memory.exchange(cpu.area + PerCpuLayout.pendingLines, 0);
  for (; lines !== 0; lines &= lines - 1) takeLine(cpu, 31 - Math.clz32(lines & -lines));
}

function takeLine(cpu: Cpu, irq: number): void {
  const { memory } = cpu;
  const { irqHandlerEntry, irqHandlerExit } = cpu.trace;
  const line = lineAt(cpu.machine, irq);
  memory.fetchAdd(line + IrqLine.running, 1);
  const handler = memory.load(line + IrqLine.handler);
  if (irqHandlerEntry.enabled) irqHandlerEntry.fire(irq);
  if (handler !== 0) cpu.text.call(handler, irq, memory.load(line + IrqLine.data));
  if (irqHandlerExit.enabled) irqHandlerExit.fire(irq, handler === 0 ? 0 : 1);
  memory.fetchAdd(line + IrqLine.running, -1);
  cpu.unpark(line + IrqLine.running);
  warnOnce(cpu, handler === 0, `irq ${irq}: nobody cared (line without a handler)`);
}
