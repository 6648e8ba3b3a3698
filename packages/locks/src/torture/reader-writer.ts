/** Reader-writer locks whose waiters sleep: readers that must find what does not change, writers that must be alone. */
import { torture } from '@percpu/experiment';
import type { Torture } from '@percpu/experiment';
import { condResched } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { percpuRwsem } from '../reader-writer/percpu-rwsem.ts';
import type { RwSleepingType } from '../reader-writer/rw-sleeping-type.ts';
import { rwsem } from '../reader-writer/rwsem.ts';
import type { BustedTwin } from './busted-twin.ts';
import { exclusiveSection, GuardedWords, verifySections } from './guarded-words.ts';

const TASKS = 3;
/** One turn in so many writes. */
const WRITE_EVERY = 4;

const lockAt = (at: Ptr): Ptr => at + GuardedWords.size;

export function rwTorture(type: RwSleepingType, twin?: BustedTwin): Torture {
  return torture<Cpu>({
    name: twin?.name ?? `${type.name}-torture`,
    title: `${type.name}, ${TASKS} tasks on each CPU that read and write`,
    description:
      twin?.wrong ??
      'A writer is alone, readers find the same as long as they are inside: also those that only try, and give their CPU away.',
    ...(twin === undefined ? {} : { mustFail: twin.mustFail }),
    tasks: TASKS,
    setup(cpu, { alloc }) {
      const at = alloc(GuardedWords.size + type.layout.size, GuardedWords.align);
      type.init(cpu, lockAt(at));
      cpu.memory.describe(at, GuardedWords);
      return at;
    },
    *round(cpu, at, { random }): Sleeps<void> {
      const lock = lockAt(at);
      const ns = random.below(200);
      const gives = random.below(4) === 0;
      if (random.below(WRITE_EVERY) === 0) {
        yield* type.downWrite(cpu, lock);
        exclusiveSection(cpu, at, ns);
        if (gives) yield* condResched(cpu);
        type.upWrite(cpu, lock);
        return;
      }
      if (random.below(4) !== 0) yield* type.downRead(cpu, lock);
      else if (!type.downReadTrylock(cpu, lock)) return;
      const { memory } = cpu;
      const first = memory.read(at + GuardedWords.first);
      if (gives) yield* condResched(cpu);
      else cpu.delay(ns);
      const second = memory.read(at + GuardedWords.second);
      const inside = memory.load(at + GuardedWords.inside);
      type.upRead(cpu, lock);
      if (inside !== 0)
        throw new Error(`a writer is inside already, beside CPU#${cpu.id}, which reads`);
      if (first !== second) throw new Error(`the guarded words are apart: ${first} and ${second}`);
    },
    verify: verifySections,
  });
}

export const rwTortures: readonly Torture[] = [rwsem, percpuRwsem].map((type) => rwTorture(type));
