/** Programs of the specs tasklet-threads and trace-threads. */
import type { Ptr } from '@percpu/memory';
import {
  smpCallFunction,
  staticBranch,
  staticBranchDisable,
  staticBranchEnable,
  staticKey,
  taskletDisable,
  taskletEnable,
  taskletInit,
  taskletKill,
  taskletSchedule,
  tracepoint,
  tracepointProbeRegister,
  tracepointProbeUnregister,
  tracepointSynchronizeUnregister,
  traceSite,
} from '../../src/index.ts';
import type { Cpu, Sleeps, StaticKey, Tracepoint } from '../../src/index.ts';
import { sharedScratch } from './shared.ts';
import { barrier } from './timers.ts';

/**
 * All CPUs schedule one tasklet. Its function is never in two places at once, so a plain counter is
 * enough. Returns what it counted, what was counted atomically, and overlaps.
 */
export function* taskletStorm(cpu: Cpu, args: { steps: number }): Sleeps<number[]> {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const [plain, atomic, inside, overlaps, tasklet] = [64, 128, 132, 136, 256].map(
    (o) => at + o,
  ) as [Ptr, Ptr, Ptr, Ptr, Ptr];
  const func = cpu.text.define('exclusive', () => {
    if (memory.exchange(inside, 1) !== 0) memory.fetchAdd(overlaps, 1);
    memory.write(plain, memory.read(plain) + 1);
    memory.fetchAdd(atomic, 1);
    memory.store(inside, 0);
  });
  if (cpu.id === 0) taskletInit(cpu, tasklet, func);
  barrier(cpu, at);
  for (let step = 0; step < args.steps; step++) {
    taskletSchedule(cpu, tasklet);
    if (step % 16 === 0) {
      taskletDisable(cpu, tasklet);
      // Disabled and not running: nobody but us looks at the plain counter.
      memory.write(plain, memory.read(plain));
      taskletEnable(cpu, tasklet);
    }
    yield;
  }
  barrier(cpu, at + 4);
  if (cpu.id === 0) yield* taskletKill(cpu, tasklet);
  barrier(cpu, at + 8);
  return [memory.load(plain), memory.load(atomic), memory.load(overlaps)];
}

const hammered: Tracepoint<readonly ['value:u32']> = tracepoint('hammered', ['value:u32']);

/**
 * CPU 0 registers a probe and takes it away, again and again, while the others fire. Between the return of
 * tracepointSynchronizeUnregister and the next registration the probe's word is dead, and a probe that finds
 * it dead is an error.. Returns [errors, firings heard].
 */
export function probeStorm(cpu: Cpu, args: { rounds: number }): number[] {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const [alive, errors, heard, stop] = [64, 128, 192, 256].map((o) => at + o) as [
    Ptr,
    Ptr,
    Ptr,
    Ptr,
  ];
  const probe = cpu.text.define('listening', (self) => {
    if (memory.load(alive) === 0) memory.fetchAdd(errors, 1);
    // Takes IPIs in the middle of the probe: the new list arrives while the old one is in use.
    self.relax();
    if (memory.load(alive) === 0) memory.fetchAdd(errors, 1);
    memory.fetchAdd(heard, 1);
    self.unpark(heard);
  });
  const site = traceSite(cpu, hammered);
  barrier(cpu, at);
  if (cpu.id !== 0) {
    while (memory.load(stop) === 0) {
      if (site.enabled) site.fire(cpu.id);
      cpu.relax();
    }
  } else {
    for (let round = 0; round < args.rounds; round++) {
      const before = memory.load(heard);
      memory.store(alive, 1);
      tracepointProbeRegister(cpu, hammered, probe);
      if (cpu.nrCpus > 1) cpu.waitWhileEquals(heard, before);
      tracepointProbeUnregister(cpu, hammered, probe);
      tracepointSynchronizeUnregister(cpu);
      memory.store(alive, 0);
    }
    memory.store(stop, 1);
  }
  barrier(cpu, at + 4);
  return [memory.load(errors), memory.load(heard)];
}

const flag: StaticKey = staticKey('flag');

/** Before throwFlag, on every CPU. */
export function defineCountFlag(cpu: Cpu): void {
  const branch = staticBranch(cpu, flag);
  cpu.text.define('countFlag', (self, at) => {
    if (branch.enabled) self.memory.fetchAdd(at, 1);
  });
}

/** Throws the key on and off; after each, how many other CPUs see it on. */
export function throwFlag(cpu: Cpu, args: { rounds: number }): number[] {
  const { memory } = cpu;
  const at = sharedScratch(cpu);
  const count = cpu.text.lookup('countFlag');
  const seen: number[] = [];
  for (let round = 0; round < args.rounds; round++) {
    const change = round % 2 === 0 ? staticBranchEnable : staticBranchDisable;
    change(cpu, flag);
    memory.store(at, 0);
    smpCallFunction(cpu, count, at, true);
    seen.push(memory.load(at));
  }
  return seen;
}
