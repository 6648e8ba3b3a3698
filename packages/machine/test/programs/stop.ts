import {
  cpuOnline,
  cpuDown,
  cpuUp,
  Errno,
  schedule,
  smpCallFunctionMany,
  stopMachine,
  stopOneCpu,
} from '../../src/index.ts';
import type { Cpu, Sleeps } from '../../src/index.ts';
import { sharedScratch } from './shared.ts';

/** Words of the scratch area. */
const COUNTER = 0;
const STOPPED = 128;
const IPIS = 256;
const RUNNING = 384;

/** Adds in two steps: only right if nobody else runs meanwhile. */
function slowAdd(cpu: Cpu, data: number): number {
  const at = sharedScratch(cpu) + COUNTER;
  const before = cpu.memory.read(at);
  if (!cpu.irqsDisabled()) throw new Error('stopMachine ran its function with interrupts on');
  cpu.delay(200);
  cpu.memory.write(at, before + data);
  return 0;
}

function whoRuns(cpu: Cpu): number {
  cpu.memory.fetchOr(sharedScratch(cpu) + STOPPED, 1 << cpu.id);
  return cpu.id === 2 ? Errno.EIO : 0;
}

function countIpi(cpu: Cpu): void {
  cpu.memory.fetchAdd(sharedScratch(cpu) + IPIS, 1);
}

export function defineStops(cpu: Cpu): void {
  cpu.text.define('slowAdd', slowAdd);
  cpu.text.define('whoRuns', whoRuns);
  cpu.text.define('countIpi', countIpi);
  cpu.text.define('ownNumber', (here: Cpu, data: number) => here.id + data);
}

export function* stops(cpu: Cpu): Sleeps<unknown> {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const run = function* (on?: number[]): Sleeps<[number, number]> {
    memory.store(at + STOPPED, 0);
    const result = yield* stopMachine(cpu, cpu.text.lookup('whoRuns'), 0, on);
    return [result, memory.load(at + STOPPED)];
  };
  return {
    first: yield* run(),
    none: yield* run([]),
    one: yield* run([3]),
    failing: yield* run([1, 2]),
    all: yield* run([0, 1, 2, 3]),
    unknown: yield* run([4]),
    each: [
      yield* stopOneCpu(cpu, 0, cpu.text.lookup('ownNumber'), 10),
      yield* stopOneCpu(cpu, 3, cpu.text.lookup('ownNumber'), 10),
      yield* stopOneCpu(cpu, 9, cpu.text.lookup('ownNumber'), 10),
    ],
  };
}

/** Every CPU stops the machine, and sends IPIs to all others in between. */
export function* stopStorm(cpu: Cpu, args: { rounds: number }): Sleeps<[number, number]> {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const others = Array.from({ length: cpu.nrCpus }, (_, id) => id).filter((id) => id !== cpu.id);
  for (let round = 0; round < args.rounds; round++) {
    yield* stopMachine(cpu, cpu.text.lookup('slowAdd'), 1);
    cpu.preemptDisable();
    smpCallFunctionMany(cpu, others, cpu.text.lookup('countIpi'), 0, true);
    cpu.preemptEnable();
  }
  memory.fetchAdd(at + RUNNING, 1);
  while (memory.load(at + RUNNING) < cpu.nrCpus) yield* schedule(cpu);
  return [memory.read(at + COUNTER), memory.load(at + IPIS)];
}

/** CPU 0 stops the others, which spin in plain code with preemption on. */
export function spinUntilStopped(cpu: Cpu): number {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  if (cpu.id === 0) {
    while (memory.load(at + RUNNING) < cpu.nrCpus - 1) cpu.relax();
    cpu.block(stopMachine(cpu, cpu.text.lookup('slowAdd'), 1));
    memory.store(at + STOPPED, 1);
    cpu.unpark(at + STOPPED);
    return memory.read(at + COUNTER);
  }
  memory.fetchAdd(at + RUNNING, 1);
  while (memory.load(at + STOPPED) === 0) cpu.relax();
  return cpu.id;
}

export function* hotplugStorm(cpu: Cpu, args: { rounds: number }): Sleeps<number> {
  let taken = 0;
  for (let round = 0; round < args.rounds; round++) {
    const target = (cpu.id + 1 + round) % cpu.nrCpus;
    const down = yield* cpuDown(cpu, target);
    if (down === 0) taken++;
    else if (down !== Errno.EBUSY) throw new Error(`cpuDown: ${down}`);
    const up = yield* cpuUp(cpu, target);
    if (up !== 0) throw new Error(`cpuUp: ${up}`);
    yield* schedule(cpu);
  }
  return taken;
}

export function* downAndUp(cpu: Cpu): Sleeps<unknown> {
  const online = (): boolean[] => [0, 1, 2].map((id) => cpuOnline(cpu.memory, cpu.machine, id));
  const log: unknown[] = [];
  log.push(['down 1', yield* cpuDown(cpu, 1), online()]);
  log.push(['down 1 again', yield* cpuDown(cpu, 1), online()]);
  log.push(['stop without it', yield* stopMachine(cpu, cpu.text.lookup('slowAdd'), 1)]);
  log.push(['stop on it', yield* stopMachine(cpu, cpu.text.lookup('slowAdd'), 1, [1])]);
  log.push(['down 2', yield* cpuDown(cpu, 2), online()]);
  log.push(['down 0', yield* cpuDown(cpu, 0), online()]);
  log.push(['down 7', yield* cpuDown(cpu, 7)]);
  log.push(['up 2', yield* cpuUp(cpu, 2), online()]);
  log.push(['up 1', yield* cpuUp(cpu, 1), online()]);
  log.push(['up 1 again', yield* cpuUp(cpu, 1), online()]);
  log.push(['up -1', yield* cpuUp(cpu, -1)]);
  return log;
}
