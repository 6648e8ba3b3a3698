/**
 * The machine as its host holds it. The host is no CPU: it never blocks, never takes part in the machine's
 * locks, and looks at shared memory only to print.
 */
import { pathToFileURL } from 'node:url';
import { createMemory } from '@percpu/memory';
import type { Memory } from '@percpu/memory';
import { bringUpMachine } from '../bring-up.ts';
import { WATCHDOG_THRESH } from '../core-parameters.ts';
import { readCounters } from '../counters.ts';
import type { CpuCounters } from '../counters.ts';
import { formatDmesgLine, readDmesg, writeDmesg } from '../dmesg.ts';
import { HOST_WORK, NMI_STOP } from '../interrupt-bits.ts';
import { MachineLayout, MachineState } from '../machine-layout.ts';
import { areaOf } from '../machine-info.ts';
import type { MachineInfo } from '../machine-info.ts';
import { parameterValue } from '../parameters.ts';
import { raiseInterrupt } from '../raise.ts';
import { machineReport } from '../report.ts';
import type { CpuOutcome } from './crash.ts';
import { MachineCrash } from './crash.ts';
import { startPool } from './cpu-pool.ts';
import type { CpuPool } from './cpu-pool.ts';
import { receiveError } from './messages.ts';
import type { FromCpu, ToCpu } from './messages.ts';
import { checkBootOptions, defaultMemory } from './options.ts';
import type { BootOptions } from './options.ts';
import { Run } from './run.ts';
import type { PerCpu } from './run.ts';
import { Watchdog } from './watchdog.ts';

/** What to run: an export of a module, called as `main(cpu, args)`. */
export interface ProgramSpec {
  /** URL (or absolute path) of the module. */
  readonly module: URL | string;
  /** Default `main`. */
  readonly export?: string;
  /** Structured-cloneable; the same for all CPUs. */
  readonly args?: unknown;
}

export interface RunOptions {
  /** Which CPUs run it. Default all that boot brought up. */
  readonly cpus?: 'all' | readonly number[];
  /** Gives up after this many milliseconds and stops the machine. Default: never. */
  readonly timeoutMs?: number;
}

/** How long CPUs get to stop by themselves before their threads are terminated, in ms. */
const STOP_GRACE_MS = 300;

type Life = 'up' | 'crashing' | 'crashed' | 'down';

export class Machine {
  readonly memory: Memory;
  readonly info: MachineInfo;
  private readonly pool: CpuPool;
  private readonly watchdog: Watchdog;
  private readonly runs: Map<number, Run> = new Map<number, Run>();
  /** How CPUs ended that have ended. */
  private readonly ends: Map<number, CpuOutcome<unknown>> = new Map<number, CpuOutcome<unknown>>();
  private readonly up: Promise<void>;
  private oneUp: () => void = () => {};
  private oneEnded: () => void = () => {};
  private life: Life = 'up';
  private crashStory: string | undefined;
  private ending: Promise<void> | undefined;
  private nextRun = 1;

  private constructor(memory: Memory, info: MachineInfo, pool: CpuPool) {
    this.memory = memory;
    this.info = info;
    this.pool = pool;
    let waiting = pool.threads.length;
    this.up = new Promise((resolve) => {
      this.oneUp = () => {
        if (--waiting === 0) resolve();
      };
    });
    for (const { id, port, ended } of pool.threads) {
      port.on('message', (message: FromCpu) => this.receive(id, message));
      ended.then(
        () => this.threadEnded(id, undefined),
        (error: unknown) => this.threadEnded(id, error),
      );
    }
    const thresh = parameterValue(info.parameters, WATCHDOG_THRESH);
    this.watchdog = new Watchdog(memory, info, thresh, (text) => void this.crash(text, undefined));
  }

  /** Boots a machine and resolves when all its CPUs idle. Rejects on options that are not accepted. */
  static async boot(options: BootOptions): Promise<Machine> {
    checkBootOptions(options);
    const { cpus, joinable = 0, heapMb = 64, checked = true, backend = 'auto' } = options;
    const bytes = options.memory ?? defaultMemory(cpus + joinable);
    const memory = createMemory({ bytes, checked, backend });
    const info = bringUpMachine(memory, {
      cpus,
      joinable,
      parameters: options.parameters ?? {},
      declares: options.declares ?? [],
    });
    const machine = new Machine(memory, info, await startPool(memory, cpus, heapMb));
    await machine.up;
    machine.watchdog.start();
    return machine;
  }

  /**
   * Runs a program on all (or some) CPUs at once and resolves with their results, by CPU number. Rejects
   * without harm when it cannot be loaded, and with `MachineCrash` when the machine did not survive it.
   */
  async run<R = unknown>(program: ProgramSpec, options: RunOptions = {}): Promise<PerCpu<R>> {
    this.mustBeUp('run');
    const cpus = this.chosenCpus(options.cpus ?? 'all');
    const run = new Run(this.nextRun++, cpus, program.args, (cpu, message) =>
      this.send(cpu, message),
    );
    this.runs.set(run.id, run);
    const name = program.export ?? 'main';
    const timer = this.startTimeout(name, options.timeoutMs);
    try {
      const module = moduleUrl(program.module);
      for (const cpu of cpus) this.send(cpu, { kind: 'load', run: run.id, module, export: name });
      return (await run.result) as PerCpu<R>;
    } finally {
      clearTimeout(timer);
      this.runs.delete(run.id);
    }
  }

  /** The kernel log, oldest line first. At any time, also of a dead machine. */
  dmesg(): string[] {
    return readDmesg(this.memory, this.info.dmesg).lines.map(formatDmesgLine);
  }

  /** The state of all CPUs, a line each. At any time. */
  report(): string {
    return machineReport(this.memory, this.info);
  }

  /** What happened on each CPU so far, by CPU number. At any time. */
  counters(): CpuCounters[] {
    const counters: CpuCounters[] = [];
    for (let cpu = 0; cpu < this.info.nrCpus; cpu++) {
      counters.push(readCounters(this.memory, areaOf(this.info, cpu)));
    }
    return counters;
  }

  /** Ends all CPUs and their threads. Safe at any time and more than once; runs under way are rejected. */
  async shutdown(): Promise<void> {
    if (this.life === 'up') {
      this.life = 'down';
      this.watchdog.stop();
      for (const run of this.runs.values())
        run.fail(new Error('the machine was shut down while the program ran'));
      const busy = this.runs.size > 0;
      for (const { id } of this.pool.threads) {
        this.send(id, { kind: 'exit' });
        if (busy) raiseInterrupt(this.memory, this.info, id, NMI_STOP);
      }
      this.ending = this.endThreads();
    }
    await this.ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  private mustBeUp(what: string): void {
    if (this.life === 'up') return;
    const why =
      this.life === 'down' ? 'it was shut down' : `it has crashed (${this.crashStory ?? ''})`;
    throw new Error(`Machine.${what}: the machine is not up: ${why}; boot another one`);
  }

  private chosenCpus(wanted: 'all' | readonly number[]): readonly number[] {
    const all = this.pool.threads.map(({ id }) => id);
    if (wanted === 'all') return all;
    if (!Array.isArray(wanted) || wanted.length === 0) {
      throw new TypeError(
        `Machine.run: cpus: ${String(wanted)}; accepted is 'all' or a list of CPU numbers, not empty`,
      );
    }
    for (const cpu of wanted) {
      if (!all.includes(cpu)) {
        throw new RangeError(
          `Machine.run: CPU ${String(cpu)}; this machine has 0 to ${all.length - 1}`,
        );
      }
    }
    return [...new Set(wanted)];
  }

  private startTimeout(name: string, timeoutMs: number | undefined): NodeJS.Timeout | undefined {
    if (timeoutMs === undefined) return undefined;
    return setTimeout(() => {
      void this.crash(`the program ${name} did not end within ${timeoutMs} ms`, undefined);
    }, timeoutMs);
  }

  private send(cpu: number, message: ToCpu): void {
    this.pool.threads[cpu]!.port.postMessage(message);
    raiseInterrupt(this.memory, this.info, cpu, HOST_WORK);
  }

  private receive(cpu: number, message: FromCpu): void {
    if (message.kind === 'up') this.oneUp();
    else if (message.kind === 'stopped') {
      const error = receiveError(message.error);
      this.ends.set(cpu, message.panicked ? { status: 'failed', error } : { status: 'stopped' });
      if (message.panicked) void this.crash(`CPU ${cpu}: ${error.message}`, error);
    } else this.runs.get(message.run)?.receive(cpu, message);
  }

  private threadEnded(cpu: number, error: unknown): void {
    if (error !== undefined && !this.ends.has(cpu)) {
      const lost = error instanceof Error ? error : new Error(String(error));
      this.ends.set(cpu, { status: 'failed', error: lost });
      if (this.life === 'up')
        void this.crash(`CPU ${cpu}: its thread was lost: ${lost.message}`, lost);
    }
    this.oneEnded();
  }

  /** Stops all CPUs, then tells every run what happened. The first story counts. */
  private async crash(what: string, cause: unknown): Promise<void> {
    if (this.life !== 'up') return;
    this.life = 'crashing';
    this.crashStory = what;
    this.watchdog.stop();
    const { memory, info } = this;
    // What the CPUs were doing, before they are told to stop doing it.
    const report = machineReport(memory, info);
    writeDmesg(memory, info.dmesg, 'emerg', 0xffff, memory.now() - info.bootTime, `host: ${what}`);
    memory.store(info.at + MachineLayout.state, MachineState.dead);
    for (const { id } of this.pool.threads) raiseInterrupt(memory, info, id, NMI_STOP);
    this.ending = this.endThreads();
    await this.ending;
    this.life = 'crashed';
    for (const run of this.runs.values()) run.crash(what, this.ends, report, this.dmesg(), cause);
  }

  private async endThreads(): Promise<void> {
    const all = Promise.allSettled(this.pool.threads.map(({ ended }) => ended));
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise((resolve) => (timer = setTimeout(resolve, STOP_GRACE_MS)));
    await Promise.race([all, grace]);
    clearTimeout(timer);
    await this.pool.destroy();
    for (const { port } of this.pool.threads) port.close();
  }
}

export { MachineCrash };

function moduleUrl(module: URL | string): string {
  if (module instanceof URL) return module.href;
  return URL.canParse(module) ? module : pathToFileURL(module).href;
}
