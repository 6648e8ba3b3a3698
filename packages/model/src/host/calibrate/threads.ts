/** One worker thread a core, pinned to it where the host lets us. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { sibling } from '@percpu/machine/boot';
import { chooseBackend, createMemory, memblockAlloc } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import type { Job } from './loops.ts';

/** Pairs grow with the square: more cores than this are not asked. */
const MOST_CORES = 64;
const BYTES = 160 * 2 ** 20;

/** What a thread is given. */
export interface ThreadData {
  readonly native: WebAssembly.Memory;
  readonly backend: 'atomics' | 'wasm';
  readonly core: number;
}

export class Threads {
  readonly cores: number;
  readonly memory: Memory;
  /** Every thread sits on its core. */
  isPinned = true;
  private readonly workers: Worker[] = [];

  constructor(cores: number = availableParallelism()) {
    this.cores = Math.min(cores, MOST_CORES);
    this.memory = createMemory({ bytes: BYTES, checked: false });
  }

  async start(): Promise<void> {
    const { backend } = chooseBackend();
    for (let core = 0; core < this.cores; core++) {
      const worker = new Worker(sibling(import.meta.url, './thread'), {
        workerData: { native: this.memory.native!, backend, core } satisfies ThreadData,
      });
      const [isPinned] = (await once(worker, 'message')) as [boolean];
      this.workers.push(worker);
      this.isPinned &&= isPinned;
    }
  }

  /** A place of its own for the next measurement, zeroed. */
  place(bytes: number = 4096): Ptr {
    return memblockAlloc(this.memory, bytes, 4096);
  }

  /** The threads of `cores` do a job together; what each of them measured. */
  async run(cores: readonly number[], job: Omit<Job, 'rank'>): Promise<number[]> {
    return Promise.all(
      cores.map(async (core, rank) => {
        const worker = this.workers[core]!;
        worker.postMessage({ ...job, rank } satisfies Job);
        const [answer] = (await once(worker, 'message')) as [number];
        return answer;
      }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
