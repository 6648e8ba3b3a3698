/** A worker thread of the user's own, which becomes a CPU for a while. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Cpu, JoinHandle, Sleeps } from '../../src/index.ts';
import { join, leave, onEachCpu } from '../../src/index.ts';
import { defineBump } from './join-calls.ts';

interface Data {
  readonly handle: JoinHandle;
  readonly what: keyof typeof actions;
  readonly at: number;
}

function* counts(cpu: Cpu): Sleeps<number> {
  let turns = 0;
  for (let i = 0; i < 5; i++) {
    yield;
    turns++;
  }
  return cpu.id * 100 + turns;
}

const actions = {
  /** Runs a task to its end on this thread. */
  block: (cpu: Cpu): unknown => cpu.block(counts(cpu)),
  /** Calls all CPUs, which must have the function. */
  callsAll: (cpu: Cpu, at: number): unknown => {
    onEachCpu(cpu, defineBump(cpu, at), at, true);
    return cpu.id;
  },
  /** Stays in its event loop until it has been called. */
  isCalled: async (cpu: Cpu, at: number): Promise<unknown> => {
    parentPort!.postMessage('ready');
    while (cpu.memory.load(at + cpu.id * 4) === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return cpu.id;
  },
  /** Comes and goes while others call it all the time. */
  comesAndGoes: async (cpu: Cpu): Promise<unknown> => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return cpu.id;
  },
  dies: async (cpu: Cpu): Promise<unknown> => {
    parentPort!.postMessage('ready');
    try {
      for (;;) cpu.relax();
    } catch (error) {
      return (error as Error).name;
    }
  },
} satisfies Record<string, (cpu: Cpu, at: number) => unknown>;

const { handle, what, at } = workerData as Data;
const rounds = what === 'comesAndGoes' ? 20 : 1;
let result: unknown;
for (let round = 0; round < rounds; round++) {
  const cpu = join(handle, (self) => void defineBump(self, at));
  result = await actions[what](cpu, at);
  leave(cpu);
}
parentPort!.postMessage({ result });
