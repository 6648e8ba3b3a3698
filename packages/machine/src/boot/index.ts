export { MachineCrash } from './crash.ts';
export type { CpuOutcome } from './crash.ts';
export { Machine } from './machine.ts';
export type { BootOptions, ProgramSpec, RunOptions } from './options.ts';
export { ProgramError } from './program-error.ts';
export type { PerCpu } from './run.ts';
export { sibling } from './sibling.ts';
