/**
 * One validator for all spin locks. Every CPU of a machine runs `validateSpinLock` at the same time; the
 * verdicts say what was seen that a lock must not let happen.
 *
 *   mutual exclusion   nobody else is inside; three words that change together are never seen apart
 *   no lost update     the words end at the number of acquisitions (whoever adds up the verdicts checks)
 *   context restored   preemption, interrupts and bottom halves are after unlock what they were before lock
 *   trylock            does not wait: a failed one leaves the CPU as it was
 *
 * Every 16th section lingers until another CPU tries to get in, and some more, and gives its host core
 * away if need be. So sections do meet attempts, on one core as well as on many, and a lock that lets two
 * CPUs in is caught.
 */
import type { Cpu } from '@percpu/machine';
import { cacheAligned, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { NOT_TAKEN } from '../spin/spin-lock-type.ts';
import type { SpinLockType } from '../spin/spin-lock-type.ts';

const fields = {
  /** CPUs that have come to the start, all of which begin together. */
  arrived: cacheAligned('u32'),
  /** CPUs that have done their rounds. */
  finished: cacheAligned('u32'),
  /** Attempts of all CPUs to take the lock, counted before they are made. */
  attempts: cacheAligned('u32'),
  /** CPUs inside. Atomic: it has to be right when the lock is wrong. */
  inside: cacheAligned('u32'),
  /** Plain, guarded by the lock. */
  first: cacheAligned('u32'),
  second: cacheAligned('u32'),
  third: cacheAligned('u32'),
} as const;

/** What the CPUs share besides the lock. All words 0 at the start. */
export const SpinArena: Layout<
  Record<'arrived' | 'finished' | 'attempts' | 'inside' | 'first' | 'second' | 'third', unknown>
> = layout(fields, {
  name: 'SpinArena',
});

export interface SpinValidation {
  readonly type: SpinLockType;
  /** The lock, free. */
  readonly lock: Ptr;
  /** A `SpinArena`. */
  readonly arena: Ptr;
  /** CPUs that take part. */
  readonly cpus: number;
  /** Acquisitions of each. */
  readonly rounds: number;
}

export interface SpinVerdict {
  readonly acquired: number;
  /** What went wrong, at most `MAX_VIOLATIONS` of each CPU; empty: nothing. */
  readonly violations: readonly string[];
}

export const MAX_VIOLATIONS = 8;
const LONG_ROUND = 16;
/** Relax turns that a long section waits for an attempt: enough to doze twice. */
const LINGER_TURNS = 5000;
/** And turns for that attempt to succeed. */
const ATTEMPT_TURNS = 100;

interface Watch {
  readonly cpu: Cpu;
  readonly run: SpinValidation;
  readonly violations: string[];
}

/** The forms in which a lock is taken, in turn: each runs `section` under the lock, false when it did not get it. */
const FORMS: readonly ((watch: Watch, round: number) => boolean)[] = [
  (watch, round) => {
    const { type, lock } = watch.run;
    type.lock(watch.cpu, lock);
    section(watch, round);
    type.unlock(watch.cpu, lock);
    return true;
  },
  (watch, round) => {
    const { type, lock } = watch.run;
    const flags = type.lockIrqsave(watch.cpu, lock);
    if (!watch.cpu.irqsDisabled()) violate(watch, 'interrupts are on after lockIrqsave');
    section(watch, round);
    type.unlockIrqrestore(watch.cpu, lock, flags);
    return true;
  },
  (watch, round) => {
    const { type, lock } = watch.run;
    if (!type.trylock(watch.cpu, lock)) return false;
    section(watch, round);
    type.unlock(watch.cpu, lock);
    return true;
  },
  (watch, round) => {
    const { type, lock } = watch.run;
    type.lockBh(watch.cpu, lock);
    if (!watch.cpu.inSoftirq()) violate(watch, 'bottom halves are on after lockBh');
    section(watch, round);
    type.unlockBh(watch.cpu, lock);
    return true;
  },
  (watch, round) => {
    const { type, lock } = watch.run;
    const flags = type.trylockIrqsave(watch.cpu, lock);
    if (flags === NOT_TAKEN) return false;
    section(watch, round);
    type.unlockIrqrestore(watch.cpu, lock, flags);
    return true;
  },
];

/** On every CPU that takes part, with the same arguments. Task context, interrupts on. */
export function validateSpinLock(cpu: Cpu, run: SpinValidation): SpinVerdict {
  const watch: Watch = { cpu, run, violations: [] };
  const count = cpu.preemptCount();
  meet(cpu, run);
  let acquired = 0;
  let form = cpu.id;
  while (acquired < run.rounds) {
    cpu.memory.fetchAdd(run.arena + SpinArena.attempts, 1);
    if (FORMS[form % FORMS.length]!(watch, acquired)) acquired++;
    else cpu.relax();
    // A CPU whose context is wrong can do no more.
    if (!contextRestored(watch, count)) break;
    form++;
  }
  cpu.memory.fetchAdd(run.arena + SpinArena.finished, 1);
  return { acquired, violations: watch.violations };
}

/** Puts the context right again where it is not, so that the CPU can go on to report it. */
function contextRestored(watch: Watch, count: number): boolean {
  const { cpu } = watch;
  const preemption = cpu.preemptCount() === count;
  if (!preemption) {
    violate(watch, 'the preempt count is not what it was');
    cpu.preemptCountAdd(count - cpu.preemptCount());
  }
  const interrupts = !cpu.irqsDisabled();
  if (!interrupts) {
    violate(watch, 'interrupts are off after the unlock');
    cpu.localIrqEnable();
  }
  return preemption && interrupts;
}

/** Waits until all CPUs are here. */
function meet(cpu: Cpu, { arena, cpus }: SpinValidation): void {
  const at = arena + SpinArena.arrived;
  let here = cpu.memory.fetchAdd(at, 1) + 1;
  cpu.unpark(at);
  while (here < cpus) here = cpu.waitWhileEquals(at, here);
}

function section(watch: Watch, round: number): void {
  const { cpu, run } = watch;
  const { memory } = cpu;
  const { arena } = run;
  const others = memory.fetchAdd(arena + SpinArena.inside, 1);
  if (others !== 0) violate(watch, `${others + 1} CPUs inside at the same time`);
  const first = memory.read(arena + SpinArena.first);
  const second = memory.read(arena + SpinArena.second);
  const third = memory.read(arena + SpinArena.third);
  if (first !== second || second !== third) {
    violate(watch, `three words that change together read ${first}, ${second}, ${third}`);
  }
  memory.write(arena + SpinArena.first, first + 1);
  if (round % LONG_ROUND === 0) linger(watch);
  memory.write(arena + SpinArena.second, second + 1);
  memory.write(arena + SpinArena.third, third + 1);
  memory.fetchAdd(arena + SpinArena.inside, -1);
}

function linger(watch: Watch): void {
  const { cpu, run } = watch;
  const { memory } = cpu;
  const seen = memory.load(run.arena + SpinArena.attempts);
  let left = LINGER_TURNS;
  while (left > 0 && memory.load(run.arena + SpinArena.attempts) === seen) {
    if (memory.load(run.arena + SpinArena.finished) === run.cpus - 1) return;
    cpu.relax();
    left--;
  }
  for (let turn = 0; turn < ATTEMPT_TURNS; turn++) {
    cpu.relax();
    const inside = memory.load(run.arena + SpinArena.inside);
    if (inside > 1) {
      violate(watch, `${inside} CPUs inside at the same time`);
      return;
    }
  }
}

function violate({ cpu, run, violations }: Watch, what: string): void {
  if (violations.length < MAX_VIOLATIONS)
    violations.push(`${run.type.name} on CPU ${cpu.id}: ${what}`);
}
