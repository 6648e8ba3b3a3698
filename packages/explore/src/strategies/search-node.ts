import type { Choice, Choices } from '../engine/choice.ts';
import { Footprint } from '../engine/footprint.ts';

/** A state on the path of the search: what could happen there, what was tried, what needs no trying. */
export class SearchNode {
  // Arrays are by process: CPUs, and behind them the interrupts of each.
  /** Processes for which something could happen. */
  readonly enabled: boolean[];
  /** Processes that are to be tried here: a source set, once the search of this node is over. */
  readonly backtrack: boolean[];
  /** Processes tried here, with all alternatives. */
  readonly tried: boolean[];
  /** Sleep set: processes whose next step leads to nothing new, with what that step does. */
  readonly asleep: (Footprint | undefined)[];
  /** The process on the present path. */
  process = -1;
  /** Which of its choices. */
  alternative = 0;
  /** What the step did. */
  readonly footprint: Footprint = new Footprint();
  /** `clock[q]`: number of steps of the path up to the last step of process q that comes before this one in every equivalent run. */
  readonly clock: Int32Array;
  /** Context switches, on the way here, away from a CPU that could have gone on. */
  preemptions = 0;
  /** CPUs that may go on here without a preemption: the one that ran before, and those interrupted meanwhile. */
  readonly running: boolean[];
  /** The one that ran before; −1: it cannot go on. */
  current = -1;
  private choices: readonly Choice[] = [];
  private readonly whole: Footprint[] = [];

  private readonly cpus: number;

  constructor(processes: number, cpus: number) {
    this.cpus = cpus;
    this.enabled = new Array<boolean>(processes).fill(false);
    this.backtrack = [...this.enabled];
    this.tried = [...this.enabled];
    this.running = [...this.enabled];
    this.asleep = new Array<Footprint | undefined>(processes).fill(undefined);
    this.clock = new Int32Array(processes);
  }

  /** The same object for another state. */
  open({ list, current }: Choices): void {
    this.enabled.fill(false);
    this.backtrack.fill(false);
    this.tried.fill(false);
    this.asleep.fill(undefined);
    this.choices = [...list];
    for (const { process } of list) this.enabled[process] = true;
    this.current = current >= 0 && this.enabled[current]! ? current : -1;
    this.process = -1;
  }

  /** Behind the step that `before` made; undefined: at the beginning. */
  follow(before: SearchNode | undefined): void {
    this.preemptions =
      before === undefined ? 0 : before.preemptions + before.costOf(before.process);
    const interrupted = before?.footprint.interrupts ?? -1;
    for (let process = 0; process < this.running.length; process++) {
      this.running[process] =
        before !== undefined &&
        (interrupted < 0
          ? process === before.process
          : process === interrupted || before.running[process]!);
    }
  }

  /** Preemptions that going on with `process` costs here. An interrupt is none: it takes a CPU away from nobody. */
  costOf(process: number): number {
    if (this.running[process]! || process >= this.cpus) return 0;
    return this.running.some((running, cpu) => running && this.enabled[cpu]!) ? 1 : 0;
  }

  /** Takes up `process`, at its first choice. */
  enter(process: number): void {
    this.process = process;
    this.alternative = 0;
    this.backtrack[process] = true;
    (this.whole[process] ??= new Footprint()).clear(process, process);
  }

  /** The step was carried out: `footprint` says what it did. */
  stepped(footprint: Footprint): void {
    this.footprint.copy(footprint);
    this.whole[this.process]!.join(footprint);
  }

  /** Goes on to the process's next choice. False: there is none, and the process goes to sleep here. */
  nextAlternative(): boolean {
    const more = this.choices.filter(({ process }) => process === this.process).length;
    if (++this.alternative < more) return true;
    this.tried[this.process] = true;
    this.asleep[this.process] = this.whole[this.process];
    return false;
  }

  /** Index of the present choice in `list`, which is that of the first visit; −1 if it is another one. */
  indexIn(list: readonly Choice[]): number {
    if (list.length !== this.choices.length) return -1;
    let left = this.alternative;
    for (let i = 0; i < list.length; i++) {
      if (list[i] !== this.choices[i]) return -1;
      if (list[i]!.process === this.process && left-- === 0) return i;
    }
    return -1;
  }
}
