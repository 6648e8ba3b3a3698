/** Programs that sleep in the parking lot. `at`: words of 4 bytes. */
import type { Cpu } from '../../src/index.ts';
import { FIRST_FREE_VECTOR, areaOf, CpuState, PerCpuLayout } from '../../src/index.ts';

interface Args {
  readonly at: number;
  readonly rounds: number;
}

const parked = (cpu: Cpu, other: number): void => {
  const state = areaOf(cpu.machine, other) + PerCpuLayout.state;
  while (cpu.memory.readOwn(state) !== CpuState.parked) cpu.relax();
};

/** A token goes round all CPUs `rounds` times; returns how often this CPU had it. */
export function ring(cpu: Cpu, { at, rounds }: Args): number {
  const turns = rounds * cpu.nrCpus;
  let had = 0;
  for (let turn = cpu.id; turn < turns; turn += cpu.nrCpus) {
    cpu.waitUntilEquals(at, turn);
    had++;
    cpu.memory.store(at, turn + 1);
    cpu.unpark(at, turn + 1);
  }
  return had;
}

/** The same with a wake-up of everybody at each turn. */
export function ringForAll(cpu: Cpu, { at, rounds }: Args): number {
  const turns = rounds * cpu.nrCpus;
  let had = 0;
  for (let turn = cpu.id; turn < turns; turn += cpu.nrCpus) {
    for (let seen = cpu.memory.load(at); seen !== turn;) seen = cpu.waitWhileEquals(at, seen);
    had++;
    cpu.memory.store(at, turn + 1);
    cpu.unpark(at);
  }
  return had;
}

/** CPUs 1… park on `at`, each for its own value; CPU 0 releases them from the last to the first. */
export function keyed(cpu: Cpu, { at }: Args): number {
  if (cpu.id !== 0) {
    cpu.waitUntilEquals(at, cpu.id);
    const order = cpu.memory.fetchAdd(at + 4, 1);
    cpu.unpark(at + 4);
    return order;
  }
  for (let id = 1; id < cpu.nrCpus; id++) parked(cpu, id);
  for (let id = cpu.nrCpus - 1; id > 0; id--) {
    cpu.memory.store(at, id);
    cpu.unpark(at, id);
    cpu.waitUntilEquals(at + 4, cpu.nrCpus - id);
  }
  return -1;
}

/** CPU 1 parks with interrupts on or off; CPU 0 interrupts it, then ends the wait. Returns how often it was taken by then. */
export function interrupted(cpu: Cpu, { at, irqs }: Args & { irqs: 'on' | 'off' }): number {
  if (cpu.id === 1) {
    cpu.setVector(FIRST_FREE_VECTOR, (on) => {
      on.memory.fetchAdd(at + 8, 1);
      on.unpark(at + 8);
    });
    const flags = irqs === 'off' ? cpu.localIrqSave() : 0;
    cpu.waitWhileEquals(at, 0);
    const taken = cpu.memory.load(at + 8);
    if (irqs === 'off') cpu.localIrqRestore(flags);
    return taken;
  }
  parked(cpu, 1);
  cpu.raise(1, FIRST_FREE_VECTOR);
  if (irqs === 'on') cpu.waitWhileEquals(at + 8, 0);
  cpu.memory.store(at, 1);
  cpu.unpark(at);
  return -1;
}

/** An interrupt handler that itself parks, on top of a parked wait. */
export function nested(cpu: Cpu, { at }: Args): number[] {
  if (cpu.id === 1) {
    const order: number[] = [];
    cpu.setVector(FIRST_FREE_VECTOR, (on) => void order.push(on.waitWhileEquals(at + 4, 0)));
    order.push(cpu.waitWhileEquals(at, 0));
    return order;
  }
  parked(cpu, 1);
  cpu.raise(1, FIRST_FREE_VECTOR);
  const waits = areaOf(cpu.machine, 1) + PerCpuLayout.parkedAt;
  while (cpu.memory.load(waits) !== at + 4) cpu.relax();
  // The outer wait ends first, and must be noticed after the inner one.
  cpu.memory.store(at, 11);
  cpu.unpark(at);
  cpu.memory.store(at + 4, 22);
  cpu.unpark(at + 4);
  return [];
}

/** A bare relax loop that waits for long: it dozes, and still takes interrupts and ends. */
export function relaxes(cpu: Cpu, { at }: Args): number {
  if (cpu.id === 0) {
    cpu.delay(20_000_000);
    cpu.memory.store(at, 1);
    return 0;
  }
  while (cpu.memory.load(at) === 0) cpu.relax();
  return cpu.memory.readOwn(cpu.area + PerCpuLayout.state);
}
