/**
 * A CPU on a thread with an event loop. The main loop runs synchronously and blocks the thread when it is
 * idle; only while promises are under way (a module being imported, an async program) the thread goes back
 * to its event loop, and then it waits for promises and kicks at once, so interrupts are taken.
 */
import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Cpu } from '../cpu.ts';
import { cpuMain, startCpu } from '../cpu-main.ts';
import type { CpuHost } from '../cpu-main.ts';
import { waitInEventLoop } from '../event-loop-wait.ts';
import { isFatal, taskFailed } from '../fault.ts';
import { CpuStopped } from '../fault-errors.ts';
import { CpuState } from '../machine-layout.ts';
import { offlineCpu } from '../online.ts';
import { programTask } from '../program-task.ts';
import type { Outcome } from '../scheduler.ts';
import { loadProgram } from './load-program.ts';
import type { Program } from './load-program.ts';
import { sendError } from './messages.ts';
import type { FromCpu, ToCpu } from './messages.ts';

export class ThreadCpu implements CpuHost {
  hostWork = false;
  exit = false;
  outstanding = 0;
  private readonly cpu: Cpu;
  private readonly port: MessagePort;
  private readonly loaded: Map<number, Program> = new Map<number, Program>();
  /** What promises left to be done on the CPU, in its main loop and not in the promise's callback. */
  private readonly settled: (() => void)[] = [];
  private wake: () => void = () => {};

  constructor(cpu: Cpu, port: MessagePort) {
    this.cpu = cpu;
    this.port = port;
  }

  /** Runs until the launcher says exit, or the machine dies. */
  async live(): Promise<void> {
    try {
      startCpu(this.cpu, this);
      this.post({ kind: 'up' });
      while (cpuMain(this.cpu, this) !== 'exit') await this.attend();
      offlineCpu(this.cpu);
      this.cpu.setState(CpuState.stopped);
    } catch (error) {
      this.die(error);
    }
  }

  private die(error: unknown): void {
    let last = error;
    try {
      // What is not fatal already came out of the core itself, outside of any task.
      if (!isFatal(error)) taskFailed(this.cpu, 'the main loop', error);
    } catch (fatal) {
      last = fatal;
    }
    const panicked = !(last instanceof CpuStopped);
    this.cpu.setState(panicked ? CpuState.dead : CpuState.stopped);
    this.post({ kind: 'stopped', panicked, error: sendError(last) });
  }

  private async attend(): Promise<void> {
    for (
      let got = receiveMessageOnPort(this.port);
      got !== undefined;
      got = receiveMessageOnPort(this.port)
    ) {
      this.handle(got.message as ToCpu);
    }
    this.settle();
    if (this.outstanding === 0) return;
    const promised = new Promise<void>((resolve) => (this.wake = resolve));
    if (this.settled.length === 0) await waitInEventLoop(this.cpu, this, promised);
    this.settle();
  }

  private settle(): void {
    for (let next = this.settled.shift(); next !== undefined; next = this.settled.shift()) next();
  }

  /** Counts a promise as under way; what comes of it is handled in the main loop. */
  private track<T>(promise: PromiseLike<T>, then: (outcome: Outcome<T>) => void): void {
    this.outstanding++;
    const finish = (outcome: Outcome<T>): void => {
      this.settled.push(() => {
        this.outstanding--;
        then(outcome);
      });
      this.wake();
    };
    promise.then(
      (value) => finish({ ok: true, value }),
      (error: unknown) => finish({ ok: false, error }),
    );
  }

  private handle(message: ToCpu): void {
    switch (message.kind) {
      case 'load':
        this.track(loadProgram(message.module, message.export), (outcome) => {
          if (outcome.ok) {
            this.loaded.set(message.run, outcome.value);
            this.post({ kind: 'loaded', run: message.run });
          } else {
            this.post({ kind: 'refused', run: message.run, error: sendError(outcome.error) });
          }
        });
        break;
      case 'start':
        this.start(message.run, message.args);
        break;
      case 'drop':
        this.loaded.delete(message.run);
        break;
      case 'exit':
        this.exit = true;
        break;
    }
  }

  private start(run: number, args: unknown): void {
    const program = this.loaded.get(run);
    if (program === undefined) return;
    this.loaded.delete(run);
    this.cpu.scheduler.start(program.name, programTask(program.main, this.cpu, args), (outcome) => {
      if (outcome.ok && isPromise(outcome.value)) {
        this.track(outcome.value, (last) => this.ended(run, program, last));
      } else this.ended(run, program, outcome, true);
    });
  }

  /** `logged`: the scheduler has reported the fault already. */
  private ended(run: number, program: Program, outcome: Outcome, logged = false): void {
    if (outcome.ok) return this.post({ kind: 'done', run, value: outcome.value });
    if (!logged) taskFailed(this.cpu, program.name, outcome.error);
    this.post({ kind: 'failed', run, error: sendError(outcome.error) });
  }

  private post(message: FromCpu): void {
    try {
      this.port.postMessage(message);
    } catch (error) {
      if (message.kind !== 'done') throw error;
      const cause = sendError(error);
      const text =
        'the result of the program cannot be sent to the host: it must be structured-cloneable';
      this.port.postMessage({
        kind: 'failed',
        run: message.run,
        error: { name: 'TypeError', message: text, stack: '', cause },
      });
    }
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
