/**
 * Selectively uniform random walk (Zhao, Xiao, Jiang et al.: Selectively Uniform Concurrency Testing, ASPLOS 2025).
 *
 * For each run one word is taken to be interesting. Which CPU is next to access it is drawn with the weight of how many such
 * accesses that CPU has left: all orders of those accesses are then equally likely, whatever else the CPUs do. Others wait in front
 * of theirs; all other steps are a random walk.
 *
 * How many there are is learnt: the run before stands for the next.
 */
import { seededRandom } from '@percpu/experiment';
import type { Random } from '@percpu/experiment';
import { OPERATIONS } from '@percpu/simulator';
import type { Choices } from '../engine/choice.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { anyChoiceOf, enabledProcesses } from './sampling.ts';

/** What is known of a word: accesses by CPU, and whether anybody writes. */
interface Word {
  readonly counts: number[];
  writes: boolean;
}

export class Surw implements Scheduler {
  private readonly random: Random;
  private known: Map<number, Word> = new Map<number, Word>();
  private counting: Map<number, Word> = new Map<number, Word>();
  private interesting = -1;
  private left: number[] = [];
  /** The CPU that is to make the next interesting access; −1: to be drawn. */
  private intended = -1;
  private readonly processes: number[] = [];
  private readonly free: number[] = [];

  constructor(seed: number) {
    this.random = seededRandom(seed, 0);
  }

  begin(): boolean {
    const shared = [...this.known].filter(
      ([, { counts, writes }]) => writes && counts.filter(Boolean).length > 1,
    );
    const drawn = shared[this.random.below(Math.max(1, shared.length))];
    this.interesting = drawn?.[0] ?? -1;
    this.left = drawn === undefined ? [] : [...drawn[1].counts];
    this.intended = -1;
    this.counting = new Map();
    return true;
  }

  pick(choices: Choices): number {
    const processes = enabledProcesses(choices, this.processes);
    if (this.intended < 0) this.intended = this.draw();
    this.free.length = 0;
    for (const process of processes) {
      if (process === this.intended || wordOf(choices, process) !== this.interesting)
        this.free.push(process);
    }
    // The guess was wrong: the intended CPU waits for one of those that are held back.
    const among = this.free.length > 0 ? this.free : processes;
    const process = among[this.random.below(among.length)]!;
    const word = wordOf(choices, process);
    if (word >= 0)
      this.count(word, process, OPERATIONS[choices.pendingOf(process).op]!.effect !== 'read');
    if (word >= 0 && word === this.interesting) {
      this.left[process] = Math.max(0, (this.left[process] ?? 0) - 1);
      this.intended = -1;
    }
    return anyChoiceOf(process, choices, this.random);
  }

  end(): void {
    this.known = this.counting;
  }

  private draw(): number {
    const total = this.left.reduce((sum, count: number | undefined) => sum + (count ?? 0), 0);
    if (total === 0) return -1;
    let ticket = this.random.below(total);
    return this.left.findIndex((count: number | undefined) => (ticket -= count ?? 0) < 0);
  }

  private count(word: number, process: number, writes: boolean): void {
    let known = this.counting.get(word);
    if (known === undefined) this.counting.set(word, (known = { counts: [], writes: false }));
    known.counts[process] = (known.counts[process] ?? 0) + 1;
    known.writes ||= writes;
  }
}

/** The word that the CPU is about to touch; −1: none. */
function wordOf(choices: Choices, process: number): number {
  const { op, at } = choices.pendingOf(process);
  return OPERATIONS[op]!.effect === 'none' ? -1 : at >>> 2;
}
