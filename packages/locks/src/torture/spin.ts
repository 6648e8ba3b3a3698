/** Spin locks, taken by tasks and by interrupt handlers at once, with sections of all lengths. */
import { torture } from '@percpu/experiment';
import type { Torture, TortureContext } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { clh } from '../spin/clh-lock.ts';
import { cna } from '../spin/cna-lock.ts';
import { mcs } from '../spin/mcs-lock.ts';
import { queued } from '../spin/queued-lock.ts';
import { NOT_TAKEN } from '../spin/spin-lock-type.ts';
import type { SpinLockType } from '../spin/spin-lock-type.ts';
import { tas } from '../spin/tas-lock.ts';
import { ticket } from '../spin/ticket-lock.ts';
import { ttas } from '../spin/ttas-lock.ts';
import type { BustedTwin } from './busted-twin.ts';
import { exclusiveSection, GuardedWords, verifySections } from './guarded-words.ts';

/** Nanoseconds of a long section, and one in how many is long. Linux: long_hold of locktorture, which is 100 ms. */
const LONG_NS = 20_000;
const LONG_EVERY = 64;

/** The lock lies behind the words that it guards. */
const lockAt = (at: Ptr): Ptr => at + GuardedWords.size;

export function spinTorture(type: SpinLockType, twin?: BustedTwin): Torture {
  return torture<Cpu>({
    name: twin?.name ?? `${type.name}-torture`,
    title: `${type.name} spin lock, in tasks and interrupts`,
    description:
      twin?.wrong ??
      'One at a time, whoever comes: tasks with interrupts off, tasks that only try, interrupt handlers.',
    ...(twin === undefined ? {} : { mustFail: twin.mustFail }),
    setup(cpu, { alloc }) {
      const at = alloc(GuardedWords.size + type.layout.size, GuardedWords.align);
      type.init(cpu, lockAt(at));
      cpu.memory.describe(at, GuardedWords);
      return at;
    },
    round(cpu, at, context) {
      takeOnce(type, cpu, at, context);
    },
    interrupt(cpu, at) {
      type.lock(cpu, lockAt(at));
      exclusiveSection(cpu, at, 0);
      type.unlock(cpu, lockAt(at));
    },
    verify: verifySections,
  });
}

function takeOnce(type: SpinLockType, cpu: Cpu, at: Ptr, { random }: TortureContext): void {
  const lock = lockAt(at);
  const ns = random.below(LONG_EVERY) === 0 ? LONG_NS : random.below(200);
  if (random.below(4) === 0) {
    const flags = type.trylockIrqsave(cpu, lock);
    if (flags === NOT_TAKEN) return;
    exclusiveSection(cpu, at, ns);
    type.unlockIrqrestore(cpu, lock, flags);
  } else if (random.below(2) === 0) {
    type.lockIrq(cpu, lock);
    exclusiveSection(cpu, at, ns);
    type.unlockIrq(cpu, lock);
  } else {
    const flags = type.lockIrqsave(cpu, lock);
    exclusiveSection(cpu, at, ns);
    type.unlockIrqrestore(cpu, lock, flags);
  }
}

export const spinTortures: readonly Torture[] = [tas, ttas, ticket, mcs, clh, queued, cna].map(
  (type) => spinTorture(type),
);
