/** Programs whose CPUs share objects that one of them frees. */
import type { Cpu } from '@percpu/machine';
import {
  Lockref,
  lockrefGetNotDead,
  lockrefInit,
  lockrefMarkDead,
  lockrefPutOrLock,
  lockrefUnlock,
  refcountDecAndTest,
  refcountIncNotZero,
  refcountSet,
} from '../../src/index.ts';

export interface ShareArgs {
  readonly refs: number;
  readonly lockrefs: number;
  /** Two words for each round: 1 when the object has been freed. */
  readonly objects: number;
  readonly start: number;
  readonly rounds: number;
}

/** Takes and drops references to each object; CPU 0 drops the first one. How many this CPU freed, of either sort. */
export function shareObjects(cpu: Cpu, args: ShareArgs): [number, number] {
  const { refs, lockrefs, objects, start, rounds } = args;
  const { memory } = cpu;
  if (cpu.id === 0) {
    for (let i = 0; i < rounds; i++) {
      refcountSet(cpu, refs + 4 * i, 1);
      lockrefInit(cpu, lockrefs + Lockref.size * i, 1);
    }
    memory.store(start, 1);
    cpu.unpark(start);
  }
  cpu.waitWhileEquals(start, 0);
  const freed: [number, number] = [0, 0];
  const use = (object: number): void => {
    if (memory.read(object) !== 0) throw new Error('used after it was freed');
  };
  for (let i = 0; i < rounds; i++) {
    const count = refs + 4 * i;
    const lockref = lockrefs + Lockref.size * i;
    if (cpu.id === 0 || refcountIncNotZero(cpu, count)) {
      use(objects + 8 * i);
      if (refcountDecAndTest(cpu, count)) {
        memory.write(objects + 8 * i, 1);
        freed[0]++;
      }
    }
    if (cpu.id === 0 || lockrefGetNotDead(cpu, lockref)) {
      use(objects + 8 * i + 4);
      if (lockrefPutOrLock(cpu, lockref)) continue;
      lockrefMarkDead(cpu, lockref);
      lockrefUnlock(cpu, lockref);
      memory.write(objects + 8 * i + 4, 1);
      freed[1]++;
    }
  }
  return freed;
}
