import type { Exploration } from '@percpu/experiment';
import { bustedStops } from './busted/stop.ts';
import { hotplugs } from './hotplug.ts';
import { stops } from './stop.ts';

/** Stopping CPUs, taking them down and bringing them up. */
export const hotplug: readonly Exploration[] = [...stops, ...hotplugs, ...bustedStops];
