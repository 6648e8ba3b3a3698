/** The threads of a machine, each with its port: sending, receiving, and how each of them ended. */
import type { Memory } from '@percpu/memory';
import { HOST_WORK, NMI_STOP } from '../interrupt-bits.ts';
import type { MachineInfo } from '../machine-info.ts';
import { raiseInterrupt } from '../raise.ts';
import type { CpuOutcome } from './crash.ts';
import type { CpuPool } from './cpu-pool.ts';
import { receiveError } from './messages.ts';
import type { FromCpu, SentError, ToCpu } from './messages.ts';

/** How long CPUs get to stop by themselves before their threads are terminated, in ms. */
const STOP_GRACE_MS = 300;

/** What the threads tell. Called in the event loop of the host. */
export interface ThreadEvents {
  /** All CPUs are in their main loop. */
  allUp(): void;
  message(cpu: number, message: Extract<FromCpu, { run: number }>): void;
  /** A CPU panicked. */
  panicked(cpu: number, error: Error): void;
  /** A thread is gone without having said why; undefined: it was to become a CPU, but could not even start. */
  lost(cpu: number | undefined, error: Error): void;
}

export class CpuThreads {
  /** How CPUs ended that have ended, by number. */
  readonly ends: Map<number, CpuOutcome<never>> = new Map<number, CpuOutcome<never>>();
  readonly ids: readonly number[];
  private readonly memory: Memory;
  private readonly info: MachineInfo;
  private readonly pool: CpuPool;
  private readonly events: ThreadEvents;
  private waiting: number;

  constructor(memory: Memory, info: MachineInfo, pool: CpuPool, events: ThreadEvents) {
    this.memory = memory;
    this.info = info;
    this.pool = pool;
    this.events = events;
    this.ids = pool.threads.map(({ id }) => id);
    this.waiting = this.ids.length;
    pool.onError = (error) => events.lost(undefined, error);
    for (const { id, port, ended } of pool.threads) {
      port.on('message', (message: FromCpu) => this.receive(id, message));
      ended.catch((error: unknown) => this.lost(id, error));
    }
  }

  /** Throws a DataCloneError when the message holds something that cannot cross threads. */
  send(cpu: number, message: ToCpu): void {
    this.pool.threads[cpu]!.port.postMessage(message);
    raiseInterrupt(this.memory, this.info, cpu, HOST_WORK);
  }

  /** Tells every CPU to stop at its next look, interrupts on or off; those that joined, too. */
  stopAll(): void {
    this.stopFrom(0);
  }

  /** As above, but only those that joined: they have no port to hear of a shutdown. */
  stopJoined(): void {
    this.stopFrom(this.info.nrBooted);
  }

  private stopFrom(first: number): void {
    for (let id = first; id < this.info.nrCpus; id++) {
      raiseInterrupt(this.memory, this.info, id, NMI_STOP);
    }
  }

  /** Waits a little for the threads to end by themselves, then terminates those that do not. */
  async end(): Promise<void> {
    const all = Promise.allSettled(this.pool.threads.map(({ ended }) => ended));
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise((resolve) => (timer = setTimeout(resolve, STOP_GRACE_MS)));
    await Promise.race([all, grace]);
    clearTimeout(timer);
    await this.pool.destroy();
    for (const { port } of this.pool.threads) port.close();
    await Promise.all(this.pool.threads.map(({ closed }) => closed));
  }

  private receive(cpu: number, message: FromCpu): void {
    if (message.kind === 'up') {
      if (--this.waiting === 0) this.events.allUp();
    } else if (message.kind === 'stopped') {
      this.stopped(cpu, message.panicked, message.error);
    } else this.events.message(cpu, message);
  }

  private stopped(cpu: number, panicked: boolean, sent: SentError): void {
    const error = receiveError(sent);
    if (!panicked) {
      this.ends.set(cpu, { status: 'stopped', at: error.stack ?? '' });
      return;
    }
    this.ends.set(cpu, { status: 'failed', error: rootCause(error) });
    this.events.panicked(cpu, error);
  }

  private lost(cpu: number, error: unknown): void {
    if (this.ends.has(cpu)) return;
    const reason = lossReason(error);
    this.ends.set(cpu, { status: 'failed', error: reason });
    this.events.lost(cpu, reason);
  }
}

/** Why a thread is gone, in words: node's own tell less. */
function lossReason(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error);
  const code = /exited with code: (\d+)/.exec(text)?.[1];
  if (code !== undefined) {
    const why = `it exited with code ${code}: a program called process.exit, or somebody terminated the worker`;
    return new Error(why, { cause: error });
  }
  if (text.includes('memory limit')) {
    return new Error(`${text} (the limit is the boot option heapMb)`, { cause: error });
  }
  return error instanceof Error ? error : new Error(text);
}

/** What the program threw, out of the oops and the panic that were made of it. */
function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
