/** Local locks: what runs on one CPU excludes itself, and no other CPU waits for it. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR, NET_RX_SOFTIRQ, openSoftirq, raiseSoftirq } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { layout, percpuAlloc, perCpuPtr } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import {
  LocalLock,
  localLock,
  localLockBh,
  localLockIrqsave,
  localLockIsLocked,
  localTrylock,
  localTrylockIrqsave,
  localUnlock,
  localUnlockBh,
  localUnlockIrqrestore,
} from '../../spin/local-lock.ts';
import { NOT_TAKEN } from '../../spin/spin-lock-type.ts';
import { PURE_SPINNING } from '../waiting.ts';

const Count = layout({ n: 'u32', missed: 'u32' }, { name: 'Count' });
const VECTOR = FIRST_FREE_VECTOR;

interface State {
  /** Offsets within the per-CPU areas. */
  readonly lock: Ptr;
  readonly count: Ptr;
}

/** Says whether it counted. */
type Section = (cpu: Cpu, state: State) => boolean;

/** In two steps, so that an interrupt comes between them. */
function countUp(cpu: Cpu, { count }: State): true {
  const at = perCpuPtr(cpu.machine.percpu, count, cpu.id) + Count.n;
  cpu.memory.store(at, cpu.memory.load(at) + 1);
  return true;
}

const plain: Section = (cpu, state) => {
  localLock(cpu, state.lock);
  countUp(cpu, state);
  localUnlock(cpu, state.lock);
  return true;
};

const irqsave: Section = (cpu, state) => {
  const flags = localLockIrqsave(cpu, state.lock);
  countUp(cpu, state);
  localUnlockIrqrestore(cpu, state.lock, flags);
  return true;
};

const bh: Section = (cpu, state) => {
  localLockBh(cpu, state.lock);
  countUp(cpu, state);
  localUnlockBh(cpu, state.lock);
  return true;
};

const attempt: Section = (cpu, state) => {
  if (!localTrylock(cpu, state.lock)) return false;
  countUp(cpu, state);
  localUnlock(cpu, state.lock);
  return true;
};

const attemptIrqsave: Section = (cpu, state) => {
  const flags = localTrylockIrqsave(cpu, state.lock);
  if (flags === NOT_TAKEN) return false;
  countUp(cpu, state);
  localUnlockIrqrestore(cpu, state.lock, flags);
  return true;
};

/** Goes ahead without having got the lock. */
const ignoresAttempt: Section = (cpu, state) => {
  const taken = localTrylock(cpu, state.lock);
  countUp(cpu, state);
  if (taken) localUnlock(cpu, state.lock);
  return true;
};

interface Interrupted {
  readonly name: string;
  readonly title: string;
  readonly task: Section;
  readonly handler: Section;
  readonly context?: 'softirq';
  readonly description?: string;
  readonly mustFind?: MustFind;
}

/** A CPU counts in its task and in an interrupt. */
function interrupted({ name, title, task, handler, context, ...rest }: Interrupted): Exploration {
  return exploration<State, Cpu>({
    name,
    title,
    description:
      'A task and an interrupt of its CPU count in a per-CPU word, under the local lock of the CPU.',
    on: 'machine',
    cpus: 1,
    parameters: PURE_SPINNING.parameters,
    setup(world: World<Cpu>) {
      const { memory, machine } = world.cpus[0]!;
      const state = {
        lock: percpuAlloc(memory, machine.percpu, LocalLock.size, 4),
        count: percpuAlloc(memory, machine.percpu, Count.size, 4),
      };
      for (const cpu of world.cpus) {
        memory.describe(perCpuPtr(machine.percpu, state.lock, cpu.id), LocalLock);
        memory.describe(perCpuPtr(machine.percpu, state.count, cpu.id), Count);
        // A handler that did not get the lock is not to be counted on.
        const handle = (on: Cpu): void => {
          if (!handler(on, state)) on.memory.store(missedOf(on, state), 1);
        };
        if (context === 'softirq') {
          openSoftirq(cpu, NET_RX_SOFTIRQ, handle);
          cpu.setVector(VECTOR, (on: Cpu) => raiseSoftirq(on, NET_RX_SOFTIRQ));
        } else cpu.setVector(VECTOR, handle);
      }
      return state;
    },
    program({ cpu }: Program<Cpu>, state: State): void {
      cpu.raise(cpu.id, VECTOR);
      task(cpu, state);
    },
    after({ cpus, memory }: World<Cpu>, state) {
      for (const cpu of cpus) {
        const at = perCpuPtr(cpu.machine.percpu, state.count, cpu.id);
        const counted = memory.load(at) + memory.load(missedOf(cpu, state));
        if (counted !== 2) throw new Error(`CPU ${cpu.id}: ${counted} of 2 were counted`);
        if (localLockIsLocked(cpu, state.lock))
          throw new Error(`the local lock of CPU ${cpu.id} is held`);
      }
    },
    ...rest,
  });
}

/** Handlers that did not get the lock. */
function missedOf(cpu: Cpu, { count }: State): Ptr {
  return perCpuPtr(cpu.machine.percpu, count, cpu.id) + Count.missed;
}

export const localLockExplorations: readonly Exploration[] = [
  interrupted({
    name: 'local-lock-irqsave-interrupted',
    title: 'local lock: irqsave form, with an interrupt that takes it',
    task: irqsave,
    handler: plain,
  }),
  interrupted({
    name: 'local-lock-bh-interrupted',
    title: 'local lock: bh form, with a soft irq that takes it',
    task: bh,
    handler: plain,
    context: 'softirq',
  }),
  interrupted({
    name: 'local-lock-tried-by-an-interrupt',
    title: 'local lock: an interrupt that tries it, and does without',
    task: plain,
    handler: attempt,
  }),
  interrupted({
    name: 'local-lock-try-irqsave-interrupted',
    title: 'local lock: irqsave form of trylock, with an interrupt that tries it too',
    task: attemptIrqsave,
    handler: attemptIrqsave,
  }),
  interrupted({
    name: 'local-lock-with-interrupts-on',
    title: 'busted twin: a local lock that an interrupt takes too, with interrupts on',
    description: 'The handler comes while its task holds the lock. There is nobody to wait for.',
    task: plain,
    handler: plain,
    mustFind: { kind: 'oops', message: /local.* recursion/ },
  }),
  interrupted({
    name: 'local-lock-attempt-ignored',
    title: 'busted twin: an interrupt that goes ahead without the local lock',
    description: 'It counts between the two halves of the counting of its task.',
    task: plain,
    handler: ignoresAttempt,
    mustFind: { kind: 'assertion', message: /of 2 were counted/ },
  }),
];
