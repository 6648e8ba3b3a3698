/**
 * Walking a CPU through a section of the callbacks. What has been brought up is a bit in `applied`, so that
 * going back after a failure is the same walk the other way.
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import type { Sleeps } from '../sleeps.ts';
import { Hotplug, HotplugCpu, HotplugSection, HotplugState } from './hotplug-layout.ts';
import type { HotplugSectionName } from './hotplug-layout.ts';
import { hotplug, hotplugCpu, stateAt } from './hotplug-state.ts';
import { callOn, callWithIrqsOff, runCallback } from './hotplug-thread.ts';

/** Brings up what of the section is not up, in order. Returns 0, or the first failure with all before it up. */
export function* bringUp(cpu: Cpu, target: number, section: HotplugSectionName): Sleeps<number> {
  const states = cpu.memory.load(cpu.use(hotplug) + Hotplug.states);
  for (let index = 0; index < states; index++) {
    const result = yield* bringUpState(cpu, target, section, index);
    if (result < 0) return result;
  }
  return 0;
}

/** Takes down what of the section is up, in reverse order. Returns 0, or the first failure with all after it down. */
export function* takeDown(cpu: Cpu, target: number, section: HotplugSectionName): Sleeps<number> {
  const states = cpu.memory.load(cpu.use(hotplug) + Hotplug.states);
  for (let index = states - 1; index >= 0; index--) {
    const result = yield* takeDownState(cpu, target, section, index);
    if (result < 0) return result;
  }
  return 0;
}

export function* bringUpState(
  cpu: Cpu,
  target: number,
  section: HotplugSectionName,
  index: number,
): Sleeps<number> {
  const { memory } = cpu;
  const state = stateAt(cpu.use(hotplug), index);
  if (!isOf(cpu, state, section) || isApplied(cpu, target, index)) return 0;
  const result = yield* run(cpu, target, section, memory.read(state + HotplugState.startup));
  if (result === 0) setApplied(cpu, target, index, true);
  return result;
}

export function* takeDownState(
  cpu: Cpu,
  target: number,
  section: HotplugSectionName,
  index: number,
): Sleeps<number> {
  const { memory } = cpu;
  const state = stateAt(cpu.use(hotplug), index);
  if (!isOf(cpu, state, section) || !isApplied(cpu, target, index)) return 0;
  const result = yield* run(cpu, target, section, memory.read(state + HotplugState.teardown));
  if (result === 0) setApplied(cpu, target, index, false);
  return result;
}

function* run(cpu: Cpu, target: number, section: HotplugSectionName, func: Ptr): Sleeps<number> {
  if (section === 'prepare') return yield* runCallback(cpu, func, target, false);
  return yield* callOn(cpu, target, func, section === 'starting');
}

/** The section `starting` by the CPU itself, on its way up or down, with interrupts off. Failures do not count here. */
export function walkStarting(cpu: Cpu, up: boolean): void {
  const { memory } = cpu;
  const at = cpu.use(hotplug);
  const states = memory.load(at + Hotplug.states);
  for (let i = 0; i < states; i++) {
    const index = up ? i : states - 1 - i;
    const state = stateAt(at, index);
    if (!isOf(cpu, state, 'starting') || isApplied(cpu, cpu.id, index) === up) continue;
    const func = memory.read(state + (up ? HotplugState.startup : HotplugState.teardown));
    if (func !== 0) callWithIrqsOff(cpu, func, cpu.id);
    setApplied(cpu, cpu.id, index, up);
  }
}

function isOf(cpu: Cpu, state: Ptr, section: HotplugSectionName): boolean {
  const { memory } = cpu;
  if (memory.read(state + HotplugState.used) === 0) return false;
  return memory.read(state + HotplugState.section) === HotplugSection[section];
}

function isApplied(cpu: Cpu, target: number, index: number): boolean {
  const word = hotplugCpu(cpu, target) + HotplugCpu.applied + (index >>> 5) * 4;
  return (cpu.memory.read(word) & (1 << (index & 31))) !== 0;
}

function setApplied(cpu: Cpu, target: number, index: number, applied: boolean): void {
  const { memory } = cpu;
  const word = hotplugCpu(cpu, target) + HotplugCpu.applied + (index >>> 5) * 4;
  const bit = 1 << (index & 31);
  const before = memory.read(word);
  memory.write(word, (applied ? before | bit : before & ~bit) >>> 0);
}
