import type { Exploration } from '@percpu/experiment';
import { bustedTracepoints } from './busted/tracepoints.ts';
import { tracepoints } from './tracepoints.ts';

/** Tracepoints. */
export const trace: readonly Exploration[] = [...tracepoints, ...bustedTracepoints];
