/** What each CPU of a torture does. */
import { arenaAllocator } from '../arena.ts';
import type { BenchCpu, Ptr, Sleeps } from '../bench-cpu.ts';
import type { Place } from '../cell.ts';
import { ControlBlock, MeasurementStopped } from '../control-block.ts';
import { seededRandom } from '../random.ts';
import type { Random } from '../random.ts';
import type { Torture, TortureContext } from './contract.ts';

export interface TortureRun {
  readonly cpus: number;
  /** This CPU among them. */
  readonly index: number;
  readonly seed: number;
  /** Nanoseconds of rounds. */
  readonly forNs: number;
  readonly place: Place;
  /** Starts a task on this CPU. */
  readonly start: (name: string, body: Sleeps<void>) => void;
  /** Between rounds, now and then: sends an interrupt to CPU `target` of those that take part. */
  readonly disturb: (target: number) => void;
  /** Sets what such an interrupt does. */
  readonly onInterrupt: (handler: () => void) => void;
}

/** Random streams: one for each task, and one for set-up. */
const STREAMS_PER_CPU = 128;
const SETUP_STREAM = STREAMS_PER_CPU - 1;
/** One round in so many ends with an interrupt to somebody. */
const DISTURB_EVERY = 8;

/** Rounds done here. Throws what the torture throws, and `MeasurementStopped` where another CPU's did. */
export function* runTorture(cpu: BenchCpu, torture: Torture, run: TortureRun): Sleeps<number> {
  const { cpus, index, place } = run;
  const control = new ControlBlock(cpu, place.control, cpus);
  try {
    if (index === 0) control.publishShared(yield* setUp(cpu, torture, run));
    control.meet();
    const at = control.readShared();
    run.onInterrupt(() => torture.interrupt?.(cpu, at));
    const until = control.start() + run.forNs;
    const rounds = yield* allTasks(cpu, torture, run, at, until, control);
    control.setOperations(index, rounds);
    control.meet();
    if (index === 0) {
      const totals = { cpus, rounds: control.sumOperations() };
      const verified = torture.verify?.(cpu, at, totals);
      if (verified !== undefined) yield* verified;
    }
    control.meet();
    return rounds;
  } catch (error) {
    if (!(error instanceof MeasurementStopped)) control.fail(index);
    throw error;
  }
}

function* setUp(cpu: BenchCpu, torture: Torture, { cpus, seed, place }: TortureRun): Sleeps<Ptr> {
  const at = torture.setup(cpu, {
    cpus,
    tasks: torture.tasks,
    random: seededRandom(seed, SETUP_STREAM),
    alloc: arenaAllocator(cpu, place.arena, torture.name),
  });
  return typeof at === 'number' ? at : yield* at;
}

/** Errors of tasks that were started here come back through this. */
interface Ended {
  tasks: number;
  rounds: number;
  error: Error | undefined;
}

function* allTasks(
  cpu: BenchCpu,
  torture: Torture,
  run: TortureRun,
  at: Ptr,
  until: number,
  control: ControlBlock,
): Sleeps<number> {
  const ended: Ended = { tasks: 0, rounds: 0, error: undefined };
  const body = function* (task: number): Sleeps<void> {
    try {
      // Two steps: `+=` would read the sum before the rounds, and forget those of tasks that end meanwhile.
      const done = yield* rounds(cpu, torture, run, at, until, control, task);
      ended.rounds += done;
    } catch (error) {
      ended.error ??= error instanceof Error ? error : new Error(String(error));
      if (!(error instanceof MeasurementStopped)) control.fail(run.index);
    }
    ended.tasks++;
  };
  for (let task = 1; task < torture.tasks; task++) run.start(`torture/${task}`, body(task));
  yield* body(0);
  while (ended.tasks < torture.tasks) yield;
  if (ended.error !== undefined) throw ended.error;
  return ended.rounds;
}

function* rounds(
  cpu: BenchCpu,
  torture: Torture,
  { cpus, index, seed, disturb }: TortureRun,
  at: Ptr,
  until: number,
  control: ControlBlock,
  task: number,
): Sleeps<number> {
  const random: Random = seededRandom(seed, index * STREAMS_PER_CPU + task);
  const context: TortureContext = { cpus, index, tasks: torture.tasks, task, random };
  let done = 0;
  while (cpu.now() < until) {
    control.requireNoFailure();
    const round = torture.round(cpu, at, context);
    if (round !== undefined) yield* round;
    done++;
    if (random.below(DISTURB_EVERY) === 0) disturb(random.below(cpus));
    cpu.relax();
    // Tasks that never sleep take turns too.
    if (torture.tasks > 1) yield;
  }
  return done;
}
