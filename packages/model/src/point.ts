/** One point of an experiment under virtual time: a simulated machine, the measuring loop on all its CPUs, and what it came to. */
import { generatorTwin, twinOf } from '@percpu/coroutine/runtime';
import { controlBytes, measure, MeasurementStopped } from '@percpu/experiment';
import type {
  Cell,
  CpuMeasurement,
  Deadlines,
  Experiment,
  Measured,
  Place,
} from '@percpu/experiment';
import { isFatal } from '@percpu/machine';
import type { Cpu, Parameter, Sleeps } from '@percpu/machine';
import { CACHE_LINE, memblockAlloc } from '@percpu/memory';
import { SimulatedMachine, SimulatedStore } from '@percpu/simulator';
import { describePoint } from './attribution/details.ts';
import { ENDLESS } from './clock/accesses.ts';
import { InterruptLines } from './clock/interrupt-lines.ts';
import { effortFor, WindowKeeper } from './clock/window-keeper.ts';
import type { WindowEffort } from './clock/window-keeper.ts';
import { VirtualClock } from './clock/virtual-clock.ts';
import { costsOf } from './profile/costs.ts';
import type { Profile } from './profile/profile.ts';
import { Topology } from './profile/topology.ts';

export interface PointOptions {
  readonly profile: Profile;
  readonly experiment: Experiment;
  readonly cell: Cell;
  /** Boot parameters that the experiment's package declares. */
  readonly declares?: readonly Parameter[];
  /** Which cores the CPUs are. Default: as they are numbered. */
  readonly placement?: 'fill' | 'spread';
  /** Default: enough for stable shares. */
  readonly effort?: WindowEffort;
  /** Host time, for the record: seconds. Default: none is recorded. */
  readonly seconds?: () => number;
}

const MIB = 2 ** 20;

/**
 * `measure` of @percpu/experiment must have been loaded through the transform, and so must the experiment.
 *
 * @throws what the experiment threw; StuckError when no CPU can go on
 */
export function measurePoint(options: PointOptions): Measured {
  const { profile, experiment, cell, declares = [], placement = 'fill', seconds } = options;
  const began = seconds?.() ?? 0;
  const cpus = cell.cpus.length;
  const arenaBytes = experiment.arenaBytes(cpus);
  const topology = new Topology(profile.topology, cpus, placement);
  const store = new SimulatedStore(16 * MIB + cpus * MEMORY_PER_CPU + arenaBytes);
  const clock = new VirtualClock(store, {
    topology,
    costs: costsOf(profile),
    lineBytes: profile.lineBytes,
    seed: cell.seed,
  });
  const machine = new SimulatedMachine(store, clock, {
    cpus,
    equipment: 'full',
    checked: false,
    declares,
    parameters: {
      // Every CPU has a core, and turns in which nothing changes cost nothing to model.
      'spin.budget': ENDLESS,
      'relax.budget': 0,
      'numa.nodes': topology.sockets,
      'numa.cores_per_node': placement === 'spread' ? 1 : topology.coresPerSocket,
      ...experiment.bootParameters(cell.variant, cell.knobs),
    },
  });
  clock.attach(machine.processors, new InterruptLines(machine, clock.lines));
  const { memory } = machine.processors[0]!;
  const place: Place = {
    control: memblockAlloc(memory, controlBytes(cpus), CACHE_LINE),
    arena: { at: memblockAlloc(memory, arenaBytes, CACHE_LINE), bytes: arenaBytes },
  };
  const keeper = new WindowKeeper(
    options.effort ?? effortFor(cpus),
    cell.window,
    cpus,
    clock.ledger,
    experiment.drivers === 'one' ? cell.cpus[0] : undefined,
    {
      accesses: () => clock.effort(),
      now: (cpu) => clock.now(cpu),
      close: (now) => clock.close(now),
    },
  );
  const ended = runAll(machine, clock, (cpu) => loop(cpu, options, place, keeper));
  if (clock.ledger.open) clock.close(lastMoment(ended, clock));
  return {
    cpus: resultsOf(ended),
    model: describePoint(clock, {
      profile: profile.name,
      cpus,
      seconds: (seconds?.() ?? 0) - began,
      ranges: [
        { name: 'arena', ...place.arena },
        { name: 'measuring loop', at: place.control, bytes: controlBytes(cpus) },
      ],
    }),
  };
}

/** Areas, tasks and work queues of a CPU, with room for what a mechanism keeps per CPU. */
const MEMORY_PER_CPU = 192 * 1024;

/** Runs the measuring loop as a task on every CPU until all have ended. */
function runAll(
  machine: SimulatedMachine,
  clock: VirtualClock,
  main: (cpu: Cpu) => Sleeps<CpuMeasurement>,
): Ended[] {
  const ended: Ended[] = [];
  let left = machine.cpus.length;
  // In its controlled form, as code of an experiment would be: this package is not transformed.
  const task = generatorTwin(
    function* (_cpu: Cpu): Sleeps<void> {
      throw new Error('the measuring loop runs under control only');
    },
    function* (cpu: Cpu) {
      try {
        ended[cpu.id] = { measured: yield* main(cpu) };
      } catch (error) {
        // The machine itself is stopping: that must reach its main loop.
        if (isFatal(error)) throw error;
        // A wrong count is a finding about the experiment, not a reason for a kernel panic.
        ended[cpu.id] = { error };
      }
      left--;
    } as never,
  );
  for (const { id } of machine.cpus) machine.startTask(id, 'measure', task, () => undefined);
  machine.setImmediate(false);
  for (const { id } of machine.cpus) {
    machine.enterMainLoop(id);
    clock.started(id);
  }
  clock.run(() => left === 0);
  return ended;
}

/** `measure` in its controlled form: a generator that stops at every access. */
function loop(
  cpu: Cpu,
  { experiment, cell }: PointOptions,
  place: Place,
  deadlines: Deadlines,
): Sleeps<CpuMeasurement> {
  const controlled = twinOf(measure);
  if (controlled === undefined) {
    throw new Error(
      '@percpu/experiment was loaded without the coroutine transform: start node with --import @percpu/coroutine/register',
    );
  }
  const start = controlled as unknown as (...args: unknown[]) => Iterator<unknown>;
  return start(cpu, experiment, cell, place, deadlines).next().value as Sleeps<CpuMeasurement>;
}

/** How the loop ended on a CPU. */
type Ended = { readonly measured: CpuMeasurement } | { readonly error: unknown };

/** Where the work is fixed: when the last CPU was done with it. */
function lastMoment(ended: readonly Ended[], clock: VirtualClock): number {
  return Math.max(...ended.map((_, cpu) => clock.now(cpu)));
}

function resultsOf(ended: readonly Ended[]): CpuMeasurement[] {
  const errors = ended.flatMap((one) => ('error' in one ? [one.error] : []));
  // The others stopped because one had failed: that one says why.
  const cause = errors.find((error) => !(error instanceof MeasurementStopped)) ?? errors[0];
  if (cause instanceof Error) throw cause;
  if (cause !== undefined)
    throw new Error('the experiment threw something that is no error', { cause });
  return ended.flatMap((one) => ('measured' in one ? [one.measured] : []));
}
