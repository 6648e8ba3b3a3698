export {
  PercpuCounter,
  percpuCounterAdd,
  percpuCounterAddBatch,
  percpuCounterBatch,
  percpuCounterCompare,
  percpuCounterInit,
  percpuCounterRead,
  percpuCounterReadPositive,
  percpuCounterSet,
  percpuCounterSum,
} from './percpu-counter.ts';
export {
  perCpuSum,
  perCpuSum64,
  thisCpuAdd,
  thisCpuAdd64,
  thisCpuInc,
  thisCpuPtr,
} from './this-cpu.ts';
