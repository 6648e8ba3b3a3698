/** What `Machine.boot` accepts, and what it says about the rest. */
import { pathToFileURL } from 'node:url';
import type { NativeBackend } from '@percpu/memory';
import { MAX_CPUS } from '../bring-up.ts';
import { CORE_PARAMETERS, MEMORY_BACKEND } from '../core-parameters.ts';
import { checkParameters, parameterValue } from '../parameters.ts';
import type { Parameter } from '../parameters.ts';

export interface BootOptions {
  /** CPUs to bring up, one worker thread each: 1 to 1024. */
  readonly cpus: number;
  /** Further CPUs that worker threads of yours may become with `join`. Default 0; at most 1024 in all. */
  readonly joinable?: number;
  /** Bytes of shared memory. Default: 16 MiB and 128 KiB a CPU. */
  readonly memory?: number;
  /** Boot parameters, as on a kernel command line: `{ 'spin.budget': 0 }`. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Parameters that packages above the machine declare, so that they can be given. */
  readonly declares?: readonly Parameter[];
  /** Check every access for range and alignment. Default true; false for measuring. */
  readonly checked?: boolean;
  /**
   * Heap limit of each worker, in MiB. Default: ten times `memory`, at least 256. V8 counts the machine's
   * memory as part of every worker's heap and collects garbage in full early when it is above an eighth of the limit.
   */
  readonly heapMb?: number;
}

/** What to run: an export of a module, called as `main(cpu, args)`. */
export interface ProgramSpec {
  /** URL (or path) of the module. */
  readonly module: URL | string;
  /** Default `main`. A plain function, a generator (it may sleep), or an async function. */
  readonly export?: string;
  /** Structured-cloneable; every CPU gets a copy. */
  readonly args?: unknown;
}

export interface RunOptions {
  /** Which CPUs run it. Default all that boot brought up. */
  readonly cpus?: 'all' | readonly number[];
  /** After this many milliseconds the machine is stopped and the run rejected. Default: never. */
  readonly timeoutMs?: number;
}

const MIB = 2 ** 20;
/** What bring-up itself takes, dmesg and kernel text included, is below this. */
const MIN_MEMORY: number = 1 * MIB;
/** The top 16 MiB of the address space are kernel text on machines that large. */
const MAX_MEMORY: number = 2 ** 32 - 16 * MIB;

/**
 * Up to 256 CPUs this stays below 64 MiB, beyond which V8 begins to mark the heap of each worker as soon as
 * it has received the memory: 6 to 9 ms a CPU.
 */
export function defaultMemory(cpus: number): number {
  return 16 * MIB + cpus * 128 * 1024;
}

/** See `heapMb`. With memory above an eighth of the limit a worker begins with a full collection: 6 ms a CPU. */
export function defaultHeapMb(memory: number): number {
  return Math.max(256, Math.ceil((10 * memory) / MIB));
}

/** Throws a RangeError or TypeError that names the value and what is accepted. */
export function checkBootOptions(options: BootOptions): void {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`Machine.boot: ${String(given)}; accepted is { cpus, … }`);
  }
  const { cpus, joinable = 0, memory, heapMb = 256 } = options;
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

/** The one boot parameter that is needed before there is a memory to keep parameters in. */
export function backendOf({ parameters = {}, declares = [] }: BootOptions): 'auto' | NativeBackend {
  const values = checkParameters(parameters, [...CORE_PARAMETERS, ...declares]);
  return parameterValue(values, MEMORY_BACKEND) as 'auto' | NativeBackend;
}

/** The CPUs that a run names, each once. */
export function chosenCpus(wanted: unknown, all: readonly number[]): readonly number[] {
  if (wanted === 'all') return all;
  if (!Array.isArray(wanted) || wanted.length === 0) {
    const shown = JSON.stringify(wanted);
    throw new TypeError(
      `Machine.run: cpus: ${shown}; accepted is 'all' or a list of CPU numbers, not empty`,
    );
  }
  const numbers = wanted as readonly number[];
  for (const cpu of numbers) {
    if (!all.includes(cpu)) {
      throw new RangeError(
        `Machine.run: cpus: no CPU ${String(cpu)}; this machine has 0 to ${all.length - 1}`,
      );
    }
  }
  return [...new Set(numbers)];
}

/** `timeoutMs`, checked: a timer takes at most 2^31 - 1. */
export function timeoutOf({ timeoutMs }: RunOptions): number | undefined {
  if (timeoutMs === undefined) return undefined;
  if (Number.isFinite(timeoutMs) && timeoutMs > 0 && timeoutMs < 2 ** 31) return timeoutMs;
  throw new RangeError(
    `Machine.run: timeoutMs: ${timeoutMs}; accepted is a number above 0 and below 2147483648`,
  );
}

export function moduleUrl(module: unknown): string {
  if (module instanceof URL) return module.href;
  if (typeof module !== 'string' || module === '') {
    throw new TypeError(
      `Machine.run: module: ${String(module)}; accepted is the URL or the path of a module`,
    );
  }
  return URL.canParse(module) ? module : pathToFileURL(module).href;
}

function refuse(name: string, value: unknown, fine: boolean, accepted: string): void {
  if (fine) return;
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw new RangeError(`Machine.boot: ${name}: ${shown}; accepted is ${accepted}`);
}
