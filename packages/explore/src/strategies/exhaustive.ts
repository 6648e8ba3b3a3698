/**
 * All schedules of a program, except those that only swap independent steps: dynamic partial-order reduction with source
 * sets (Abdulla, Aronis, Jonsson, Sagonas: Optimal Dynamic Partial Order Reduction, POPL 2014, algorithm 1) and sleep sets
 * (Godefroid 1996).
 *
 * Of each class of equivalent runs at least one is made. A run in which every CPU that could go on sleeps is equivalent to one
 * made before; it is abandoned, and counted apart. What depends on what: footprint.ts.
 *
 * Departures. A CPU may have several choices in a state (take an interrupt or go on; the answers of `choose`): they depend on
 * each other, so wherever a CPU is tried, all are. A run that ends with a finding hides what the others would have done:
 * all of them are tried where it happened.
 *
 * With a bound on preemptions (Musuvathi, Qadeer: Iterative Context Bounding, PLDI 2007) the classes are no longer closed:
 * an equivalent run may need more preemptions. So every CPU that has to be tried before some step is also tried where the block
 * of steps began that it would interrupt (Coons, Musuvathi, McKinley: Bounded Partial-Order Reduction, OOPSLA 2013), and no CPU sleeps.
 */
import type { Choices } from '../engine/choice.ts';
import type { Footprint } from '../engine/footprint.ts';
import type { RunOutcome } from '../engine/outcome.ts';
import { ABANDON } from '../engine/scheduler.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { NondeterminismError } from './nondeterminism-error.ts';
import { join, tryAll, tryBefore } from './backtrack.ts';
import { Initials } from './initials.ts';
import { SearchNode } from './search-node.ts';

export interface ExhaustiveOptions {
  /** Context switches, in one run, away from a CPU that could have gone on. Default: any number. */
  readonly preemptions?: number;
  /** `none`: every single schedule, for holding the reduction against. Default `source-dpor`. */
  readonly reduction?: 'source-dpor' | 'none';
  /** When are two steps dependent? For tests that break it. Default: when their footprints conflict. */
  readonly dependent?: (a: Footprint, b: Footprint) => boolean;
}

export class Exhaustive implements Scheduler {
  /** True when everything there is has been covered: within the bound, if there is one. */
  exhausted = false;
  /** Runs that were abandoned because all that they could do had been done elsewhere. */
  redundant = 0;
  private readonly bound: number;
  private readonly reduce: boolean;
  private readonly sleeps: boolean;
  private readonly dependent: (a: Footprint, b: Footprint) => boolean;
  /** The path: `nodes[0 … depth)`; nodes beyond are kept for use. */
  private readonly nodes: SearchNode[] = [];
  private depth = 0;
  /** Steps of this run so far. */
  private at = 0;
  /** Steps from here on are new. */
  private branch = 0;
  private started = false;
  /** Some run was longer than allowed, so something was not seen. */
  private cut = false;
  /** By process: the clock of its last step, and of whoever woke it since. */
  private clocks: Int32Array[] = [];
  private cpus = 0;
  private readonly initials: Initials = new Initials();

  constructor({
    preemptions = Infinity,
    reduction = 'source-dpor',
    dependent,
  }: ExhaustiveOptions = {}) {
    this.bound = preemptions;
    this.reduce = reduction === 'source-dpor';
    this.sleeps = this.reduce && preemptions === Infinity;
    this.dependent = dependent ?? ((a, b) => a.conflicts(b));
  }

  begin(): boolean {
    this.at = 0;
    for (const clock of this.clocks) clock.fill(0);
    if (!this.started) {
      this.started = true;
      return true;
    }
    while (this.depth > 0) {
      this.branch = this.depth - 1;
      const node = this.nodes[this.branch]!;
      if (node.nextAlternative()) return true;
      const next = this.nextToTry(node);
      if (next >= 0) {
        node.enter(next);
        return true;
      }
      this.depth--;
    }
    this.exhausted = !this.cut;
    return false;
  }

  pick(choices: Choices): number {
    if (this.at === this.depth && !this.push(choices)) {
      this.redundant++;
      return ABANDON;
    }
    const index = this.nodes[this.at]!.indexIn(choices.list);
    if (index < 0) throw new NondeterminismError(this.at);
    return index;
  }

  did(footprint: Footprint): void {
    const node = this.nodes[this.at]!;
    const clock = this.clocks[node.process]!;
    if (this.at >= this.branch) {
      node.stepped(footprint);
      if (this.reduce) {
        this.orderAfter(node, clock);
        this.tryWoken(node);
        this.tryInterrupt(node);
        if (footprint.took) this.tryEarlier(node);
      }
    }
    this.at++;
    clock.set(node.clock);
    for (const woken of footprint.woken) join(this.clocks[woken]!, node.clock);
  }

  end({ end }: RunOutcome): void {
    if (end === 'cut') this.cut = true;
    if ((end === 'failed' || end === 'cut') && this.depth > 0) {
      tryAll(this.nodes[this.depth - 1]!);
    }
  }

  // ── states ────────────────────────────────────────────────────────────────────────────────

  /** A state not seen before. False: nothing is to be tried there. */
  private push(choices: Choices): boolean {
    if (this.clocks.length === 0) this.prepare(choices);
    const node = (this.nodes[this.depth] ??= new SearchNode(choices.processes, choices.cpus));
    node.open(choices);
    const before = this.nodes[this.depth - 1];
    node.follow(before);
    if (this.sleeps && before !== undefined) this.inheritSleep(node, before);
    if (!this.reduce)
      node.enabled.forEach((enabled, process) => (node.backtrack[process] = enabled));
    const awake = (process: number): boolean =>
      node.enabled[process]! && node.asleep[process] === undefined;
    const first =
      node.current >= 0 && awake(node.current)
        ? node.current
        : node.enabled.findIndex((_, process) => awake(process));
    if (first < 0) return false;
    node.enter(first);
    this.depth++;
    return true;
  }

  private inheritSleep(node: SearchNode, before: SearchNode): void {
    before.asleep.forEach((footprint, process) => {
      if (footprint === undefined || process === before.process) return;
      if (node.enabled[process]! && !this.dependent(footprint, before.footprint))
        node.asleep[process] = footprint;
    });
  }

  private nextToTry(node: SearchNode): number {
    return node.backtrack.findIndex(
      (wanted, process) =>
        wanted &&
        !node.tried[process]! &&
        node.asleep[process] === undefined &&
        node.preemptions + node.costOf(process) <= this.bound,
    );
  }

  /** The first state tells how many CPUs there are. */
  private prepare({ processes, cpus }: Choices): void {
    this.cpus = cpus;
    this.clocks = Array.from({ length: processes }, () => new Int32Array(processes));
  }

  // ── races ─────────────────────────────────────────────────────────────────────────────────

  /** Finds the steps that come before this one in every equivalent run, and those that race with it. */
  private orderAfter(node: SearchNode, before: Int32Array): void {
    const { clock, process, footprint } = node;
    clock.set(before);
    let refused = -1;
    for (let i = this.at - 1; i >= 0; i--) {
      const earlier = this.nodes[i]!;
      if (clock[earlier.process]! > i || earlier.process === process) continue;
      if (!this.dependent(earlier.footprint, footprint)) continue;
      // Nothing between them orders them: the other order is another class of runs.
      join(clock, earlier.clock);
      if (!this.reverse(i, node) && earlier.process === footprint.interrupts) refused = i;
    }
    clock[process] = this.at + 1;
    // Interrupts were off there. In front of the steps that turned them off the interrupt may well have come.
    for (let i = refused - 1; i >= 0; i--) {
      if (this.nodes[i]!.process === footprint.interrupts && this.reverse(i, node)) return;
    }
  }

  /** Who is woken here could have woken by itself before: that would be lost, since no later step of it shows it. */
  private tryWoken(node: SearchNode): void {
    for (const cpu of node.footprint.woken) {
      if (!node.enabled[cpu]!) continue;
      if (this.sleeps) node.backtrack[cpu] = true;
      else tryBefore(this.nodes, this.at, cpu);
    }
  }

  /** The CPU went on, and may have taken the interrupt by itself or turned interrupts off: then no later step shows it. */
  private tryInterrupt(node: SearchNode): void {
    const interrupt = node.process + this.cpus;
    if (node.footprint.interrupts >= 0 || node.enabled[interrupt] !== true) return;
    if (this.sleeps) node.backtrack[interrupt] = true;
    else tryBefore(this.nodes, this.at, interrupt);
  }

  /**
   * The CPU looked, and took an interrupt by itself. It could have come in front of an earlier step instead, had it been
   * raised by then: no step shows that, if the CPU never looks between the two.
   */
  private tryEarlier(last: SearchNode): void {
    const interrupt = last.process + this.cpus;
    for (let i = this.at - 1; i >= 0; i--) {
      const { process, enabled } = this.nodes[i]!;
      if (process === interrupt) return;
      if (process !== last.process) continue;
      // There it is tried anyway.
      if (enabled[interrupt]!) return;
      this.initials.find(this.nodes, i, this.at, last);
      // Unless this step is one itself, the one that raised it is behind step `i`, and need not be.
      if (!this.initials.processes.includes(last.process) && this.reverse(i, last)) return;
    }
  }

  /** Sees to it that this step is tried before step `i`. False: it cannot come there. */
  private reverse(i: number, last: SearchNode): boolean {
    return this.sleeps ? this.reverseAny(i, last) : this.reverseAll(i, last);
  }

  /**
   * What has to come first then is one of the initials of the steps after `i` that do not depend on it, this one at their end;
   * trying any one of them will do.
   */
  private reverseAny(i: number, last: SearchNode): boolean {
    const node = this.nodes[i]!;
    this.initials.find(this.nodes, i, this.at, last);
    const { processes: initials } = this.initials;
    for (const process of initials) {
      if (node.backtrack[process]! || node.asleep[process] !== undefined) return true;
    }
    const { process } = last;
    // Nothing that could enable it comes before it but step `i` itself.
    const first = initials.includes(process) && this.initials.firstStepOf(process) === this.at;
    if (first && !node.enabled[process]!) return false;
    const possible = initials.filter((initial) => node.enabled[initial]!);
    if (possible.length > 0) {
      node.backtrack[possible.includes(process) ? process : possible[0]!] = true;
    } else tryAll(node);
    return true;
  }

  /**
   * The same with a bound, where trying one will not do: which of them it is decides how many preemptions it takes. All are
   * tried that have a step which comes before this one.
   */
  private reverseAll(i: number, { process: last, clock, footprint }: SearchNode): boolean {
    const node = this.nodes[i]!;
    let found = false;
    for (let process = 0; process < clock.length; process++) {
      if (!node.enabled[process]! || process === node.process) continue;
      if (process !== last && clock[process]! <= i + 1) continue;
      found = true;
      tryBefore(this.nodes, i, process);
    }
    if (!found && footprint.interrupts < 0) tryAll(node);
    return found;
  }
}
