/** What can happen next in a run, and making it happen. */
import type { Exploration } from '@percpu/experiment';
import { Op } from '@percpu/simulator';
import type { Processor } from '@percpu/simulator';
import { ChoiceList } from './choice-list.ts';
import type { Choice } from './choice.ts';
import { findingOf, isAftermath } from './faults.ts';
import { Mode } from './footprint.ts';
import type { RunObserver } from './observer.ts';
import type { RunClock } from './run-clock.ts';

/** Turns that a parked CPU gets when nothing else can happen: a bounded loop ends within them. */
const MAX_FORCED_TURNS = 40;
/** Time that the first of those takes; each takes twice as long as the one before, so that deadlines pass. ns. */
const FIRST_TURN_NS = 1000;

export class Stepper {
  readonly choices: ChoiceList;
  private readonly exploration: Exploration;
  private readonly clock: RunClock;
  private readonly processors: readonly Processor[];
  private readonly observers: readonly RunObserver[];
  private readonly interrupts: boolean;
  private readonly forcedTurns: number[];
  private deathsLeft = 0;
  private spuriousLeft = 0;
  private failuresLeft = 0;

  constructor(exploration: Exploration, clock: RunClock, observers: readonly RunObserver[]) {
    this.exploration = exploration;
    this.clock = clock;
    this.processors = clock.ground.processors;
    this.observers = observers;
    this.interrupts = exploration.interrupts && exploration.on === 'machine';
    this.choices = new ChoiceList(this.processors, this.interrupts);
    this.forcedTurns = this.processors.map(() => 0);
  }

  /** After the programs were started. */
  begin(): void {
    const { deaths, spurious, allocationFailures } = this.exploration;
    this.deathsLeft = deaths;
    this.spuriousLeft = spurious;
    this.failuresLeft = allocationFailures;
    this.forcedTurns.fill(0);
    this.choices.current = -1;
    this.choices.step = 0;
    for (const processor of this.processors) this.settle(processor);
  }

  /** Lists what can happen. False: nothing. */
  list(): boolean {
    const { choices } = this;
    choices.list.length = 0;
    choices.forced = false;
    const asleep = this.listAll();
    if (asleep && this.clock.programs.left === 0) return false;
    if (choices.list.length === 0) this.force();
    return choices.list.length > 0;
  }

  take(choice: Choice): void {
    const { clock, choices } = this;
    const { footprint } = clock.watch;
    const { cpu, process, kind, n } = choice;
    const processor = this.processors[cpu]!;
    const { depth } = processor;
    clock.beginStep(choices.step, process, cpu);
    if (choices.forced) footprint.everything = true;
    for (const observer of this.observers) observer.chose?.(choice, choices.step);
    if (clock.programs.callsBegin && processor.state === 'ready') clock.programs.beginCallsOf(cpu);
    switch (kind) {
      case 'access':
        if (this.clock.loops[cpu]!.parked) this.forceTurn(cpu);
        clock.watch.before(processor.memory);
        processor.step();
        break;
      case 'alternative':
        clock.answer = n;
        if (n > 0 && !clock.choosesItself[cpu]!) {
          this.failuresLeft--;
          footprint.everything = true;
        }
        clock.loops[cpu]!.work();
        processor.step();
        break;
      case 'interrupt':
        this.interrupt(cpu);
        break;
      case 'timer':
        this.moveTime(clock.lines.timerOf(cpu));
        this.interrupt(cpu);
        break;
      case 'timeout':
        this.moveTime(clock.sleepers.deadlineOf(cpu));
        this.wakeUp(processor, 'timed-out');
        break;
      case 'spurious':
        this.spuriousLeft--;
        footprint.everything = true;
        this.wakeUp(processor, 'ok');
        break;
      case 'death':
        this.deathsLeft--;
        footprint.everything = true;
        // It may have been parked: no change of what it waited for brings it back.
        clock.loops[cpu]!.parked = false;
        processor.reset();
        clock.programs.end(cpu);
        break;
    }
    if (depth > 1 && processor.depth < depth) this.returned(cpu);
    this.settle(processor);
    this.settleOthers();
    choices.step++;
    choices.current = cpu;
    if (clock.watch.finding !== undefined) footprint.everything = true;
  }

  // ── what can happen ───────────────────────────────────────────────────────────────────────

  /** True: every CPU has ended or sleeps. */
  private listAll(): boolean {
    const { choices, clock } = this;
    let asleep = true;
    for (let cpu = 0; cpu < this.processors.length; cpu++) {
      const { state } = this.processors[cpu]!;
      if (state === 'ready') {
        asleep = false;
        this.listReady(cpu);
      } else if (state === 'blocked') {
        const deadline = clock.sleepers.deadlineOf(cpu);
        if (deadline <= clock.now || (this.exploration.timeouts && deadline !== Infinity))
          choices.add(cpu, 'timeout');
        if (this.spuriousLeft > 0) choices.add(cpu, 'spurious');
      }
    }
    return asleep;
  }

  private listReady(cpu: number): void {
    const { choices, clock } = this;
    const { memory } = this.processors[cpu]!;
    if (!clock.loops[cpu]!.parked) {
      if (memory.op === Op.choose) this.listAlternatives(cpu, memory.a as number);
      else choices.add(cpu, 'access');
    }
    if (this.deathsLeft > 0) choices.add(cpu, 'death');
    if (!this.interrupts) return;
    if (clock.lines.due(cpu)) choices.addInterrupt(cpu, 'interrupt');
    const timer = clock.lines.timerOf(cpu);
    if (timer <= clock.now || (this.exploration.timeouts && timer !== Infinity))
      choices.addInterrupt(cpu, 'timer');
  }

  private listAlternatives(cpu: number, alternatives: number): void {
    const count = this.clock.choosesItself[cpu]! || this.failuresLeft > 0 ? alternatives : 1;
    for (let n = 0; n < count; n++) this.choices.add(cpu, 'alternative', n);
  }

  /** Nothing can happen by itself: time passes, or else a spin loop gets another turn. */
  private force(): void {
    const { clock, choices } = this;
    choices.forced = true;
    let next = clock.sleepers.next;
    if (this.interrupts) {
      for (const { state, memory } of this.processors) {
        if (state === 'ready') next = Math.min(next, clock.lines.timerOf(memory.cpu));
      }
    }
    if (next !== Infinity) {
      clock.now = Math.max(clock.now, next);
      this.listAll();
      return;
    }
    if (clock.watch.progress) this.forcedTurns.fill(0);
    clock.watch.progress = false;
    let first = -1;
    for (let cpu = 0; cpu < this.processors.length; cpu++) {
      if (!clock.loops[cpu]!.parked || this.forcedTurns[cpu] === MAX_FORCED_TURNS) continue;
      if (first < 0 || this.forcedTurns[cpu]! < this.forcedTurns[first]!) first = cpu;
    }
    if (first >= 0) choices.add(first, 'access');
  }

  // ── making it happen ──────────────────────────────────────────────────────────────────────

  private forceTurn(cpu: number): void {
    const turns = this.forcedTurns[cpu]!++;
    this.clock.now += FIRST_TURN_NS * 2 ** turns;
    this.clock.loops[cpu]!.free();
    this.clock.forced = true;
  }

  private interrupt(cpu: number): void {
    const loop = this.clock.loops[cpu]!;
    loop.parked = false;
    loop.work();
    for (const observer of this.observers) observer.interrupted?.(cpu, this.choices.step);
    this.clock.lines.deliver(cpu);
  }

  private moveTime(to: number): void {
    const { clock } = this;
    if (to <= clock.now) return;
    clock.now = to;
    clock.watch.footprint.addClock(Mode.write);
  }

  /** Without anybody's notify. */
  private wakeUp(processor: Processor, answer: 'ok' | 'timed-out'): void {
    const { clock } = this;
    const { at, cpu } = processor.memory;
    clock.sleepers.remove(processor);
    clock.watch.progress = true;
    clock.watch.footprint.addQueue(at, Mode.write);
    for (const observer of this.observers) {
      observer.woken?.(undefined, cpu, at, this.choices.step);
    }
    processor.wake(answer);
  }

  private returned(cpu: number): void {
    this.clock.lines.entered(cpu);
    for (const observer of this.observers) observer.returned?.(cpu, this.choices.step);
  }

  /** Those that were notified go on, and those that spun on what has changed. */
  private settleOthers(): void {
    const { clock } = this;
    for (let woken = clock.woken.shift(); woken !== undefined; woken = clock.woken.shift()) {
      woken.wake('ok');
      this.settle(woken);
    }
    for (let again = true; again;) {
      again = false;
      for (const processor of this.processors) {
        const { cpu } = processor.memory;
        const loop = clock.loops[cpu]!;
        if (!loop.parked || !loop.changed()) continue;
        again = true;
        loop.free();
        clock.watch.footprint.woken.push(cpu);
        processor.step();
        this.settle(processor);
      }
    }
  }

  /** After a CPU ran: has it ended, failed, or come back from an interrupt to a pause that is no step? */
  private settle(processor: Processor): void {
    const { clock } = this;
    const { memory } = processor;
    const loop = clock.loops[memory.cpu]!;
    while (processor.state === 'ready' && memory.op === Op.pause && !loop.parked) processor.step();
    if (processor.state === 'failed') {
      if (!isAftermath(processor.error))
        clock.watch.finding ??= findingOf(processor.error, `CPU ${memory.cpu}`);
      clock.programs.end(memory.cpu);
    } else if (processor.state === 'done') clock.programs.end(memory.cpu);
    if (clock.endless) {
      clock.endless = false;
      clock.watch.finding ??= {
        kind: 'step-limit',
        message: `CPU ${memory.cpu} goes on without an atomic access, and does not end`,
      };
    }
  }
}
