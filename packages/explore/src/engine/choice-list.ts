import type { PendingAccess, Processor } from '@percpu/simulator';
import type { Choice, ChoiceKind, Choices } from './choice.ts';

/** The choices of one step. Filled anew for each; the choices themselves are made once. */
export class ChoiceList implements Choices {
  list: Choice[] = [];
  step = 0;
  current = -1;
  forced = false;
  readonly cpus: number;
  private readonly processors: readonly Processor[];
  private readonly made: readonly Map<string, Choice[]>[];

  constructor(processors: readonly Processor[]) {
    this.cpus = processors.length;
    this.processors = processors;
    this.made = processors.map(() => new Map<string, Choice[]>());
  }

  pendingOf(cpu: number): PendingAccess {
    return this.processors[cpu]!.memory;
  }

  add(cpu: number, kind: ChoiceKind, n = 0): void {
    const made = this.made[cpu]!;
    let ofKind = made.get(kind);
    if (ofKind === undefined) made.set(kind, (ofKind = []));
    this.list.push((ofKind[n] ??= Object.freeze({ cpu, kind, n })));
  }
}
