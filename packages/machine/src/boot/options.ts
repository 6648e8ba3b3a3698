/** What `Machine.boot` accepts, and what it says about the rest. */
import type { NativeBackend } from '@percpu/memory';
import { MAX_CPUS } from '../bring-up.ts';
import type { Parameter } from '../parameters.ts';

export interface BootOptions {
  /** CPUs to bring up, one worker thread each: 1 to 1024. */
  readonly cpus: number;
  /** Further CPUs that worker threads of yours may become with `join`. Default 0; at most 1024 in all. */
  readonly joinable?: number;
  /** Bytes of shared memory. Default: 16 MiB and 256 KiB a CPU. */
  readonly memory?: number;
  /** Boot parameters, as on a kernel command line: `{ 'spin.budget': 0 }`. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Parameters that packages above the machine declare, so that they can be given. */
  readonly declares?: readonly Parameter[];
  /** Check every access for range and alignment. Default true; false for measuring. */
  readonly checked?: boolean;
  /** How atomic accesses are carried out. Default: the faster one on this host. */
  readonly backend?: 'auto' | NativeBackend;
  /** Heap limit of each worker, in MiB. Default 64. */
  readonly heapMb?: number;
}

const MIB = 2 ** 20;
/** What bring-up itself takes, dmesg and kernel text included, is below this. */
export const MIN_MEMORY: number = 1 * MIB;
/** The top 16 MiB of the address space are kernel text on machines that large. */
export const MAX_MEMORY: number = 2 ** 32 - 16 * MIB;

export function defaultMemory(cpus: number): number {
  return 16 * MIB + cpus * 256 * 1024;
}

/** Throws a RangeError or TypeError that names the value and what is accepted. */
export function checkBootOptions(options: BootOptions): void {
  const { cpus, joinable = 0, memory, heapMb = 64 } = options;
  refuse(
    'cpus',
    cpus,
    Number.isInteger(cpus) && cpus >= 1 && cpus <= MAX_CPUS,
    `a whole number from 1 to ${MAX_CPUS}`,
  );
  refuse(
    'joinable',
    joinable,
    Number.isInteger(joinable) && joinable >= 0 && cpus + joinable <= MAX_CPUS,
    `a whole number from 0 to ${MAX_CPUS - cpus} (with ${cpus} CPUs)`,
  );
  if (memory !== undefined) {
    refuse(
      'memory',
      memory,
      Number.isInteger(memory) && memory >= MIN_MEMORY && memory <= MAX_MEMORY,
      `a whole number of bytes from ${MIN_MEMORY} (1 MiB) to ${MAX_MEMORY} (4080 MiB)`,
    );
  }
  refuse('heapMb', heapMb, Number.isFinite(heapMb) && heapMb >= 8, 'a number of MiB from 8');
}

function refuse(name: string, value: unknown, fine: boolean, accepted: string): void {
  if (fine) return;
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw new RangeError(`Machine.boot: ${name}: ${shown}; accepted is ${accepted}`);
}
