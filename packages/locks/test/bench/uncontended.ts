/**
 * What a lock costs that nobody else wants, and what its parts cost. ns for a pair of lock and unlock.
 *
 *   npm run bench -w @percpu/locks
 *
 * The rows take turns, so that what else the host does meets all of them; the least of all rounds is given,
 * and the median beside it.
 */
import { attachCpu, bringUpMachine, onlineCpu } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { CACHE_LINE, createMemory, memblockAlloc } from '@percpu/memory';
import {
  bitSpinLock,
  bitSpinUnlock,
  clhLock,
  clhUnlock,
  cnaLock,
  cnaUnlock,
  mcsLock,
  mcsUnlock,
  Mutex,
  mutexLock,
  mutexUnlock,
  queuedLock,
  queuedUnlock,
  tasLock,
  tasUnlock,
} from '../../src/index.ts';
import { ticket, ticketLock, ticketUnlock, ttasLock, ttasUnlock } from '../../src/index.ts';
import {
  downRead,
  downWrite,
  percpuDownRead,
  percpuInitRwsem,
  PercpuRwsem,
  percpuUpRead,
  readLock,
  readSeqbegin,
  readSeqretry,
  readUnlock,
  RwLock,
  RwSem,
  SeqLock,
  upRead,
  upWrite,
  writeLock,
  writeSeqlock,
  writeSequnlock,
  writeUnlock,
} from '../../src/index.ts';
import { serveNext, takeTicket, ticketSteps } from '../../src/spin/ticket-steps.ts';

const CALLS = 1 << 17;
const ROUNDS = 40;
const WARM_UP = 4;

const memory = createMemory({ bytes: 16 << 20, checked: false });
bringUpMachine(memory, { cpus: 1 });
const cpu: Cpu = attachCpu(memory, 0);
onlineCpu(cpu);
const at = memblockAlloc(memory, Mutex.size);
const [rwlockAt, rwsemAt, percpuAt, seqlockAt] = [RwLock, RwSem, PercpuRwsem, SeqLock].map((type) =>
  memblockAlloc(memory, type.size, CACHE_LINE),
) as [number, number, number, number];
percpuInitRwsem(cpu, percpuAt);
const composite = ticketSteps(memory)!;

// A loop of its own for each row: one shared by all would be compiled for the mixture.
const rows: readonly (readonly [string, () => void])[] = [
  [
    'tas',
    () => {
      for (let i = 0; i < CALLS; i++) {
        tasLock(cpu, at);
        tasUnlock(cpu, at);
      }
    },
  ],
  [
    'ttas',
    () => {
      for (let i = 0; i < CALLS; i++) {
        ttasLock(cpu, at);
        ttasUnlock(cpu, at);
      }
    },
  ],
  [
    'ticket',
    () => {
      for (let i = 0; i < CALLS; i++) {
        ticketLock(cpu, at);
        ticketUnlock(cpu, at);
      }
    },
  ],
  [
    'mcs',
    () => {
      for (let i = 0; i < CALLS; i++) {
        mcsLock(cpu, at);
        mcsUnlock(cpu, at);
      }
    },
  ],
  [
    'clh',
    () => {
      for (let i = 0; i < CALLS; i++) {
        clhLock(cpu, at);
        clhUnlock(cpu, at);
      }
    },
  ],
  [
    'queued',
    () => {
      for (let i = 0; i < CALLS; i++) {
        queuedLock(cpu, at);
        queuedUnlock(cpu, at);
      }
    },
  ],
  [
    'cna',
    () => {
      for (let i = 0; i < CALLS; i++) {
        cnaLock(cpu, at);
        cnaUnlock(cpu, at);
      }
    },
  ],
  [
    'bit',
    () => {
      for (let i = 0; i < CALLS; i++) {
        bitSpinLock(cpu, 3, at);
        bitSpinUnlock(cpu, 3, at);
      }
    },
  ],
  [
    'ticket, irqsave',
    () => {
      for (let i = 0; i < CALLS; i++) {
        const flags = ticket.lockIrqsave(cpu, at);
        ticket.unlockIrqrestore(cpu, at, flags);
      }
    },
  ],
  ['mutex', () => void mutexPairs().next()],
  [
    'rwlock, read',
    () => {
      for (let i = 0; i < CALLS; i++) {
        readLock(cpu, rwlockAt);
        readUnlock(cpu, rwlockAt);
      }
    },
  ],
  [
    'rwlock, write',
    () => {
      for (let i = 0; i < CALLS; i++) {
        writeLock(cpu, rwlockAt);
        writeUnlock(cpu, rwlockAt);
      }
    },
  ],
  ['rwsem, read', () => void rwsemReads().next()],
  ['rwsem, write', () => void rwsemWrites().next()],
  ['percpu-rwsem, read', () => void percpuReads().next()],
  [
    'seqlock, read',
    () => {
      for (let i = 0; i < CALLS; i++) {
        const start = readSeqbegin(cpu, seqlockAt);
        if (readSeqretry(cpu, seqlockAt, start)) throw new Error('nobody writes');
      }
    },
  ],
  [
    'seqlock, write',
    () => {
      for (let i = 0; i < CALLS; i++) {
        writeSeqlock(cpu, seqlockAt);
        writeSequnlock(cpu, seqlockAt);
      }
    },
  ],
  [
    'ticket steps, composite',
    () => {
      for (let i = 0; i < CALLS; i++) {
        composite.take(at);
        composite.serve(at);
      }
    },
  ],
  [
    'ticket steps, plain',
    () => {
      for (let i = 0; i < CALLS; i++) {
        takeTicket(memory, at);
        serveNext(memory, at);
      }
    },
  ],
  [
    'preempt off and on',
    () => {
      for (let i = 0; i < CALLS; i++) {
        cpu.preemptDisable();
        cpu.preemptEnable();
      }
    },
  ],
  // An atomic access between, or the compiler asks once for the whole loop.
  [
    'an atomic store',
    () => {
      for (let i = 0; i < CALLS; i++) memory.store(at, i);
    },
  ],
  [
    'the same, and a hook',
    () => {
      for (let i = 0; i < CALLS; i++) {
        memory.store(at, i);
        if (cpu.lockHooks !== null) throw new Error('nobody listens here');
      }
    },
  ],
  [
    'the same, hook and debug mode',
    () => {
      for (let i = 0; i < CALLS; i++) {
        memory.store(at, i);
        if (cpu.lockHooks !== null || cpu.lockDebug !== null)
          throw new Error('nobody listens here');
      }
    },
  ],
];

function* mutexPairs(): Sleeps<void> {
  for (let i = 0; i < CALLS; i++) {
    yield* mutexLock(cpu, at);
    mutexUnlock(cpu, at);
  }
}

function* rwsemReads(): Sleeps<void> {
  for (let i = 0; i < CALLS; i++) {
    yield* downRead(cpu, rwsemAt);
    upRead(cpu, rwsemAt);
  }
}

function* rwsemWrites(): Sleeps<void> {
  for (let i = 0; i < CALLS; i++) {
    yield* downWrite(cpu, rwsemAt);
    upWrite(cpu, rwsemAt);
  }
}

function* percpuReads(): Sleeps<void> {
  for (let i = 0; i < CALLS; i++) {
    yield* percpuDownRead(cpu, percpuAt);
    percpuUpRead(cpu, percpuAt);
  }
}

const times = rows.map((): number[] => []);
for (let round = -WARM_UP; round < ROUNDS; round++) {
  for (const [index, [, run]] of rows.entries()) {
    memory.fill(at, 0, Mutex.size);
    const before = performance.now();
    run();
    const ns = ((performance.now() - before) * 1e6) / CALLS;
    if (round >= 0) times[index]!.push(ns);
  }
}
console.log(`${process.version}, backend ${memory.backend}, ns: least, median of ${ROUNDS} rounds`);
for (const [index, [name]] of rows.entries()) {
  const sorted = times[index]!.sort((a, b) => a - b);
  const [least, median] = [sorted[0]!, sorted[sorted.length >> 1]!];
  console.log(`${name.padEnd(26)}${least.toFixed(1).padStart(6)}${median.toFixed(1).padStart(8)}`);
}
