/** The hash table of the parking lot (parking.ts): who may be asleep on which word. */
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { MachineInfo } from './machine-info.ts';

const fields = {
  /** CPUs asleep here, or about to be. */
  count: 'u32',
  /** CPU number + 1 that `unparkOne` kicked last, 0 = none yet. A hint: nothing depends on it. */
  hint: 'u32',
  /** One bit a CPU; as many words as it takes. The stride is in the machine struct. */
  mask: 'u32',
} as const;

export const ParkingBucket: Layout<typeof fields> = layout(fields, { name: 'ParkingBucket' });

/** The bucket of an address. Multiplicative hash (Knuth): neighbouring words spread. */
export function bucketOf(machine: MachineInfo, at: Ptr): Ptr {
  const hash = Math.imul(at >>> 2, 0x9e37_79b1) >>> (32 - machine.parkingBits);
  return machine.parking + hash * machine.parkingStride;
}
