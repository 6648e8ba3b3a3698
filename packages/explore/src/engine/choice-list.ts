import { Op } from '@percpu/simulator';
import type { PendingAccess, Processor } from '@percpu/simulator';
import type { Choice, ChoiceKind, Choices } from './choice.ts';

const NO_ACCESS: PendingAccess = Object.freeze({
  op: Op.now,
  at: 0,
  a: 0,
  b: 0,
  site: 0,
  foreign: undefined,
});

/** The choices of one step. Filled anew for each; the choices themselves are made once. */
export class ChoiceList implements Choices {
  list: Choice[] = [];
  step = 0;
  current = -1;
  forced = false;
  readonly cpus: number;
  readonly processes: number;
  private readonly processors: readonly Processor[];
  private readonly made: readonly Map<string, Choice[]>[];

  constructor(processors: readonly Processor[], interrupts: boolean) {
    this.cpus = processors.length;
    this.processes = this.cpus * (interrupts ? 2 : 1);
    this.processors = processors;
    this.made = processors.map(() => new Map<string, Choice[]>());
  }

  pendingOf(process: number): PendingAccess {
    return this.processors[process]?.memory ?? NO_ACCESS;
  }

  add(cpu: number, kind: ChoiceKind, n = 0): void {
    this.addOf(cpu, cpu, kind, n);
  }

  /** An interrupt that CPU `cpu` would take. */
  addInterrupt(cpu: number, kind: 'interrupt' | 'timer'): void {
    this.addOf(cpu, cpu + this.cpus, kind, 0);
  }

  private addOf(cpu: number, process: number, kind: ChoiceKind, n: number): void {
    const made = this.made[cpu]!;
    let ofKind = made.get(kind);
    if (ofKind === undefined) made.set(kind, (ofKind = []));
    this.list.push((ofKind[n] ??= Object.freeze({ cpu, process, kind, n })));
  }
}
