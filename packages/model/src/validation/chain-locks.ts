/**
 * The locks of curve G in the simulator: the bare algorithms on a machine on which nothing costs anything but what the chain
 * charges.
 *
 *   ticket   spinners fetch the line one by one, c apart, from the moment of the store: c × (place of the next holder), and
 *            c/2 for the transfer itself, which nobody pays who finds the lock free: c(k−1)/2 on average. The chain counts a core
 *            in until its hand-over is complete, so here it stays until the next one has the lock
 *   mcs      three lines travel: `next` of the holder's node, the flag to the holder, the flag back: T = c/3
 */
import type { Costs } from '../profile/costs.ts';
import { Topology } from '../profile/topology.ts';
import { nsBetweenOperations } from './bare-run.ts';
import type { BareCpu, Program } from './bare-run.ts';
import type { Chain, ChainLock } from './markov.ts';

const NEXT = 0x2000;
const SERVING = 0x2100;
const TAKEN = 0x2300;
const TAIL = 0x2200;
/** Turns. */
const FOR_EVER = 2 ** 40;
const nodeOf = (cpu: number): number => 0x4000 + cpu * 256;
/** On a line of its own. */
const FLAG = 128;

/** (a + s) × sections per ns, simulated. */
export function simulatedSpeedUp(
  lock: ChainLock,
  chain: Chain,
  seed: number,
  sections: number,
): number {
  const { cores, a, s, c } = chain;
  const topology = new Topology(
    { sockets: 1, llcsPerSocket: 1, coresPerLlc: cores, threadsPerCore: 1, socketsPerGroup: 1 },
    cores,
  );
  const program = lock === 'ticket' ? ticket(a, s, c / 2) : mcs(a, s);
  const options = {
    topology,
    costs: costs(lock, c),
    seed,
    warmUp: sections / 10,
    operations: sections,
  };
  return (a + s) / nsBetweenOperations(options, program);
}

function costs(lock: ChainLock, c: number): Costs {
  const transfer = new Float64Array(7).fill(lock === 'ticket' ? 0 : c / 3);
  transfer[0] = 0;
  const free = {
    hit: 0,
    rmw: 0,
    grip: 0,
    pause: 0,
    ipiSend: 0,
    ipiDeliver: 0,
  };
  const never = { interrupt: 0, idleExit: 0, notify: 0, notifyNobody: 0, wakeLatency: 0 };
  return { ...free, ...never, smtSlowdown: 1, refetch: c, transfer };
}

function* work(cpu: BareCpu, mean: number): Generator<unknown, void, number> {
  const ns = -Math.log(1 - cpu.random.fraction()) * mean;
  yield* cpu.access((memory) => memory.delay(ns));
}

function ticket(a: number, s: number, travel: number): Program {
  return function* (cpu) {
    for (;;) {
      yield* work(cpu, a);
      const mine = yield* cpu.access((memory) => memory.fetchAdd(NEXT, 1));
      let waited = 0;
      while ((yield* cpu.access((memory) => memory.load(SERVING))) !== mine) {
        yield* cpu.access((memory) => memory.pause(SERVING, mine, true, FOR_EVER));
        waited = travel;
      }
      yield* cpu.access((memory) => memory.delay(waited));
      yield* cpu.access((memory) => memory.store(TAKEN, mine));
      yield* work(cpu, s);
      cpu.count();
      yield* cpu.access((memory) => memory.store(SERVING, mine + 1));
      if ((yield* cpu.access((memory) => memory.load(NEXT))) === mine + 1) continue;
      while ((yield* cpu.access((memory) => memory.load(TAKEN))) === mine)
        yield* cpu.access((memory) => memory.pause(TAKEN, mine, false, FOR_EVER));
    }
  };
}

function mcs(a: number, s: number): Program {
  return function* (cpu) {
    const node = nodeOf(cpu.id);
    for (;;) {
      yield* work(cpu, a);
      yield* cpu.access((memory) => memory.store(node, 0));
      yield* cpu.access((memory) => memory.store(node + FLAG, 1));
      const before = yield* cpu.access((memory) => memory.exchange(TAIL, node));
      if (before !== 0) {
        yield* cpu.access((memory) => memory.store(before, node));
        while ((yield* cpu.access((memory) => memory.load(node + FLAG))) === 1)
          yield* cpu.access((memory) => memory.pause(node + FLAG, 1, false, FOR_EVER));
      }
      yield* work(cpu, s);
      cpu.count();
      yield* mcsRelease(cpu, node);
    }
  };
}

function* mcsRelease(cpu: BareCpu, node: number): Generator<unknown, void, number> {
  let behind = yield* cpu.access((memory) => memory.load(node));
  if (behind === 0) {
    if ((yield* cpu.access((memory) => memory.compareExchange(TAIL, node, 0))) === node) return;
    while ((behind = yield* cpu.access((memory) => memory.load(node))) === 0)
      yield* cpu.access((memory) => memory.pause(node, 0, false, FOR_EVER));
  }
  yield* cpu.access((memory) => memory.store(behind + FLAG, 0));
}
