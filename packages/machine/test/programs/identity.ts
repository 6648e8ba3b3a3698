/** Modules that one CPU reaches by several ways. */
import * as byName from '@percpu/machine';
import { CheckedMemory } from '@percpu/memory';
import { KernelOops } from '../../src/fault-errors.ts';
import * as index from '../../src/index.ts';
import type { Cpu } from '../../src/index.ts';
import { Tasklet } from '../../src/softirq/tasklet.ts';

/** Whether each way leads to the one instance. */
export const sameInstances = (cpu: Cpu): Record<string, boolean> => ({
  'what made the CPU': cpu instanceof byName.Cpu,
  'what made its memory': cpu.memory instanceof CheckedMemory,
  'the index by its path': index.Cpu === byName.Cpu,
  'a module by its path': KernelOops === byName.KernelOops,
  'a module in a folder': Tasklet === byName.Tasklet,
});

/** A call trace that leads through the core. */
export const callTrace = (cpu: Cpu): unknown =>
  cpu.text.call(cpu.text.define('callTrace', () => new Error('here').stack));
