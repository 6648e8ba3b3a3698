/** Interrupts that arrive while a CPU is on its way to sleep, with handlers that sleep too. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { FIRST_FREE_VECTOR } from '../../interrupt-bits.ts';
import { parkOnce } from '../../parking.ts';

interface Words {
  /** What the program of CPU 1 waits for. */
  readonly outer: Ptr;
}

/** `guarded` false: CPU 1 takes interrupts wherever it is. */
export function nestedSleep(w: World<Cpu>, guarded: boolean): Words {
  const outer = w.alloc(128);
  const inner = w.alloc(128);
  const cpu = w.cpus[1]!;
  // It finds out on the way to sleep that it need not: nobody has to wake it.
  cpu.setVector(FIRST_FREE_VECTOR, () => parkOnce(cpu, inner, 1, false));
  if (!guarded)
    Object.defineProperty(cpu, 'goingToSleep', { get: () => false, set: () => undefined });
  return { outer };
}

export function release(p: Program<Cpu>, { outer }: Words): void {
  p.memory.store(outer, 1);
  p.cpu.unpark(outer);
}

/** With an interrupt on its way that may arrive anywhere in the sleep. */
export function sleepInterrupted(p: Program<Cpu>, { outer }: Words): void {
  p.cpu.raise(1, FIRST_FREE_VECTOR);
  // eslint-disable-next-line percpu/spin-loop-relaxes -- it sleeps in parkOnce, which is what is explored
  while (p.memory.load(outer) === 0) {
    parkOnce(p.cpu, outer, 0, false);
    p.cpu.takeInterrupts();
  }
}

const sleepNested: Exploration = exploration<Words, Cpu>({
  name: 'sleep-nested',
  title: 'An interrupt whose handler sleeps does not hide a CPU that is going to sleep',
  description:
    'CPU 1 is found in the parking lot by one address. Between the first and the last access of its sleep it takes no interrupt.',
  on: 'machine',
  setup: (w: World<Cpu>) => nestedSleep(w, true),
  programs: [release, sleepInterrupted],
});

export const nested: readonly Exploration[] = [sleepNested];
