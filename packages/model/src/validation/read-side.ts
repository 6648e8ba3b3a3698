/**
 * Curve E: what becomes of readers who share a lock, by how long they hold it. The lock is that of the C library which was measured, as
 * it reads in its source: a reader comes with a fetch-and-add, and leaves with a load and as many compare-exchanges as it
 * takes. (`rwlock` of @percpu/locks leaves with a fetch-and-add: experiment `rw-read`.) No writer ever comes.
 *
 * Nobody binds the threads to cores, so they are spread over the sockets. A hold is a time on the clock: a
 * busy second thread of the core does not make it longer.
 */
import { costsOf } from '../profile/costs.ts';
import type { Costs } from '../profile/costs.ts';
import { PROFILES } from '../profile/profiles.ts';
import { Topology } from '../profile/topology.ts';
import { nsBetweenOperations } from './bare-run.ts';
import type { Program } from './bare-run.ts';
import { fitOne } from './fit.ts';
import { judge } from './judge.ts';
import { READ_SIDE, READ_SIDE_ALONE, READ_SIDE_SOURCE } from './published-locks.ts';
import type { ReadSideCurve } from './published-locks.ts';
import { firstHalf, worst } from './validated-curve.ts';
import type { ValidatedCurve } from './validated-curve.ts';

const MACHINE = PROFILES.find(({ name }) => name === 'xeon-skx-8s')!;
const READERS = 0x2000;
const ONE = 8;
/** Of the search: each fit runs all first halves anew. */
const ROUNDS = 7;

function reader(heldNs: number, slowdown: number): Program {
  return function* (cpu) {
    for (;;) {
      yield* cpu.access((memory) => memory.fetchAdd(READERS, ONE));
      const until = cpu.now() + heldNs;
      for (let left = heldNs; left > 1; left = until - cpu.now())
        yield* cpu.access((memory) => memory.delay(left / slowdown));
      let seen = yield* cpu.access((memory) => memory.load(READERS));
      for (;;) {
        const wanted = (seen - ONE) >>> 0;
        const found = yield* cpu.access((memory) => memory.compareExchange(READERS, seen, wanted));
        if (found === seen) break;
        seen = found;
      }
      cpu.count();
    }
  };
}

/** Rate of one of `cpus` readers, by the rate of a single one. */
function efficiency(cpus: number, { heldNs }: ReadSideCurve, costs: Costs): number {
  const accesses = 2 * costs.rmw + costs.hit;
  // What lock and unlock take beyond their accesses; it counts as holding.
  const held = heldNs + Math.max(0, READ_SIDE_ALONE - accesses);
  const topology = new Topology(MACHINE.topology, cpus, 'spread');
  const options = { topology, costs, seed: 1, warmUp: 4 * cpus + 100, operations: 12 * cpus + 400 };
  return (held + accesses) / (nsBetweenOperations(options, reader(held, costs.smtSlowdown)) * cpus);
}

/** All of them, fitted together: one figure of one machine. */
export function validateReadSide(): ValidatedCurve[] {
  const known = costsOf(MACHINE);
  const error = (grip: number): number =>
    READ_SIDE.reduce(
      (sum, curve) =>
        firstHalf(curve.points).reduce(
          (part, [cpus, published]) =>
            part + Math.log(efficiency(cpus, curve, { ...known, grip }) / published) ** 2,
          sum,
        ),
      0,
    );
  const grip = fitOne(0.02, 1, error, ROUNDS);
  const costs = { ...known, grip };
  return READ_SIDE.map((curve) => {
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
      fitted: { grip },
      points,
      worst: worst(points),
      ...judge(points),
    };
  });
}
