/**
 * Runs an exploration under a scheduler, as often as one likes, always from the same state.
 *
 * A step is one atomic access (or wait, notify, interrupt …) of one CPU with all that the CPU does up to its next one.
 * Plain accesses are no scheduling points: a program without data races cannot tell, and a race detector finds the
 * others (DRF ⇒ SC).
 */
import type { Exploration, World } from '@percpu/experiment';
import type { Cpu, MachineInfo } from '@percpu/machine';
import { memblockAlloc } from '@percpu/memory';
import type { AddressNames, Processor, SimulatedMemory, SimulatedStore } from '@percpu/simulator';
import { UserArrays } from '../arrays/user-arrays.ts';
import type { Call } from './call.ts';
import type { Choice } from './choice.ts';
import { findingOf } from './faults.ts';
import type { RunObserver, RunView } from './observer.ts';
import type { RunEnd, RunOutcome, Waiting } from './outcome.ts';
import { RunClock } from './run-clock.ts';
import { ABANDON } from './scheduler.ts';
import type { Scheduler } from './scheduler.ts';
import { Stepper } from './stepper.ts';

export class Runner implements RunView {
  readonly exploration: Exploration;
  private readonly observers: readonly RunObserver[];
  private readonly clock: RunClock;
  private readonly stepper: Stepper;
  private readonly arrays: UserArrays;
  private readonly taken: Choice[] = [];

  constructor(exploration: Exploration, observers: readonly RunObserver[] = []) {
    this.exploration = exploration;
    this.observers = observers;
    this.clock = new RunClock(exploration, observers);
    this.stepper = new Stepper(exploration, this.clock, observers);
    this.arrays = new UserArrays(this.clock.ground.store, this.clock.ground.memory);
  }

  get store(): SimulatedStore {
    return this.clock.ground.store;
  }
  get names(): AddressNames {
    return this.clock.ground.store.names;
  }
  get processors(): readonly Processor[] {
    return this.clock.ground.processors;
  }
  get cpus(): readonly Cpu[] {
    return this.clock.ground.cpus;
  }
  get machine(): MachineInfo | undefined {
    return this.clock.ground.machine?.info;
  }
  get step(): number {
    return this.stepper.choices.step;
  }
  get now(): number {
    return this.clock.now;
  }
  get calls(): readonly Call[] {
    return this.clock.programs.calls;
  }

  /** One run, from the beginning. The scheduler's `end` is called with what it came to. */
  run(scheduler: Scheduler): RunOutcome {
    const { exploration, clock } = this;
    this.taken.length = 0;
    clock.rewind();
    const world = this.world();
    const state = this.arrays.setUp(() => exploration.setup?.(world as never));
    clock.programs.prepare(state);
    this.setImmediate(false);
    for (const observer of this.observers) observer.started?.(this);
    clock.programs.start(state);
    this.stepper.begin();
    let end = this.loop(scheduler);
    this.setImmediate(true);
    if (end === 'completed' && exploration.after !== undefined) {
      try {
        exploration.after(world, state);
      } catch (error) {
        clock.watch.finding = findingOf(error, 'after');
        end = 'failed';
      }
    }
    const outcome = this.outcomeOf(end);
    scheduler.end(outcome);
    return outcome;
  }

  private loop(scheduler: Scheduler): RunEnd {
    const { clock, stepper, exploration } = this;
    const { choices } = stepper;
    for (;;) {
      if (clock.watch.finding !== undefined) return 'failed';
      if (!stepper.list()) return clock.programs.left === 0 ? 'completed' : 'stuck';
      if (choices.step >= exploration.limits.steps) return 'cut';
      const index = scheduler.pick(choices);
      if (index === ABANDON) return 'abandoned';
      const choice = choices.list[index];
      if (choice === undefined) {
        throw new RangeError(
          `scheduler: picked ${index}; accepted are 0 to ${choices.list.length - 1} and ABANDON`,
        );
      }
      this.taken.push(choice);
      stepper.take(choice);
      scheduler.did?.(clock.watch.footprint);
    }
  }

  private outcomeOf(end: RunEnd): RunOutcome {
    const { programs, watch } = this.clock;
    const partial = {
      end,
      seen: programs.seen,
      steps: this.taken.length,
      accesses: watch.accesses,
      waiting: end === 'stuck' ? this.waiting() : [],
      choices: this.taken,
    };
    if (end === 'abandoned') return { ...partial, finding: undefined };
    let finding = watch.finding;
    for (const observer of this.observers) {
      finding ??= observer.finished?.({ ...partial, finding });
    }
    if (end === 'cut') {
      finding ??= {
        kind: 'step-limit',
        message: `a run of more than ${this.exploration.limits.steps} steps (limits.steps)`,
      };
    }
    return { ...partial, finding };
  }

  private waiting(): Waiting[] {
    const { loops } = this.clock;
    return this.processors.flatMap(({ state, memory }): Waiting[] => {
      const { cpu, site } = memory;
      if (state === 'blocked') {
        return [{ cpu, state: 'sleeping', at: memory.at, site, value: Number(memory.a) }];
      }
      const loop = loops[cpu]!;
      if (state !== 'ready' || !loop.parked) return [];
      return [{ cpu, state: 'spinning', at: loop.waitsAt, site, value: loop.waitsWhile }];
    });
  }

  private world(): World<Cpu, SimulatedMemory> {
    const { programs, ground } = this.clock;
    const { memory, cpus } = ground;
    return {
      memory,
      cpus,
      alloc: (bytes, align) => memblockAlloc(memory, bytes, align),
      seen: programs.seen,
      see: (name, value) => programs.see(name, value),
    };
  }

  private setImmediate(immediate: boolean): void {
    for (const { memory } of this.processors) memory.immediate = immediate;
  }
}
