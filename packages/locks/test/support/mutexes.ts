/** Mutexes for the validator: ours, and twins that are wrong. */
import { schedule } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { mutexLock, mutexTrylock, mutexUnlock } from '../../src/index.ts';
import type { SleepingLockType } from '../../src/validate/index.ts';

const good: SleepingLockType = {
  name: 'mutex',
  lock: mutexLock,
  trylock: mutexTrylock,
  unlock: mutexUnlock,
};

/** Takes whatever it finds once it has slept. */
const takesAfterSleep: SleepingLockType = {
  name: 'mutex-takes-after-sleep',
  *lock(cpu: Cpu, at: Ptr): Sleeps<void> {
    if (cpu.memory.exchange(at, 1) !== 0) yield* schedule(cpu);
    cpu.memory.store(at, 1);
  },
  trylock: (cpu, at) => cpu.memory.exchange(at, 1) === 0,
  unlock: (cpu, at) => cpu.memory.store(at, 0),
};

export function mutexNamed(name: string): SleepingLockType {
  const found = [good, takesAfterSleep].find((type) => type.name === name);
  if (found === undefined) throw new Error(`no mutex ${name}`);
  return found;
}
