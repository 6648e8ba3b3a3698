export { Machine } from './machine.ts';
export type { ProgramSpec, RunOptions } from './machine.ts';
export type { BootOptions } from './options.ts';
export type { PerCpu } from './run.ts';
export { MachineCrash } from './crash.ts';
export type { CpuOutcome } from './crash.ts';
export { sibling } from './sibling.ts';
