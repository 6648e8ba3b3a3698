/** One `machine.run`: the same program on several CPUs, from "load it" to the last result. */
import type { CpuOutcome, CrashStory } from './crash.ts';
import { MachineCrash } from './crash.ts';
import { receiveError } from './messages.ts';
import type { FromCpu, ToCpu } from './messages.ts';
import { ProgramError } from './program-error.ts';

/** Results by CPU number; undefined for CPUs that took no part. */
export type PerCpu<R> = readonly R[];

type RunMessage = Extract<FromCpu, { run: number }>;

/**
 * Two phases, so that a program that cannot be loaded never starts anywhere: every CPU imports it and says
 * so, and when all have, every CPU is told to start.
 */
export class Run {
  readonly id: number;
  readonly result: Promise<PerCpu<unknown>>;
  private readonly cpus: readonly number[];
  private readonly args: unknown;
  private readonly send: (cpu: number, message: ToCpu) => void;
  private readonly outcomes: (CpuOutcome<unknown> | undefined)[] = [];
  private resolve: (values: PerCpu<unknown>) => void = () => {};
  private reject: (error: Error) => void = () => {};
  private loading: number;
  private running: number;
  private refusal: Error | undefined;

  constructor(
    id: number,
    cpus: readonly number[],
    args: unknown,
    send: (cpu: number, message: ToCpu) => void,
  ) {
    this.id = id;
    this.cpus = cpus;
    this.args = args;
    this.send = send;
    this.loading = cpus.length;
    this.running = cpus.length;
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  load(module: string, exportName: string): void {
    for (const cpu of this.cpus) {
      this.send(cpu, { kind: 'load', run: this.id, module, export: exportName });
    }
  }

  receive(cpu: number, message: RunMessage): void {
    switch (message.kind) {
      case 'loaded':
        this.oneLoaded();
        break;
      case 'refused':
        this.refusal ??= receiveError(message.error);
        this.oneLoaded();
        break;
      case 'done':
        this.ended(cpu, { status: 'done', value: message.value });
        break;
      case 'failed':
        this.ended(cpu, { status: 'failed', error: receiveError(message.error) });
        break;
    }
  }

  /** The machine died: rejects with the story and with what became of the CPUs of this run. */
  crash(story: CrashStory, ends: ReadonlyMap<number, CpuOutcome<never>>): void {
    for (const cpu of this.cpus) this.outcomes[cpu] ??= ends.get(cpu) ?? { status: 'terminated' };
    this.fail(new MachineCrash(story, this.outcomes));
  }

  fail(error: Error): void {
    this.reject(error);
  }

  private oneLoaded(): void {
    if (--this.loading > 0) return;
    if (this.refusal !== undefined) {
      this.drop(new ProgramError(this.refusal.message, this.refusal));
      return;
    }
    try {
      for (const cpu of this.cpus) {
        this.send(cpu, { kind: 'start', run: this.id, args: this.args });
      }
    } catch (error) {
      // The first of them fails or none does: they all carry the same.
      const text = 'the args of the program cannot be sent: they must be structured-cloneable';
      this.drop(new ProgramError(text, error));
    }
  }

  private drop(error: ProgramError): void {
    for (const cpu of this.cpus) this.send(cpu, { kind: 'drop', run: this.id });
    this.fail(error);
  }

  private ended(cpu: number, outcome: CpuOutcome<unknown>): void {
    this.outcomes[cpu] = outcome;
    if (--this.running > 0) return;
    for (const id of this.cpus) {
      const one = this.outcomes[id];
      if (one?.status !== 'failed') continue;
      const text = `CPU ${id}: the program failed: ${one.error.message}`;
      this.fail(new ProgramError(text, one.error, this.outcomes));
      return;
    }
    const values: unknown[] = [];
    for (const id of this.cpus) values[id] = (this.outcomes[id] as { value: unknown }).value;
    this.resolve(values);
  }
}
