/** Programs that call functions on other CPUs. Shared words live at the address in `args.at`. */
import type { Cpu } from '../../src/index.ts';
import {
  areaOf,
  CallSingleData,
  CpuState,
  Errno,
  irqEnter,
  irqExit,
  onEachCpu,
  onEachCpuMask,
  smpCallFunction,
  smpCallFunctionMany,
  smpCallFunctionSingle,
  smpCallFunctionSingleAsync,
  synchronizeCpus,
  PerCpuLayout,
} from '../../src/index.ts';

interface Args {
  /** 0: one counter a CPU, 4 bytes each. 64 · nrCpus: a stop word. */
  readonly at: number;
  readonly rounds: number;
}

const stopWord = (cpu: Cpu, at: number): number => at + 64 * cpu.nrCpus;

/** Adds 1 to the called CPU's counter, and checks that it runs where an interrupt handler would. */
function defineBump(cpu: Cpu): number {
  return cpu.text.define('test_bump', (on, at) => {
    if (!on.inHardirq() && !on.irqsDisabled()) throw new Error('called with interrupts on');
    on.memory.fetchAdd(at + on.id * 4, 1);
  });
}

/** All define the function, then all wait for all to have done so. */
function meet(cpu: Cpu, at: number, nth: number): void {
  const word = stopWord(cpu, at) + 4 * nth;
  const here = cpu.memory.fetchAdd(word, 1) + 1;
  cpu.unpark(word);
  for (let seen = here; seen < cpu.nrCpus;) seen = cpu.waitWhileEquals(word, seen);
}

const kinds = {
  single: (cpu: Cpu, fn: number, at: number): void => {
    for (let to = 0; to < cpu.nrCpus; to++) smpCallFunctionSingle(cpu, to, fn, at, true);
  },
  singleNoWait: (cpu: Cpu, fn: number, at: number): void => {
    for (let to = 0; to < cpu.nrCpus; to++) smpCallFunctionSingle(cpu, to, fn, at, false);
  },
  others: (cpu: Cpu, fn: number, at: number): void => {
    smpCallFunction(cpu, fn, at, true);
    smpCallFunctionSingle(cpu, cpu.id, fn, at, true);
  },
  each: (cpu: Cpu, fn: number, at: number): void => onEachCpu(cpu, fn, at, true),
  eachNoWait: (cpu: Cpu, fn: number, at: number): void => onEachCpu(cpu, fn, at, false),
  mask: (cpu: Cpu, fn: number, at: number): void => {
    const all = Array.from({ length: cpu.nrCpus }, (_, id) => id);
    onEachCpuMask(
      cpu,
      all.filter((id) => id % 2 === 0),
      fn,
      at,
      true,
    );
    smpCallFunctionMany(
      cpu,
      all.filter((id) => id % 2 === 1),
      fn,
      at,
      true,
    );
    if (cpu.id % 2 === 1) smpCallFunctionSingle(cpu, cpu.id, fn, at, true);
  },
};

export type CallKind = keyof typeof kinds;

/** Every CPU calls every CPU, `rounds` times, all at once. */
export function storm(cpu: Cpu, { at, rounds, kind }: Args & { kind: CallKind }): void {
  const fn = defineBump(cpu);
  meet(cpu, at, 0);
  for (let i = 0; i < rounds; i++) kinds[kind](cpu, fn, at);
  meet(cpu, at, 1);
  // All calls have been sent. Those for which nobody waited may still be on their way: the host counts when this returns.
  cpu.takeInterrupts();
}

/** After a call with `wait`, what the function wrote with plain stores is there. */
export function publishes(cpu: Cpu, { at, rounds }: Args): number {
  const word = at + 1024;
  const fn = cpu.text.define('test_write', (on, value) => on.memory.write(word, value));
  meet(cpu, at, 0);
  let wrong = 0;
  if (cpu.id === 0) {
    for (let i = 1; i <= rounds; i++) {
      smpCallFunctionSingle(cpu, 1 + (i % (cpu.nrCpus - 1)), fn, i, true);
      if (cpu.memory.read(word) !== i) wrong++;
    }
  }
  meet(cpu, at, 1);
  return wrong;
}

/** CPU 1 parks in a wait; CPU 0's call reaches it all the same, then the wait is ended. */
export function reachesParked(cpu: Cpu, { at }: Args): number {
  const fn = defineBump(cpu);
  meet(cpu, at, 0);
  const word = stopWord(cpu, at) + 32;
  if (cpu.id === 1) return cpu.waitWhileEquals(word, 0);
  const state = areaOf(cpu.machine, 1) + PerCpuLayout.state;
  while (cpu.memory.readOwn(state) !== CpuState.parked) cpu.relax();
  smpCallFunctionSingle(cpu, 1, fn, at, true);
  const called = cpu.memory.load(at + 4);
  cpu.memory.store(word, 77);
  cpu.unpark(word);
  return called;
}

/** With interrupts off on the target, a call is not taken until they are on again. */
export function waitsForIrqs(cpu: Cpu, { at }: Args): number {
  const fn = defineBump(cpu);
  const [off, seen] = [stopWord(cpu, at) + 32, stopWord(cpu, at) + 36];
  meet(cpu, at, 0);
  if (cpu.id === 0) {
    cpu.waitWhileEquals(off, 0);
    smpCallFunctionSingle(cpu, 1, fn, at, false);
    cpu.memory.store(seen, 1);
    cpu.unpark(seen);
    meet(cpu, at, 1);
    return cpu.memory.load(at + 4);
  }
  const flags = cpu.localIrqSave();
  cpu.memory.store(off, 1);
  cpu.unpark(off);
  cpu.waitWhileEquals(seen, 0);
  const early = cpu.memory.load(at + 4);
  cpu.localIrqRestore(flags);
  meet(cpu, at, 1);
  return early;
}

/** A called function calls on, without waiting, with a csd of its CPU's own. Returns how often that was refused. */
export function relays(cpu: Cpu, { at, rounds }: Args): number {
  const bump = defineBump(cpu);
  const csd = at + 2048 + cpu.id * CallSingleData.size;
  let busy = 0;
  const relay = cpu.text.define('test_relay', (on) => {
    const next = (on.id + 1) % on.nrCpus;
    if (smpCallFunctionSingleAsync(on, next, csd, bump, at) === Errno.EBUSY) busy++;
  });
  meet(cpu, at, 0);
  if (cpu.id === 0) {
    for (let i = 0; i < rounds; i++) smpCallFunction(cpu, relay, 0, true);
    // What was sent without waiting is taken too: it came before this, in every queue.
    synchronizeCpus(cpu);
    cpu.relax();
  }
  meet(cpu, at, 1);
  return busy;
}

/** What each function says of a CPU that is not there. */
export function offline(cpu: Cpu, { at }: Args): unknown {
  const fn = defineBump(cpu);
  const csd = at + 2048;
  const results = [
    smpCallFunctionSingle(cpu, cpu.nrCpus - 1, fn, at, true),
    smpCallFunctionSingle(cpu, 4000, fn, at, true),
    smpCallFunctionSingleAsync(cpu, cpu.nrCpus - 1, csd, fn, at),
  ];
  onEachCpu(cpu, fn, at, true);
  return [...results, cpu.memory.load(at)];
}

const contexts = {
  irqsOff: (cpu: Cpu, body: () => void): void => {
    const flags = cpu.localIrqSave();
    body();
    cpu.localIrqRestore(flags);
  },
  hardirq: (cpu: Cpu, body: () => void): void => {
    const flags = irqEnter(cpu, 'hardirq');
    body();
    irqExit(cpu, 'hardirq', flags);
  },
  bhOff: (cpu: Cpu, body: () => void): void => {
    cpu.localBhDisable();
    body();
    cpu.localBhEnable();
  },
  task: (_cpu: Cpu, body: () => void): void => body(),
};

export type ContextName = keyof typeof contexts;

export function callsFrom(cpu: Cpu, { at, context }: Args & { context: ContextName }): void {
  const fn = defineBump(cpu);
  contexts[context](cpu, () => smpCallFunctionSingle(cpu, cpu.id, fn, at, true));
}
