/**
 * What a kernel does when something is wrong: WARN goes on, an oops ends the task or the machine, a
 * panic ends the machine. Every one of them leaves its trace in dmesg first.
 *
 *   warn ──(panic_on_warn)──────────────▶ panic
 *   bug, oops ──(in interrupt, panic_on_oops)──▶ panic ──▶ NMI_STOP to all other CPUs
 *        └──(else) the task ends with KernelOops
 */
import { onceTableFirst } from './once-table.ts';
import type { Cpu } from './cpu.ts';
import { PANIC_ON_OOPS, PANIC_ON_WARN } from './core-parameters.ts';
import { CpuStopped, KernelOops, KernelPanic } from './fault-errors.ts';
import { NMI_STOP } from './interrupt-bits.ts';
import { MachineLayout, MachineState, PerCpuLayout } from './machine-layout.ts';
import { describePreemptCount } from './preempt-count.ts';
import { printk } from './printk.ts';
import { readString } from './shared-string.ts';
import { describeTaint, Taint } from './taint.ts';
import type { TaintName } from './taint.ts';

/** Linux: add_taint(). Any context. */
export function addTaint(cpu: Cpu, flag: TaintName): void {
  cpu.memory.fetchOr(cpu.machine.at + MachineLayout.taint, 1 << Taint[flag]);
}

/** Linux: WARN(). Reports when `condition` holds, and returns it. Any context. */
export function warn(cpu: Cpu, condition: boolean, text: string): boolean {
  if (!condition) return false;
  const stack = new Error(text).stack ?? '';
  printk(cpu, 'warning', '------------[ cut here ]------------');
  printk(cpu, 'warning', text);
  printk(cpu, 'warning', `WARNING: ${whereAbouts(cpu)}`);
  printStack(cpu, 'warning', stack);
  printk(cpu, 'warning', '---[ end trace ]---');
  addTaint(cpu, 'warn');
  if (cpu.parameter(PANIC_ON_WARN)) panic(cpu, `panic_on_warn set: ${text}`);
  return true;
}

/** Linux: WARN_ONCE(). As `warn`, but each text is reported once per machine. */
export function warnOnce(cpu: Cpu, condition: boolean, text: string): boolean {
  if (condition && onceTableFirst(cpu.memory, cpu.machine.onceTable, text)) warn(cpu, true, text);
  return condition;
}

/** Linux: BUG(). The caller found a state that cannot be. Never returns. */
export function bug(cpu: Cpu, text: string): never {
  return oops(cpu, `kernel BUG: ${text}`);
}

/** Linux: BUG_ON(). */
export function bugOn(cpu: Cpu, condition: boolean, text: string): void {
  if (condition) bug(cpu, text);
}

/** Linux: die(). Logs the fault with the state of this CPU; ends the task, or the machine. */
export function oops(cpu: Cpu, text: string, cause?: unknown): never {
  const error = new KernelOops(text, cpu.id, cause);
  printOops(cpu, text, cause instanceof Error ? (cause.stack ?? '') : (error.stack ?? ''));
  addTaint(cpu, 'die');
  if (cpu.inInterrupt()) panic(cpu, 'Fatal exception in interrupt', error);
  if (cpu.parameter(PANIC_ON_OOPS)) panic(cpu, 'Fatal exception', error);
  throw error;
}

/** Linux: panic(). Stops the machine. Never returns; the first CPU to panic wins, others just stop. */
export function panic(cpu: Cpu, text: string, cause?: unknown): never {
  const { memory, machine } = cpu;
  const first = memory.compareExchange(machine.at + MachineLayout.panicCpu, 0, cpu.id + 1);
  if (first !== 0 && first !== cpu.id + 1) throw new CpuStopped(cpu.id);
  printk(cpu, 'emerg', `Kernel panic - not syncing: ${text}`);
  printk(cpu, 'emerg', whereAbouts(cpu));
  memory.store(machine.at + MachineLayout.state, MachineState.dead);
  for (let other = 0; other < machine.nrCpus; other++) {
    if (other !== cpu.id) cpu.raise(other, NMI_STOP);
  }
  printk(cpu, 'emerg', `---[ end Kernel panic - not syncing: ${text} ]---`);
  throw new KernelPanic(text, cpu.id, cause);
}

/**
 * What a scheduler does with what a task threw. Throws on when the machine ends with it; returns when
 * only the task does (`panic_on_oops` off), with the CPU back in a context where tasks can run.
 */
export function taskFailed(cpu: Cpu, name: string, error: unknown): void {
  if (isFatal(error)) throw error;
  if (!(error instanceof KernelOops)) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    try {
      oops(cpu, `unhandled exception in ${name}: ${text}`, error);
    } catch (oopsed) {
      if (isFatal(oopsed)) throw oopsed;
    }
  }
  const { memory, area } = cpu;
  const count = cpu.preemptCount();
  if (count !== 0) printk(cpu, 'info', `note: ${name} exited with preempt_count ${count}`);
  memory.writeOwn(area + PerCpuLayout.preemptCount, 0);
  memory.writeOwn(area + PerCpuLayout.irqsOff, 0);
}

/** Does this exception end the CPU, so that nobody may swallow it? */
export function isFatal(error: unknown): boolean {
  return error instanceof KernelPanic || error instanceof CpuStopped;
}

function printOops(cpu: Cpu, text: string, stack: string): void {
  printk(cpu, 'alert', text);
  printk(cpu, 'alert', `Oops: ${whereAbouts(cpu)}`);
  printStack(cpu, 'alert', stack);
  printk(cpu, 'alert', '---[ end trace ]---');
}

/** Linux: the "CPU: 1 PID: … Comm: … Tainted: …" line. */
function whereAbouts(cpu: Cpu): string {
  const { memory, machine, area } = cpu;
  const comm = readString(memory, memory.readOwn(area + PerCpuLayout.currentName)) || 'swapper';
  const taint = describeTaint(memory.load(machine.at + MachineLayout.taint));
  const context = describePreemptCount(cpu.preemptCount());
  const irqs = cpu.irqsDisabled() ? 'off' : 'on';
  return `CPU: ${cpu.id} Comm: ${comm} ${taint} context: ${context} irqs: ${irqs}`;
}

function printStack(cpu: Cpu, level: 'warning' | 'alert', stack: string): void {
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  if (frames.length === 0) return;
  printk(cpu, level, 'Call Trace:');
  for (const frame of frames.slice(0, 12)) printk(cpu, level, frame.slice(3));
}
