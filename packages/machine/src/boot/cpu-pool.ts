/** The worker threads of a machine: a piscina pool with exactly one thread a CPU. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Memory, NativeBackend } from '@percpu/memory';
import type { Piscina } from 'piscina';
import { sourceBundle } from './source-bundle.ts';
import { sibling } from './sibling.ts';
import type { WorkerTask } from './messages.ts';

/** One CPU's thread as the host holds it. */
export interface CpuThread {
  readonly id: number;
  readonly port: MessagePort;
  /** Resolves when the port is closed, some turns of the event loop after `close` at either end. */
  readonly closed: Promise<void>;
  /** Resolves when the thread has ended its CPU; rejects when it was lost (exit, heap limit, terminate). */
  readonly ended: Promise<void>;
}

export interface CpuPool {
  readonly threads: readonly CpuThread[];
  /** Set by the owner: a worker could not even start, so no task will say so. */
  onError: (error: Error) => void;
  /** Terminates what is left, at once. */
  destroy(): Promise<void>;
}

export async function startPool(memory: Memory, cpus: number, heapMb: number): Promise<CpuPool> {
  const native = memory.native;
  if (native === undefined) throw new TypeError('Machine.boot: threads need a native memory');
  const Pool = await importPiscina();
  const pool: Piscina<WorkerTask, void> = new Pool({
    filename: fileURLToPath(sibling(import.meta.url, './worker-entry')),
    minThreads: cpus,
    maxThreads: cpus,
    concurrentTasksPerWorker: 1,
    idleTimeout: Infinity,
    recordTiming: false,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 2 },
    env: workerEnvironment(),
  });
  const threads: CpuThread[] = [];
  const result: CpuPool = { threads, onError: () => {}, destroy: () => pool.destroy() };
  // Without a listener the error of a worker that cannot start would end the host's process.
  pool.on('error', (error: Error) => result.onError(error));
  const { checked } = memory;
  const backend = memory.backend as NativeBackend;
  const bundle = await sourceBundle();
  for (let id = 0; id < cpus; id++) {
    const { port1, port2 } = new MessageChannel();
    const task: WorkerTask = { id, native, backend, checked, port: port2, bundle };
    const closed = new Promise<void>((resolve) => port1.once('close', () => resolve()));
    const ended = pool.run(task, { transferList: transfer(port2) });
    threads.push({ id, port: port1, closed, ended });
  }
  return result;
}

/** Piscina's type for this comes from the DOM library, which we do not load. */
function transfer(port: MessagePort): NonNullable<PiscinaRunOptions['transferList']> {
  return [port] as unknown as NonNullable<PiscinaRunOptions['transferList']>;
}

type PiscinaRunOptions = NonNullable<Parameters<Piscina['run']>[1]>;

async function importPiscina(): Promise<typeof Piscina> {
  try {
    return (await import('piscina')).Piscina;
  } catch (error) {
    throw new Error(
      'Machine.boot needs the package piscina, an optional peer dependency of @percpu/machine: npm install piscina',
      { cause: error },
    );
  }
}

/** Every worker compiles the same code: a shared compile cache saves each of them 6 ms, and more from source. */
function workerEnvironment(): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: join(tmpdir(), 'percpu-compile-cache'), ...process.env };
}
