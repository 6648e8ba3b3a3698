/** Our locks, as programs on the CPUs of a machine. A machine runs one of them only. */
import {
  mcsLock,
  mcsUnlock,
  Mutex,
  mutexInit,
  mutexLock,
  mutexUnlock,
  tasLock,
  tasUnlock,
  ticketLock,
  ticketUnlock,
  ttasLock,
  ttasUnlock,
  mcs,
  tas,
  ticket,
  ttas,
} from '@percpu/locks';
import type { Cpu, Sleeps } from '@percpu/machine';
import { CACHE_LINE, memblockAlloc } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { inWindow } from '../in-window.ts';
import type { Batch } from '../in-window.ts';
import type { OurName, OurPlace, OurWindow } from '../machine-team.ts';
import type { ThreadReport } from '../team.ts';

interface OurLock {
  readonly size: number;
  readonly init: (cpu: Cpu, at: Ptr) => void;
  /** A function of its own for each lock, which calls it by name, as a caller would. */
  readonly batch: (cpu: Cpu, at: OurPlace) => Batch;
}

const LOCKS: Readonly<Record<OurName, OurLock>> = {
  tas: {
    size: tas.layout.size,
    init: tas.init,
    batch: (cpu, { lock, counter }) => {
      const { memory } = cpu;
      return (operations) => {
        for (let i = 0; i < operations; i++) {
          tasLock(cpu, lock);
          memory.write(counter, memory.read(counter) + 1);
          tasUnlock(cpu, lock);
        }
      };
    },
  },
  ttas: {
    size: ttas.layout.size,
    init: ttas.init,
    batch: (cpu, { lock, counter }) => {
      const { memory } = cpu;
      return (operations) => {
        for (let i = 0; i < operations; i++) {
          ttasLock(cpu, lock);
          memory.write(counter, memory.read(counter) + 1);
          ttasUnlock(cpu, lock);
        }
      };
    },
  },
  ticket: {
    size: ticket.layout.size,
    init: ticket.init,
    batch: (cpu, { lock, counter }) => {
      const { memory } = cpu;
      return (operations) => {
        for (let i = 0; i < operations; i++) {
          ticketLock(cpu, lock);
          memory.write(counter, memory.read(counter) + 1);
          ticketUnlock(cpu, lock);
        }
      };
    },
  },
  mcs: {
    size: mcs.layout.size,
    init: mcs.init,
    batch: (cpu, { lock, counter }) => {
      const { memory } = cpu;
      return (operations) => {
        for (let i = 0; i < operations; i++) {
          mcsLock(cpu, lock);
          memory.write(counter, memory.read(counter) + 1);
          mcsUnlock(cpu, lock);
        }
      };
    },
  },
  mutex: {
    size: Mutex.size,
    init: mutexInit,
    batch: (cpu, at) => (operations) => cpu.block(mutexBatch(cpu, at, operations)),
  },
};

function* mutexBatch(cpu: Cpu, { lock, counter }: OurPlace, operations: number): Sleeps<void> {
  const { memory } = cpu;
  for (let i = 0; i < operations; i++) {
    yield* mutexLock(cpu, lock);
    memory.write(counter, memory.read(counter) + 1);
    mutexUnlock(cpu, lock);
  }
}

/** On one CPU, before the first window. Lock and counter on lines of their own. */
export function prepare(cpu: Cpu, { who }: { readonly who: OurName }): OurPlace {
  const { size, init } = LOCKS[who];
  const lock = memblockAlloc(cpu.memory, size, CACHE_LINE);
  const counter = memblockAlloc(cpu.memory, CACHE_LINE, CACHE_LINE);
  init(cpu, lock);
  cpu.memory.write(counter, 0);
  return { lock, counter };
}

/** On every CPU of the machine. */
export function window(cpu: Cpu, args: OurWindow): ThreadReport {
  const batch = LOCKS[args.who].batch(cpu, args.place);
  return inWindow(args.startLine, cpu.nrCpus, batch, args.window);
}
