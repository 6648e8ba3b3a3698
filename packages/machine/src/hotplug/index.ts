export { cpuDown, cpuUp } from './cpu-hotplug.ts';
export { MAX_HOTPLUG_STATES } from './hotplug-layout.ts';
export type { HotplugSectionName } from './hotplug-layout.ts';
export { cpuActive, cpusReadLock, cpusReadUnlock } from './hotplug-state.ts';
export { cpuhpRemoveState, cpuhpSetupState } from './setup-state.ts';
export type { HotplugCallbacks } from './setup-state.ts';
