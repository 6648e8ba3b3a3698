/** Where the shared state of CPU hotplug is, and the small questions that all may ask. */
import { memblockAlloc } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { bugOn } from '../fault.ts';
import { writeName } from '../inline-name.ts';
import type { Subsystem } from '../subsystem.ts';
import { sleepLockRead, sleepUnlockRead } from '../task/sleep-lock.ts';
import type { Sleeps } from '../sleeps.ts';
import { Hotplug, HotplugCpu, HotplugSection, HotplugState } from './hotplug-layout.ts';
import { MACHINE_CALLBACKS } from './machine-callbacks.ts';
import type { MachineCallback } from './machine-callbacks.ts';

/** `cpu.use(hotplug)`: the address of the shared state (`Hotplug`). */
export const hotplug: Subsystem<Ptr> = {
  name: 'cpuhp',
  create: createHotplug,
  attach: (_cpu, at) => at,
};

function createHotplug(cpu: Cpu): Ptr {
  const { memory, nrCpus } = cpu;
  const at = memblockAlloc(memory, Hotplug.size, Hotplug.align);
  const cpus = memblockAlloc(memory, nrCpus * HotplugCpu.size, HotplugCpu.align);
  memory.describe(at, Hotplug, 'cpuhp');
  memory.write(at + Hotplug.cpus, cpus);
  let entry = 0;
  for (const callback of MACHINE_CALLBACKS)
    fillMachineCallback(cpu, stateAt(at, entry++), callback);
  memory.store(at + Hotplug.states, entry);
  for (let id = 0; id < nrCpus; id++) {
    memory.describe(cpus + id * HotplugCpu.size, HotplugCpu, `cpuhp of cpu ${id}`);
    // What the startups of these would do, booting does.
    memory.write(cpus + id * HotplugCpu.size + HotplugCpu.applied, (1 << entry) - 1);
  }
  return at;
}

function fillMachineCallback(cpu: Cpu, state: Ptr, callback: MachineCallback): void {
  const { memory } = cpu;
  memory.write(state + HotplugState.used, 1);
  memory.write(state + HotplugState.section, HotplugSection[callback.section]);
  writeName(memory, state + HotplugState.name, callback.name);
  memory.write(state + HotplugState.startup, symbol(cpu, callback.startup));
  memory.write(state + HotplugState.teardown, symbol(cpu, callback.teardown));
}

function symbol(cpu: Cpu, name: string | undefined): Ptr {
  if (name === undefined) return 0;
  const at = cpu.text.lookup(name);
  bugOn(cpu, at === 0, `cpuhp: ${name} is not in kernel text`);
  return at;
}

/** Entry `index` of the table. */
export function stateAt(at: Ptr, index: number): Ptr {
  return at + Hotplug.table + index * HotplugState.size;
}

/** The HotplugCpu of CPU `id`. */
export function hotplugCpu(cpu: Cpu, id: number): Ptr {
  return cpu.memory.read(cpu.use(hotplug) + Hotplug.cpus) + id * HotplugCpu.size;
}

/** Linux: cpu_active(). Online, and not about to go offline: new work may be placed there. Any context. */
export function cpuActive(cpu: Cpu, id: number): boolean {
  if (id < 0 || id >= cpu.nrCpus) return false;
  return cpu.memory.load(hotplugCpu(cpu, id) + HotplugCpu.active) === 1;
}

/** Linux: cpus_read_lock(). No CPU comes or goes until `cpusReadUnlock`. May sleep; not from hotplug callbacks. */
export function* cpusReadLock(cpu: Cpu): Sleeps<void> {
  yield* sleepLockRead(cpu, cpu.use(hotplug) + Hotplug.lock);
}

/** Linux: cpus_read_unlock(). */
export function cpusReadUnlock(cpu: Cpu): void {
  sleepUnlockRead(cpu, cpu.use(hotplug) + Hotplug.lock);
}
