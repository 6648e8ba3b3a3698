/** The clock of a run, as its simulated memories see it: which accesses are steps, and what waiting, waking and time mean. */
import type { Exploration } from '@percpu/experiment';
import { BLOCKED, Op, OPERATIONS } from '@percpu/simulator';
import type { AccessClock, Processor, SimulatedMemory } from '@percpu/simulator';
import type { Ptr } from '@percpu/memory';
import { AccessWatch } from './access-watch.ts';
import { Mode } from './footprint.ts';
import { makeGround } from './ground.ts';
import type { Ground } from './ground.ts';
import { InterruptLines } from './interrupt-lines.ts';
import type { RunObserver } from './observer.ts';
import { Programs } from './programs.ts';
import { Sleepers } from './sleepers.ts';
import { SpinLoop } from './spin-loop.ts';

/** Plain accesses, pauses and looks at the clock that a CPU may make between two steps. */
const MAX_BETWEEN_STEPS = 1_000_000;

/** Operations that are no steps: plain accesses, `now`, `delay`. */
const AT_ONCE: readonly boolean[] = OPERATIONS.map(
  ({ atomic }, op) => !atomic || op === Op.now || op === Op.delay,
);
const TOUCHES_MEMORY: readonly boolean[] = OPERATIONS.map(({ effect }) => effect !== 'none');

export class RunClock implements AccessClock {
  readonly setUpTime: number = 0;
  readonly ownRead: ((at: Ptr) => void) | undefined;
  readonly ground: Ground;
  readonly sleepers: Sleepers;
  readonly loops: readonly SpinLoop[];
  readonly lines: InterruptLines;
  readonly watch: AccessWatch;
  readonly programs: Programs;
  /** ns. */
  now = 0;
  /** What the next `choose` answers. */
  answer = 0;
  /** Whether the `choose` that a CPU stands in front of is its program's. */
  readonly choosesItself: boolean[];
  /** Woken in this step, to go on at its end. */
  readonly woken: Processor[] = [];
  /** The next pause is of a CPU that spins in vain, since nothing else can happen. */
  forced = false;
  /** A CPU goes on and on without a step. */
  endless = false;
  private between = 0;
  private readonly timeMoves: boolean;
  private readonly observers: readonly RunObserver[];
  private readonly arrivals: readonly RunObserver[];

  constructor(exploration: Exploration, observers: readonly RunObserver[]) {
    this.ground = makeGround(exploration, this);
    const { processors, store, machine } = this.ground;
    this.observers = observers.filter((observer) => observer.woken !== undefined);
    this.arrivals = observers.filter(({ arrived }) => arrived !== undefined);
    this.timeMoves = exploration.timeouts;
    this.sleepers = new Sleepers(processors.length);
    this.loops = processors.map((_, cpu) => new SpinLoop(store, this.ground.pendingWordOf(cpu)));
    this.lines = new InterruptLines(exploration.on === 'machine' ? machine : undefined);
    // A CPU looks at its pending word without stopping there: who wrote to it comes before or after this step all the same.
    this.ownRead = this.lines.none
      ? undefined
      : (at): void => {
          if (this.lines.ownerOf(at) >= 0) this.watch.footprint.add(at, 4, Mode.read);
        };
    this.watch = new AccessWatch(store, this.loops, this.lines, observers);
    this.programs = new Programs(exploration, this.ground, this.watch);
    this.choosesItself = processors.map(() => false);
  }

  /** Back to the beginning of a run. */
  rewind(): void {
    this.ground.rewind();
    this.sleepers.clear();
    this.lines.clear();
    this.watch.clear();
    this.programs.clear();
    for (const loop of this.loops) loop.clear();
    this.woken.length = 0;
    this.now = 0;
    this.forced = false;
    this.endless = false;
    this.between = 0;
  }

  /** The next step begins. */
  beginStep(step: number, process: number, cpu: number): void {
    this.watch.step = step;
    this.watch.footprint.clear(process, cpu);
    this.between = 0;
  }

  admit(memory: SimulatedMemory): boolean {
    const { op, cpu } = memory;
    for (const observer of this.arrivals) observer.arrived!(cpu);
    if (AT_ONCE[op]!) {
      if (++this.between > MAX_BETWEEN_STEPS) {
        this.endless = true;
        return false;
      }
      if (TOUCHES_MEMORY[op]!) this.watch.before(memory);
      return true;
    }
    if (op === Op.pause) {
      this.between++;
      return !this.loops[cpu]!.pause(this.watch.footprint);
    }
    if (op === Op.choose) {
      this.choosesItself[cpu] = this.programs.chooses;
      this.programs.chooses = false;
    }
    return false;
  }

  performed(memory: SimulatedMemory, result: unknown): void {
    this.watch.after(memory, result);
  }

  carryOut(memory: SimulatedMemory): unknown {
    switch (memory.op) {
      case Op.wait:
        return this.wait(memory);
      case Op.notify:
        return this.notify(memory);
      case Op.now:
        if (this.timeMoves) this.watch.footprint.addClock(Mode.read);
        return this.now;
      case Op.choose:
        return this.answer;
      case Op.pause:
        return this.pause(memory);
      default:
        return undefined;
    }
  }

  /** A turn that is forced stands for all that the loop has left: nothing will change in them. */
  private pause({ b }: SimulatedMemory): number {
    const turns = this.forced ? Math.abs(b as number) : 1;
    this.forced = false;
    return turns;
  }

  private wait(memory: SimulatedMemory): unknown {
    const { at, a, b, cpu } = memory;
    const { footprint } = this.watch;
    footprint.add(at, 4, Mode.read);
    // Also where it does not sleep: whether it does depends on the word, and a step whose dependence on others may change with a
    // step that is independent of those others would be lost to the reduction.
    footprint.addQueue(at, Mode.write);
    this.loops[cpu]!.saw(at >>> 2);
    const equal = this.ground.store.u32[at >>> 2] === (a as number) >>> 0;
    const result = equal ? BLOCKED : 'not-equal';
    this.watch.tell(cpu, memory, result);
    if (!equal) return result;
    this.loops[cpu]!.work();
    this.sleepers.add(this.ground.processors[cpu]!, at, this.now + (b as number));
    return result;
  }

  private notify(memory: SimulatedMemory): number {
    const { at, a, cpu } = memory;
    const sleepers = this.sleepers.take(at, a as number);
    this.watch.footprint.addQueue(at, sleepers.length > 0 ? Mode.write : Mode.read);
    this.watch.tell(cpu, memory, sleepers.length);
    for (const sleeper of sleepers) {
      this.watch.footprint.woken.push(sleeper.memory.cpu);
      this.woken.push(sleeper);
      for (const observer of this.observers) {
        observer.woken!(cpu, sleeper.memory.cpu, at, this.watch.step);
      }
    }
    if (sleepers.length > 0) this.watch.progress = true;
    return sleepers.length;
  }
}
