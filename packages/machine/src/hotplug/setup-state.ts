/** Adding and removing hotplug callbacks. */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { Errno } from '../errno.ts';
import { onlineCpus } from '../online.ts';
import { writeName } from '../inline-name.ts';
import type { Sleeps } from '../sleeps.ts';
import { cpusWriteLock, cpusWriteUnlock } from './cpu-hotplug.ts';
import { Hotplug, HotplugSection, HotplugState, MAX_HOTPLUG_STATES } from './hotplug-layout.ts';
import type { HotplugSectionName } from './hotplug-layout.ts';
import { hotplug, stateAt } from './hotplug-state.ts';
import { MACHINE_CALLBACKS } from './machine-callbacks.ts';
import { bringUpState, takeDownState } from './walk.ts';

export interface HotplugCallbacks {
  /** For reports. */
  readonly name: string;
  /** Where and when they run: see hotplug-layout.ts. Default: online. */
  readonly section?: HotplugSectionName;
  /** Text address of `(cpu, n) => 0 or a negative errno`; generator functions only where they may sleep. 0: none. */
  readonly startup: Ptr;
  readonly teardown: Ptr;
}

/**
 * Linux: cpuhp_setup_state(). Adds a pair of callbacks behind those of its section and calls `startup` for every
 * online CPU. May sleep. Returns the number of the state, or -ENOSPC when the table is full, or what a
 * startup returned, with `teardown` called where it had succeeded.
 */
export function* cpuhpSetupState(cpu: Cpu, callbacks: HotplugCallbacks): Sleeps<number> {
  yield* cpusWriteLock(cpu);
  const section = callbacks.section ?? 'online';
  const index = addState(cpu, callbacks, section);
  let result = index;
  if (index >= 0) {
    for (const target of onlineCpus(cpu.memory, cpu.machine)) {
      const failed = yield* bringUpState(cpu, target, section, index);
      if (failed >= 0) continue;
      yield* removeState(cpu, section, index);
      result = failed;
      break;
    }
  }
  cpusWriteUnlock(cpu);
  return result;
}

/** Linux: cpuhp_remove_state(). Calls `teardown` for every online CPU and forgets the pair. May sleep. -EINVAL when there is no such state. */
export function* cpuhpRemoveState(cpu: Cpu, index: number): Sleeps<number> {
  const { memory } = cpu;
  if (!Number.isInteger(index) || index < MACHINE_CALLBACKS.length || index >= MAX_HOTPLUG_STATES)
    return Errno.EINVAL;
  yield* cpusWriteLock(cpu);
  const state = stateAt(cpu.use(hotplug), index);
  const there = memory.read(state + HotplugState.used) === 1;
  if (there) yield* removeState(cpu, sectionName(memory.read(state + HotplugState.section)), index);
  cpusWriteUnlock(cpu);
  return there ? 0 : Errno.EINVAL;
}

function sectionName(code: number): HotplugSectionName {
  if (code === HotplugSection.prepare) return 'prepare';
  return code === HotplugSection.starting ? 'starting' : 'online';
}

function* removeState(cpu: Cpu, section: HotplugSectionName, index: number): Sleeps<void> {
  for (const target of onlineCpus(cpu.memory, cpu.machine).reverse()) {
    yield* takeDownState(cpu, target, section, index);
  }
  cpu.memory.write(stateAt(cpu.use(hotplug), index) + HotplugState.used, 0);
}

/** Under the lock. The index of the new entry. */
function addState(cpu: Cpu, callbacks: HotplugCallbacks, section: HotplugSectionName): number {
  const { memory } = cpu;
  const at = cpu.use(hotplug);
  let index = MACHINE_CALLBACKS.length;
  while (index < MAX_HOTPLUG_STATES && memory.read(stateAt(at, index) + HotplugState.used) === 1)
    index++;
  if (index === MAX_HOTPLUG_STATES) return Errno.ENOSPC;
  const state = stateAt(at, index);
  memory.write(state + HotplugState.used, 1);
  memory.write(state + HotplugState.section, HotplugSection[section]);
  writeName(memory, state + HotplugState.name, callbacks.name);
  memory.write(state + HotplugState.startup, callbacks.startup);
  memory.write(state + HotplugState.teardown, callbacks.teardown);
  // Pairs with the load in setUpHotplug.
  if (index >= memory.load(at + Hotplug.states)) memory.store(at + Hotplug.states, index + 1);
  return index;
}
