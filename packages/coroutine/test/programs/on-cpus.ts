/** What simulated CPUs run in machine.spec.ts: code of percpu as it is, with nothing in it for coroutines. */
import { attachCpu, onlineCpu, rawSpinLock, rawSpinUnlock, schedule } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Memory } from '@percpu/memory';

export interface Job {
  readonly id: number;
  readonly rounds: number;
  readonly lockAt: number;
  readonly word: number;
  /** Where each CPU adds 1 when it is done: it then still answers the others' interrupts. */
  readonly done: number;
  readonly cpus: number;
}

function enter(memory: Memory, id: number): Cpu {
  const cpu = attachCpu(memory, id);
  onlineCpu(cpu);
  return cpu;
}

function stay(cpu: Cpu, { done, cpus }: Job): void {
  cpu.memory.fetchAdd(done, 1);
  while (cpu.memory.load(done) !== cpus) cpu.relax();
}

/** Adds to a word, with an access between reading and writing it, under a spin lock. */
export function spin(memory: Memory, job: Job): number {
  const cpu = enter(memory, job.id);
  for (let round = 0; round < job.rounds; round++) {
    add(cpu, job);
  }
  stay(cpu, job);
  return job.id;
}

function add(cpu: Cpu, { lockAt, word }: Job): void {
  rawSpinLock(cpu, lockAt);
  const value = cpu.memory.read(word);
  cpu.memory.write(word, value + 1);
  rawSpinUnlock(cpu, lockAt);
}

/** Without the lock: what must go wrong. */
export function race(memory: Memory, job: Job): number {
  const cpu = enter(memory, job.id);
  for (let round = 0; round < job.rounds; round++) {
    cpu.memory.write(job.word, cpu.memory.read(job.word) + 1);
  }
  stay(cpu, job);
  return job.id;
}

/** Two tasks on each CPU, which give it to one another. */
export function tasks(memory: Memory, job: Job): number {
  const cpu = enter(memory, job.id);
  let running = 2;
  for (const name of ['first', 'second']) {
    cpu.scheduler.start(name, adder(cpu, job), (outcome) => {
      if (!outcome.ok) throw outcome.error;
      running--;
    });
  }
  while (running > 0) {
    cpu.takeInterrupts();
    if (!cpu.scheduler.runNext()) cpu.relax();
  }
  stay(cpu, job);
  return job.id;
}

function* adder(cpu: Cpu, job: Job): Sleeps<void> {
  for (let round = 0; round < job.rounds; round++) {
    add(cpu, job);
    yield* schedule(cpu);
  }
}
