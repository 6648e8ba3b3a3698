/** One `machine.run`: the same program on several CPUs, from "load it" to the last result. */
import type { FromCpu, ToCpu } from './messages.ts';
import { receiveError } from './messages.ts';
import type { CpuOutcome } from './crash.ts';
import { MachineCrash } from './crash.ts';

/** Results by CPU number; CPUs that took no part are absent. */
export type PerCpu<R> = readonly R[];

type RunMessage = Extract<FromCpu, { run: number }>;

/**
 * Two phases, so that a program that cannot be loaded never starts anywhere: every CPU imports it and says
 * so, and when all have, every CPU is told to start.
 */
export class Run {
  readonly id: number;
  readonly cpus: readonly number[];
  readonly result: Promise<PerCpu<unknown>>;
  private readonly args: unknown;
  private readonly send: (cpu: number, message: ToCpu) => void;
  private readonly outcomes: (CpuOutcome<unknown> | undefined)[] = [];
  private resolve: (values: PerCpu<unknown>) => void = () => {};
  private reject: (error: Error) => void = () => {};
  private loading: number;
  private refusal: Error | undefined;
  private left: number;
  private settled = false;

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
    this.left = cpus.length;
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get over(): boolean {
    return this.settled;
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

  /** The machine died: rejects with the story, the outcomes of this run's CPUs included. */
  crash(
    what: string,
    states: ReadonlyMap<number, CpuOutcome<unknown>>,
    report: string,
    dmesg: readonly string[],
    cause: unknown,
  ): void {
    for (const cpu of this.cpus) this.outcomes[cpu] ??= states.get(cpu) ?? { status: 'lost' };
    this.fail(new MachineCrash(what, this.outcomes, report, dmesg, cause));
  }

  fail(error: Error): void {
    this.settled = true;
    this.reject(error);
  }

  private oneLoaded(): void {
    if (--this.loading > 0) return;
    if (this.refusal === undefined) {
      for (const cpu of this.cpus) this.send(cpu, { kind: 'start', run: this.id, args: this.args });
    } else {
      for (const cpu of this.cpus) this.send(cpu, { kind: 'drop', run: this.id });
      this.fail(this.refusal);
    }
  }

  private ended(cpu: number, outcome: CpuOutcome<unknown>): void {
    this.outcomes[cpu] = outcome;
    if (--this.left > 0) return;
    this.settled = true;
    const failed = this.cpus.find((id) => this.outcomes[id]?.status === 'failed');
    if (failed === undefined) {
      this.resolve(this.outcomes.map((one) => (one?.status === 'done' ? one.value : undefined)));
      return;
    }
    const { error } = this.outcomes[failed] as { error: Error };
    const what = `CPU ${failed}: the program failed: ${error.message}`;
    this.reject(Object.assign(new Error(what, { cause: error }), { cpus: this.outcomes }));
  }
}
