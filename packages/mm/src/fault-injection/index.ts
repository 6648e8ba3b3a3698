export { FAULT_KINDS } from './fault-attr.ts';
export type { FaultKind } from './fault-attr.ts';
export { failNth, failNthDone, setFault } from './set-fault.ts';
export type { FaultOptions } from './set-fault.ts';
