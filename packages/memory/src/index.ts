export type * from './memory.ts';
export { CACHE_LINE, NULL, PAGE_SIZE } from './memory.ts';
export { createMemory } from './create-memory.ts';
export type { AttachMemory, MemoryOptions, NewMemory } from './create-memory.ts';
export { chooseBackend } from './choose-backend.ts';
export type { BackendChoice, NativeBackend } from './choose-backend.ts';
export { hostClock, hostClockSeconds } from './clock.ts';
export type { Clock } from './clock.ts';
export { CheckedMemory } from './checked-memory.ts';
export { setLifeCheck } from './life-check.ts';
export { AccessCheck } from './access-check.ts';
export type { LifeCheck } from './access-check.ts';
export { hex, MemoryFault } from './memory-fault.ts';
export type { AccessKind, FaultDetails } from './memory-fault.ts';
export { waitOnHost } from './wait-on-host.ts';
export {
  checkHeader,
  FIRST_FREE,
  formatHeader,
  HEADER,
  Header,
  LAYOUT_VERSION,
  ROOT,
} from './header.ts';
export { memblockAlloc, memblockEnd, memblockLeft } from './memblock.ts';
export { alignUp, array, cacheAligned, layout } from './layout.ts';
export type {
  ArrayType,
  CacheAlignedType,
  FieldType,
  Layout,
  LayoutOptions,
  Scalar,
} from './layout.ts';
export { fieldAt } from './field-at.ts';
export { CPU_NUMBER, percpuAlloc, percpuAttach, percpuInit, perCpuPtr } from './percpu.ts';
export type { PercpuAreas, PercpuOffset } from './percpu.ts';
export * from './atomic.ts';
export * from './local.ts';
export * from './bitops/bits.ts';
export {
  changeBit,
  clearBit,
  setBit,
  testAndChangeBit,
  testAndClearBit,
  testAndSetBit,
  testBit,
} from './bitops/atomic-bits.ts';
export * from './bitops/non-atomic-bits.ts';
export * from './bitops/find-bits.ts';
