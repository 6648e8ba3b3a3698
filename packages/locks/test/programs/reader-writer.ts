/** Programs for reader-writer locks; locks cross threads by name. */
import { schedule } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { readSeqbegin, readSeqretry, writeSeqlock, writeSequnlock } from '../../src/index.ts';
import { validateRwLock } from '../../src/validate/index.ts';
import type { RwVerdict } from '../../src/validate/index.ts';
import { rwLockNamed } from '../support/rw-locks.ts';

export interface RwArgs {
  readonly type: string;
  readonly lock: number;
  readonly arena: number;
  readonly tasks: number;
  readonly rounds: number;
  readonly sleeps: boolean;
}

/** On one CPU, before the others come. */
export function init(cpu: Cpu, { type, lock }: Pick<RwArgs, 'type' | 'lock'>): void {
  rwLockNamed(type).init(cpu, lock);
}

/** `tasks` tasks on this CPU; returns what all of them saw. */
export function* validate(cpu: Cpu, { type, tasks, ...rest }: RwArgs): Sleeps<RwVerdict[]> {
  const run = { ...rest, type: rwLockNamed(type) };
  const verdicts: RwVerdict[] = [];
  for (let i = 0; i < tasks; i++) {
    cpu.scheduler.start(`task ${i}`, validateRwLock(cpu, run), (outcome) => {
      if (!outcome.ok) throw outcome.error;
      verdicts.push(outcome.value as RwVerdict);
    });
  }
  while (verdicts.length < tasks) yield* schedule(cpu);
  return verdicts;
}

interface SeqArgs {
  readonly lock: number;
  readonly data: number;
  readonly rounds: number;
}

/** CPU 0 writes two words, the others read them. Returns how many pairs were torn, and the last one. */
export function seqlock(cpu: Cpu, { lock, data, rounds }: SeqArgs): { torn: number; last: number } {
  const { memory } = cpu;
  let torn = 0;
  let last = 0;
  for (let round = 1; last < rounds; round++) {
    if (cpu.id === 0) {
      writeSeqlock(cpu, lock);
      memory.store(data, round);
      memory.store(data + 4, round);
      writeSequnlock(cpu, lock);
      last = round;
    } else {
      let start: number;
      let second: number;
      do {
        start = readSeqbegin(cpu, lock);
        last = memory.load(data);
        second = memory.load(data + 4);
      } while (readSeqretry(cpu, lock, start));
      if (last !== second) torn++;
    }
    cpu.relax();
  }
  return { torn, last };
}
