/** Programs that go wrong, each in its own way. `who` is the CPU that does; the others spin or sleep. */
import type { Cpu, Sleeps } from '../../src/index.ts';
import { bug, panic, warn } from '../../src/index.ts';

interface Who {
  readonly who: number;
  /** CPUs that must be spinning before it happens. Default 0. */
  readonly audience?: number;
}

const spin = (cpu: Cpu): never => {
  for (;;) cpu.relax();
};

const others = (cpu: Cpu, { who, audience = 0 }: Who, wrong: () => unknown): unknown => {
  // The first slot of the once-table: nothing else in these programs uses it.
  const present = cpu.machine.onceTable;
  if (cpu.id !== who) {
    cpu.memory.fetchAdd(present, 1);
    return spin(cpu);
  }
  while (cpu.memory.load(present) < audience) cpu.relax();
  return wrong();
};

export const throws = (cpu: Cpu, who: Who): unknown =>
  others(cpu, who, () => {
    throw new TypeError('of all the gin joints');
  });

export const throwsString = (cpu: Cpu, who: Who): unknown =>
  others(cpu, who, () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- programs do such things
    throw 'a bare string';
  });

export function* throwsAsTask(cpu: Cpu, { who }: Who): Sleeps<void> {
  yield;
  if (cpu.id === who) throw new RangeError('from a generator');
  for (;;) yield;
}

export async function rejects(cpu: Cpu, { who }: Who): Promise<void> {
  await Promise.resolve();
  if (cpu.id === who) throw new RangeError('from an async program');
  await new Promise(() => {});
}

export const hitsBug = (cpu: Cpu, who: Who): unknown =>
  others(cpu, who, () => bug(cpu, 'the impossible happened'));

export const panics = (cpu: Cpu, who: Who): unknown =>
  others(cpu, who, () => panic(cpu, 'enough is enough'));

export const callsNull = (cpu: Cpu, who: Who): unknown => others(cpu, who, () => cpu.text.call(0));

export const warns = (cpu: Cpu, who: Who): unknown =>
  others(cpu, who, () => warn(cpu, true, 'that looks odd'));

export const exits = (cpu: Cpu, who: Who): unknown => others(cpu, who, () => process.exit(3));

export const floatingRejection = async (cpu: Cpu, { who }: Who): Promise<void> => {
  if (cpu.id === who) void Promise.reject(new Error('nobody awaits me'));
  await new Promise(() => {});
};

export const spinsInPureJs = (cpu: Cpu, who: Who): unknown =>
  others(cpu, who, () => {
    for (let i = 0; ; i++) if (i < 0) return i;
  });

export const asyncThenSpins = async (cpu: Cpu, { who }: Who): Promise<void> => {
  await Promise.resolve();
  if (cpu.id === who) for (let i = 0; ; i++) if (i < 0) return;
  await new Promise(() => {});
};

export const deadlocks = (cpu: Cpu, { who }: Who): unknown => {
  if (cpu.id === who) cpu.waitWhileEquals(cpu.machine.onceTable, 0);
  return cpu.id;
};

/** Two CPUs hand a word to and fro, asleep in between: each wait is short, and there is no end of them. */
export const waitsAgainAndAgain = (cpu: Cpu): number => {
  const { memory, machine } = cpu;
  const at = machine.onceTable;
  const until = cpu.now() + 500e6;
  let turns = 0;
  while (cpu.now() < until) {
    // 2: the other has had enough.
    if (cpu.waitWhileEquals(at, 1 - cpu.id) === 2) break;
    memory.store(at, 1 - cpu.id);
    cpu.unpark(at);
    turns++;
  }
  memory.store(at, 2);
  cpu.unpark(at);
  return turns;
};

export const spinsWithRelax = spin;

export const allocates = (cpu: Cpu, who: Who): unknown =>
  others(cpu, who, () => {
    const hoard: number[][] = [];
    for (;;) hoard.push(Array.from({ length: 10_000 }, (_, i) => i + hoard.length));
  });

export const overflowsStack = (cpu: Cpu, who: Who): unknown =>
  others(cpu, who, function deeper(): unknown {
    return [deeper()];
  });

/** Catches everything, like an over-careful retry loop: being stopped must still stop it. */
export const catchesAll = (cpu: Cpu, who: Who): unknown => {
  if (cpu.id === who.who) throw new Error('the first to fall');
  for (let caught = 0; ;) {
    try {
      cpu.relax();
    } catch {
      caught++;
    }
    if (caught > 100) return caught;
  }
};

export const returnsFunction = (): unknown => () => 1;
export const notAFunction = 42;
