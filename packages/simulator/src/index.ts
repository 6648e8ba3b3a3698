/** @percpu/simulator: CPUs as stacks of stopped frames, and the memory that they stop in front of. */
export type { ForeignWord, PendingAccess } from './access.ts';
export { AddressNames } from './address-names.ts';
export type { AccessClock } from './clock.ts';
export { ControlError } from './errors.ts';
export { SimulatedMachine } from './machine.ts';
export type { SimulatedMachineOptions } from './machine.ts';
export { SimulatedMemory } from './memory.ts';
export type { SimulatedMemoryOptions } from './memory.ts';
export { Op, OPERATIONS } from './operations.ts';
export type { Effect, OperationInfo, OperationName } from './operations.ts';
export { BLOCKED, Processor } from './processor.ts';
export type { Code, ProcessorState } from './processor.ts';
export { SimulatedStore } from './store.ts';
export { WaitTable } from './wait-table.ts';
