/** The programs of an exploration: how they get onto the CPUs, which have ended, what they left behind. */
import { twin, twinOf } from '@percpu/coroutine/runtime';
import type { Coroutine } from '@percpu/coroutine/runtime';
import type { Exploration } from '@percpu/experiment';
import type { Cpu, Outcome as TaskOutcome } from '@percpu/machine';
import type { AccessWatch } from './access-watch.ts';
import type { Call } from './call.ts';
import { findingOf, isAftermath } from './faults.ts';
import { Mode } from './footprint.ts';
import type { Ground } from './ground.ts';
import { ExploredProgram } from './program.ts';
import type { RunRecord, SeenValue } from './program.ts';

type Code = Exploration['programs'][number];

export class Programs implements RunRecord {
  seen: Record<string, SeenValue> = {};
  readonly calls: Call[] = [];
  /** Programs that have not ended. */
  left = 0;
  /** Set by `Program.choose`, taken by the clock. */
  chooses = false;
  private readonly exploration: Exploration;
  private readonly ground: Ground;
  private readonly watch: AccessWatch;
  private readonly running: boolean[];
  /** Calls that begin with their CPU's next step. */
  private readonly beginning: Call[] = [];
  private order = 0;

  constructor(exploration: Exploration, ground: Ground, watch: AccessWatch) {
    this.exploration = exploration;
    this.ground = ground;
    this.watch = watch;
    this.running = ground.processors.map(() => false);
  }

  clear(): void {
    this.seen = {};
    this.calls.length = 0;
    this.beginning.length = 0;
    this.order = 0;
    this.left = 0;
    this.chooses = false;
    this.running.fill(false);
  }

  /** Makes the programs of a machine tasks, in plain code. */
  prepare(state: unknown): void {
    const { programs, on } = this.exploration;
    this.left = programs.length;
    this.running.fill(true, 0, programs.length);
    if (on === 'machine') programs.forEach((code, id) => this.startTask(id, code, state));
  }

  /** Runs every CPU to its first access. Memory is under control from here on. */
  start(state: unknown): void {
    const { programs, on } = this.exploration;
    const { processors, machine } = this.ground;
    if (on === 'machine') processors.forEach((_, id) => machine!.enterMainLoop(id));
    else {
      programs.forEach((code, id) =>
        processors[id]!.start(code, undefined, [this.programOf(id), state]),
      );
    }
  }

  /** CPU `id` has ended its program, or will never. */
  end(id: number): void {
    if (!this.running[id]!) return;
    this.running[id] = false;
    this.left--;
  }

  see(name: string, value: SeenValue): void {
    if (Object.hasOwn(this.seen, name))
      throw new Error(`see: ${name} was seen before; accepted is each name once a run`);
    this.seen[name] = value;
  }

  programChooses(): void {
    this.chooses = true;
  }

  began(call: Call): void {
    this.beginning.push(call);
  }

  ended(call: Call, result: unknown): void {
    // It touched nothing: it took place here.
    if (call.invoked === Infinity) this.begin(call);
    call.returned = ++this.order;
    call.result = result;
    this.watch.footprint.addCall(Mode.response);
  }

  /** CPU `id` takes a step: what it called begins. As late as can be, so that calls overlap no more than they must. */
  beginCallsOf(id: number): void {
    for (const call of [...this.beginning]) if (call.cpu === id) this.begin(call);
  }

  get callsBegin(): boolean {
    return this.beginning.length > 0;
  }

  private begin(call: Call): void {
    this.beginning.splice(this.beginning.indexOf(call), 1);
    call.invoked = ++this.order;
    this.watch.footprint.addCall(Mode.invocation);
  }

  private programOf(id: number): ExploredProgram {
    return new ExploredProgram(this.ground.processors[id]!.memory, this.ground.cpus[id], this);
  }

  /**
   * A task fails with its report in the kernel log, hundreds of accesses long. What the program itself throws is a finding
   * before that.
   */
  private startTask(id: number, code: Code, state: unknown): void {
    const { watch } = this;
    const p = this.programOf(id);
    const failed = (error: unknown): never => {
      if (!isAftermath(error)) watch.finding ??= findingOf(error, `CPU ${id}`);
      throw error;
    };
    const main = twin(
      (_cpu: Cpu) => code(p as never, state),
      function* (): Coroutine {
        try {
          const controlled = twinOf(code);
          return controlled === undefined
            ? code(p, state)
            : yield* controlled.call(undefined, p as never, state as never);
        } catch (error) {
          return failed(error);
        }
      },
    );
    this.ground.machine!.startTask(id, `program ${id}`, main, (outcome: TaskOutcome) => {
      this.end(id);
      if (!outcome.ok && !isAftermath(outcome.error))
        watch.finding ??= findingOf(outcome.error, `CPU ${id}`);
    });
  }
}
