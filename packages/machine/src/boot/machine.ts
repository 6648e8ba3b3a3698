/**
 * The machine as its host holds it. The host is no CPU: it never blocks, never takes part in the machine's
 * locks, and looks at shared memory only to print.
 */
import { createMemory } from '@percpu/memory';
import type { Memory, NativeBackend } from '@percpu/memory';
import { bringUpMachine } from '../bring-up.ts';
import { readCounters } from '../counters.ts';
import type { CpuCounters } from '../counters.ts';
import { formatDmesgLine, readDmesg, writeDmesg } from '../dmesg.ts';
import type { JoinHandle } from '../join.ts';
import { MachineLayout, MachineState } from '../machine-layout.ts';
import { areaOf } from '../machine-info.ts';
import type { MachineInfo } from '../machine-info.ts';
import { machineReport } from '../report.ts';
import { startPool } from './cpu-pool.ts';
import type { CpuPool } from './cpu-pool.ts';
import { CpuThreads } from './cpu-threads.ts';
import { MachineCrash } from './crash.ts';
import type { CrashStory } from './crash.ts';
import {
  backendOf,
  checkBootOptions,
  chosenCpus,
  defaultHeapMb,
  defaultMemory,
  moduleUrl,
  timeoutOf,
} from './options.ts';
import type { BootOptions, ProgramSpec, RunOptions } from './options.ts';
import { Run } from './run.ts';
import type { PerCpu } from './run.ts';
import { spinBudget } from './spin-budget.ts';
import { Watchdog } from './watchdog.ts';

/** Number under which the host writes to dmesg: it is no CPU. */
const HOST = 0xffff;

type Life = 'booting' | 'up' | 'crashed' | 'down';

export class Machine {
  /** The machine's memory, for looking at. CPUs race with whoever writes. */
  readonly memory: Memory;
  readonly info: MachineInfo;
  private readonly threads: CpuThreads;
  private readonly watchdog: Watchdog;
  private readonly runs: Map<number, Run> = new Map<number, Run>();
  private readonly booted: Promise<void>;
  private bootSucceeded: () => void = () => {};
  private bootFailed: (error: Error) => void = () => {};
  private life: Life = 'booting';
  private story: string | undefined;
  private ending: Promise<void> | undefined;
  private nextRun = 1;

  private constructor(memory: Memory, info: MachineInfo, pool: CpuPool) {
    this.memory = memory;
    this.info = info;
    this.booted = new Promise((resolve, reject) => {
      this.bootSucceeded = resolve;
      this.bootFailed = reject;
    });
    this.threads = new CpuThreads(memory, info, pool, {
      allUp: () => this.bootSucceeded(),
      message: (cpu, message) => this.runs.get(message.run)?.receive(cpu, message),
      panicked: (cpu, error) => void this.crash(`CPU ${cpu}: ${describePanic(error)}`, error),
      lost: (cpu, error) => void this.crash(describeLoss(cpu, error), error),
    });
    this.watchdog = new Watchdog(memory, info, (text) => void this.crash(text, undefined));
  }

  /**
   * Boots a machine and resolves when all its CPUs are in their idle loop. Rejects on options that are not
   * accepted, when memory is too small for what they ask, and when the host cannot start the threads.
   */
  static async boot(options: BootOptions): Promise<Machine> {
    checkBootOptions(options);
    const { cpus, joinable = 0, checked = true } = options;
    const bytes = options.memory ?? defaultMemory(cpus + joinable);
    const heapMb = options.heapMb ?? defaultHeapMb(bytes);
    const memory = createMemory({ bytes, checked, backend: backendOf(options) });
    const info = bringUp(memory, options);
    const machine = new Machine(memory, info, await startPool(memory, cpus, heapMb));
    await machine.booted;
    machine.life = 'up';
    machine.watchdog.start();
    return machine;
  }

  /**
   * Runs a program on all (or some) CPUs at once and resolves with their results, by CPU number. Rejects with
   * `ProgramError` when it cannot be loaded (the machine is unharmed), and with `MachineCrash` when the
   * machine did not survive it. Several runs may be under way; on one CPU they are tasks that take turns.
   */
  async run<R = unknown>(program: ProgramSpec, options: RunOptions = {}): Promise<PerCpu<R>> {
    this.mustBeUp('run');
    const cpus = chosenCpus(options.cpus ?? 'all', this.threads.ids);
    const module = moduleUrl(program.module);
    const name = program.export ?? 'main';
    const timeoutMs = timeoutOf(options);
    const run = new Run(this.nextRun++, cpus, program.args, (cpu, message) =>
      this.threads.send(cpu, message),
    );
    this.runs.set(run.id, run);
    const timer = this.startTimeout(name, timeoutMs);
    try {
      run.load(module, name);
      return (await run.result) as PerCpu<R>;
    } finally {
      clearTimeout(timer);
      this.runs.delete(run.id);
    }
  }

  /** What a worker thread of yours needs for `join`: post it there. */
  joinHandle(): JoinHandle {
    this.mustBeUp('joinHandle');
    const { native, backend, checked } = this.memory;
    return { native: native!, backend: backend as NativeBackend, checked };
  }

  /** The kernel log, oldest line first. At any time, also of a machine that is stuck or dead. */
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

  /**
   * Ends all CPUs and their threads. Safe at any time and more than once. Programs under way are stopped and
   * their runs rejected.
   */
  async shutdown(): Promise<void> {
    if (this.life === 'up') {
      this.life = 'down';
      this.watchdog.stop();
      const busy = this.runs.size > 0;
      const stopped = new Error(
        'Machine.shutdown: the machine was shut down while the program ran',
      );
      for (const run of this.runs.values()) run.fail(stopped);
      this.memory.store(this.info.at + MachineLayout.state, MachineState.stopping);
      for (const id of this.threads.ids) this.threads.send(id, { kind: 'exit' });
      if (busy) this.threads.stopAll();
      else this.threads.stopJoined();
      this.ending = this.threads.end();
    }
    await this.ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  private mustBeUp(what: string): void {
    if (this.life === 'up') return;
    const why = this.life === 'down' ? 'it was shut down' : `it has crashed (${this.story ?? ''})`;
    throw new Error(`Machine.${what}: this machine is not up: ${why}; boot another one`);
  }

  private startTimeout(name: string, timeoutMs: number | undefined): NodeJS.Timeout | undefined {
    if (timeoutMs === undefined) return undefined;
    const reason = `the program ${name} did not end within ${timeoutMs} ms (timeoutMs)`;
    return setTimeout(() => void this.crash(reason, undefined), timeoutMs);
  }

  /** Stops all CPUs, then tells every run what happened. The first story counts. */
  private async crash(reason: string, cause: unknown): Promise<void> {
    if (this.life !== 'up' && this.life !== 'booting') return;
    const wasBooting = this.life === 'booting';
    this.life = 'crashed';
    this.story = reason;
    this.watchdog.stop();
    const { memory, info } = this;
    // What the CPUs were doing, before they are told to stop doing it.
    const report = machineReport(memory, info);
    const time = memory.now() - info.bootTime;
    writeDmesg(memory, info.dmesg, 'emerg', HOST, time, `host: ${reason}`);
    memory.store(info.at + MachineLayout.state, MachineState.dead);
    this.threads.stopAll();
    this.ending = this.threads.end();
    await this.ending;
    const story: CrashStory = { reason, report, dmesg: this.dmesg(), cause };
    for (const run of this.runs.values()) run.crash(story, this.threads.ends);
    if (wasBooting) this.bootFailed(new MachineCrash(story, []));
  }
}

function bringUp(memory: Memory, options: BootOptions): MachineInfo {
  const { cpus, joinable = 0, declares = [] } = options;
  // What the user says wins.
  const parameters = { ...spinBudget(cpus + joinable), ...options.parameters };
  try {
    return bringUpMachine(memory, { cpus, joinable, parameters, declares });
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('out of memory')) throw error;
    throw new RangeError(
      `Machine.boot: memory: ${memory.byteLength} bytes are too few for ${cpus + joinable} CPUs with these ` +
        `parameters (the default would be ${defaultMemory(cpus + joinable)})`,
      { cause: error },
    );
  }
}

function describeLoss(cpu: number | undefined, error: Error): string {
  return cpu === undefined
    ? `a worker thread could not start: ${error.message}`
    : `CPU ${cpu}: lost its thread: ${error.message}`;
}

/** The oops a panic was made of says more than "Fatal exception". */
function describePanic(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
