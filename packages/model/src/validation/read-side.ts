/**
 * Curve E: what becomes of readers who share a lock, by how long they hold it. No writer ever comes. The lock is that of the C
 * library which was measured, as it reads in its source: a reader comes with a fetch-and-add, and leaves with a load and as many
 * compare-exchanges as it takes. (`rwlock` of @percpu/locks leaves with a fetch-and-add: experiment `rw-read`.)
 *
 * The measuring program waits a microsecond at a time and looks in front of each wait how many there are to be. That number stands
 * beside the lock, and here it is taken to be on the same line: a compiler puts it there or one line before it, and nobody has
 * published which. So readers inside fetch the line whenever another one has come or left. With the number on a line of its own the
 * model keeps nearly all of the throughput that was measured to be lost with 100 us and more.
 *
 * Nobody binds the threads to cores, so they are spread over the sockets. A wait is a time on the clock: a busy second thread of
 * the core does not make it longer. What is counted is waits, with readers that begin anywhere in their holds: a few hundred
 * waits tell as much as holds of thousands.
 */
import { costsOf } from '../profile/costs.ts';
import type { Costs } from '../profile/costs.ts';
import { PROFILES } from '../profile/profiles.ts';
import { Topology } from '../profile/topology.ts';
import { nsBetweenOperations } from './bare-run.ts';
import type { BareCpu, Program } from './bare-run.ts';
import { judge } from './judge.ts';
import { READ_SIDE_ALONE, READ_SIDE_SOURCE, READ_SIDE_WAIT } from './published-locks.ts';
import type { ReadSideCurve } from './published-locks.ts';
import { worst } from './validated-curve.ts';
import type { ValidatedCurve } from './validated-curve.ts';

const MACHINE = PROFILES.find(({ name }) => name === 'xeon-skx-8s')!;
const READERS = 0x2000;
/** How many waits a hold has: on the line of the lock. */
const WAITS = READERS + 16;
const ONE = 8;

/** An operation is a wait, or where there are none, a reader's coming and leaving. */
function reader(waits: number, lockNs: number, slowdown: number): Program {
  return function* (cpu) {
    let left = waits;
    if (waits > 0) {
      left = cpu.random.below(waits + 1);
      yield* delay(cpu, cpu.random.fraction() * READ_SIDE_WAIT, slowdown);
    } else yield* enter(cpu, lockNs, slowdown);
    for (;;) {
      yield* cpu.access((memory) => memory.load(WAITS));
      for (; left > 0; left--) {
        yield* delay(cpu, READ_SIDE_WAIT, slowdown);
        cpu.count();
        yield* cpu.access((memory) => memory.load(WAITS));
      }
      yield* leave(cpu);
      if (waits === 0) cpu.count();
      yield* enter(cpu, lockNs, slowdown);
      left = waits;
    }
  };
}

function* enter(cpu: BareCpu, lockNs: number, slowdown: number): Generator<unknown, void, number> {
  yield* cpu.access((memory) => memory.fetchAdd(READERS, ONE));
  yield* delay(cpu, lockNs, slowdown);
}

function* leave(cpu: BareCpu): Generator<unknown, void, number> {
  let seen = yield* cpu.access((memory) => memory.load(READERS));
  for (;;) {
    const wanted = (seen - ONE) >>> 0;
    const found = yield* cpu.access((memory) => memory.compareExchange(READERS, seen, wanted));
    if (found === seen) return;
    seen = found;
  }
}

/** For so long on the clock. */
function* delay(cpu: BareCpu, ns: number, slowdown: number): Generator<unknown, void, number> {
  const until = cpu.now() + ns;
  for (let left = ns; left > 1; left = until - cpu.now())
    yield* cpu.access((memory) => memory.delay(left / slowdown));
}

/** Rate of one of `cpus` readers, by the rate of a single one. */
function efficiency(cpus: number, { waits }: ReadSideCurve, costs: Costs): number {
  const accesses = 2 * (costs.rmw + costs.hit);
  // What lock and unlock take beyond their accesses; it counts as holding.
  const lockNs = Math.max(0, READ_SIDE_ALONE - accesses);
  const alone = lockNs + accesses + waits * (READ_SIDE_WAIT + costs.hit);
  const topology = new Topology(MACHINE.topology, cpus, 'spread');
  // The longer they hold, the longer it takes until as many wait for the line as will.
  const warmUp = cpus * (waits === 0 ? 4 : waits < 500 ? 50 : 200);
  const operations = cpus * (waits === 0 ? 12 : waits < 500 ? 100 : 300);
  const options = { topology, costs, seed: 1, warmUp, operations };
  const program = reader(waits, lockNs, costs.smtSlowdown);
  return alone / (nsBetweenOperations(options, program) * cpus * Math.max(1, waits));
}

/** Nothing is fitted: the machine is that of curve C. */
export function validateReadSide(curve: ReadSideCurve): ValidatedCurve {
  const costs = costsOf(MACHINE);
  const points = curve.points.map(([cpus, published]) => ({
    cpus,
    published,
    model: efficiency(cpus, curve, costs),
  }));
  return {
    name: `E: readers, held for ${curve.title}`,
    machine: MACHINE.name,
    source: READ_SIDE_SOURCE,
    unit: 'efficiency',
    fitted: {},
    points,
    worst: worst(points),
    ...judge(points),
  };
}
