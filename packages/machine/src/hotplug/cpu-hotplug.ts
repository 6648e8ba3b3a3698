/**
 * Taking CPUs down and bringing them up again while the machine runs.
 *
 *   cpuDown   online callbacks in reverse ─▶ all CPUs stop; n runs the starting ones, leaves the online
 *             mask and freezes ─▶ prepare callbacks in reverse, by the caller
 *   cpuUp     prepare ─▶ n thaws: starting, online mask ─▶ online
 *
 * A failing callback undoes what was done. Tasks do not migrate, so those of a CPU that is down do not run
 * until it is up again; what must go on elsewhere (work items, timers, tasklets) its callbacks move. The
 * CPU's thread stays: an offline CPU sleeps in its idle loop.
 */
import type { Ptr } from '@percpu/memory';
import { flushCallQueue } from '../call-queue.ts';
import type { Cpu } from '../cpu.ts';
import { Errno } from '../errno.ts';
import { warn } from '../fault.ts';
import { cpuOnline, numOnlineCpus, offlineCpu, onlineCpu } from '../online.ts';
import { printk } from '../printk.ts';
import type { Sleeps } from '../sleeps.ts';
import { stopMachineCpuslocked } from '../stop-machine.ts';
import { waitForEvent } from '../task/event.ts';
import { sleepLockWrite, sleepUnlockWrite } from '../task/sleep-lock.ts';
import { signalEvent } from '../task/waiters.ts';
import { Hotplug, HotplugCpu } from './hotplug-layout.ts';
import { MACHINE_CALLBACKS } from './machine-callbacks.ts';
import { hotplug, hotplugCpu } from './hotplug-state.ts';
import { defineHotplugThread } from './hotplug-thread.ts';
import { bringUp, takeDown, walkStarting } from './walk.ts';

const TAKE_CPU_DOWN = 'takeCpuDown';

/** Linux: what boot_cpu_init() and the secondary CPUs' start do for hotplug. Once per CPU, online already, before its main loop. */
export function setUpHotplug(cpu: Cpu): void {
  const { memory } = cpu;
  defineHotplugThread(cpu);
  cpu.text.define(TAKE_CPU_DOWN, takeCpuDown);
  const at = cpu.use(hotplug);
  memory.store(hotplugCpu(cpu, cpu.id) + HotplugCpu.active, 1);
  // Pairs with the store in cpuhpSetupState: either it sees us online, or we see its callback.
  if (memory.load(at + Hotplug.states) > MACHINE_CALLBACKS.length) {
    cpu.scheduler.start(`cpuhp-join/${cpu.id}`, joinLate(cpu));
  }
}

/** A CPU that starts on a machine with callbacks brings itself up through those it has missed. */
function* joinLate(cpu: Cpu): Sleeps<void> {
  yield* cpusWriteLock(cpu);
  for (const section of ['prepare', 'starting', 'online'] as const) {
    const result = yield* bringUp(cpu, cpu.id, section);
    warn(cpu, result < 0, `cpuhp: a startup callback failed on joining CPU ${cpu.id}: ${result}`);
  }
  cpusWriteUnlock(cpu);
}

/** Linux: cpus_write_lock(). */
export function* cpusWriteLock(cpu: Cpu): Sleeps<void> {
  yield* sleepLockWrite(cpu, cpu.use(hotplug) + Hotplug.lock);
}

/** Linux: cpus_write_unlock(). */
export function cpusWriteUnlock(cpu: Cpu): void {
  sleepUnlockWrite(cpu, cpu.use(hotplug) + Hotplug.lock);
}

/**
 * Linux: remove_cpu(). Takes CPU `target` offline. May sleep. Returns 0 (also when it is offline already),
 * -EINVAL when there is no such CPU, -EBUSY when it is the last one or the caller's own (Linux migrates the
 * caller; tasks here cannot), or what a callback returned, with the CPU as it was.
 */
export function* cpuDown(cpu: Cpu, target: number): Sleeps<number> {
  if (!Number.isInteger(target) || target < 0 || target >= cpu.nrCpus) return Errno.EINVAL;
  yield* cpusWriteLock(cpu);
  const result = yield* down(cpu, target);
  cpusWriteUnlock(cpu);
  return result;
}

function* down(cpu: Cpu, target: number): Sleeps<number> {
  const { memory, machine } = cpu;
  const at = hotplugCpu(cpu, target);
  if (!cpuOnline(memory, machine, target)) return 0;
  if (target === cpu.id || numOnlineCpus(memory, machine) === 1) return Errno.EBUSY;
  memory.store(at + HotplugCpu.active, 0);
  const failed = yield* takeDown(cpu, target, 'online');
  if (failed < 0) {
    const undo = yield* bringUp(cpu, target, 'online');
    warn(cpu, undo < 0, `cpuhp: rollback on CPU ${target} failed: ${undo}`);
    memory.store(at + HotplugCpu.active, 1);
    return failed;
  }
  yield* die(cpu, target);
  return 0;
}

/** The point of no return: CPU `target` leaves the online mask, and the caller buries it. */
function* die(cpu: Cpu, target: number): Sleeps<void> {
  yield* stopMachineCpuslocked(cpu, cpu.text.lookup(TAKE_CPU_DOWN), target, [target]);
  const failed = yield* takeDown(cpu, target, 'prepare');
  warn(cpu, failed < 0, `cpuhp: a dead callback failed for CPU ${target}: ${failed}`);
  printk(cpu, 'info', `smpboot: CPU ${target} is now offline`);
}

/** Linux: take_cpu_down(). On the CPU that goes, all others stopped, interrupts off. */
function takeCpuDown(cpu: Cpu): number {
  const at = hotplugCpu(cpu, cpu.id);
  walkStarting(cpu, false);
  offlineCpu(cpu);
  // Nobody can add calls any more: senders look at the mask with preemption off.
  flushCallQueue(cpu);
  cpu.memory.store(at + HotplugCpu.frozen, 1);
  cpu.scheduler.freeze(at + HotplugCpu.frozen, () => thaw(cpu, at));
  return 0;
}

/** On the CPU that comes, before any of its tasks. */
function thaw(cpu: Cpu, at: Ptr): void {
  const flags = cpu.localIrqSave();
  walkStarting(cpu, true);
  onlineCpu(cpu);
  cpu.localIrqRestore(flags);
  signalEvent(cpu, at + HotplugCpu.done);
}

/**
 * Linux: add_cpu(). Brings CPU `target` online again. May sleep. Returns 0 (also when it is online already),
 * -EINVAL when there is no such CPU or it never started, or what a callback returned, with the CPU offline.
 */
export function* cpuUp(cpu: Cpu, target: number): Sleeps<number> {
  if (!Number.isInteger(target) || target < 0 || target >= cpu.nrCpus) return Errno.EINVAL;
  yield* cpusWriteLock(cpu);
  const result = yield* up(cpu, target);
  cpusWriteUnlock(cpu);
  return result;
}

function* up(cpu: Cpu, target: number): Sleeps<number> {
  const { memory, machine } = cpu;
  if (cpuOnline(memory, machine, target)) return 0;
  const at = hotplugCpu(cpu, target);
  if (memory.load(at + HotplugCpu.frozen) === 0) return Errno.EINVAL;
  const unprepared = yield* bringUp(cpu, target, 'prepare');
  if (unprepared < 0) {
    yield* takeDown(cpu, target, 'prepare');
    return unprepared;
  }
  memory.store(at + HotplugCpu.done, 0);
  // Seen by the scheduler of that CPU, which then calls thaw.
  memory.store(at + HotplugCpu.frozen, 0);
  cpu.kick(target);
  yield* waitForEvent(cpu, at + HotplugCpu.done);
  const failed = yield* bringUp(cpu, target, 'online');
  if (failed < 0) {
    yield* takeDown(cpu, target, 'online');
    yield* die(cpu, target);
    return failed;
  }
  memory.store(at + HotplugCpu.active, 1);
  printk(cpu, 'info', `smpboot: CPU ${target} is online`);
  return 0;
}
