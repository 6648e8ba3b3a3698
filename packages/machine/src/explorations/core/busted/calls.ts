/** Twins of core/calls.ts and core/sleep.ts: each breaks one rule of the call queue or of the sleeping place. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import { CallSingleData, CSD_LOCK, csdLockWait, csdOf, queueCall } from '../../../call-queue.ts';
import type { Cpu } from '../../../cpu.ts';
import { IPI_CALL_FUNC } from '../../../interrupt-bits.ts';
import { llistTakeAll } from '../../../llist.ts';
import { areaOf } from '../../../machine-info.ts';
import { PerCpuLayout } from '../../../machine-layout.ts';
import { onlineCpu } from '../../../online.ts';
import { defineEverywhere, SPINNING, stayUntil } from '../support.ts';
import { FIRST, newsFor, sleepUntilTaken } from '../sleep.ts';

interface Called {
  readonly fn: Ptr;
  readonly data: Ptr;
  readonly count: Ptr;
}

/** As `takeCalls` and a function, with another handler of IPI_CALL_FUNC. */
function called(w: World<Cpu>, flush: (cpu: Cpu) => void): Called {
  for (const cpu of w.cpus) {
    cpu.setVector(IPI_CALL_FUNC, flush);
    onlineCpu(cpu);
  }
  const fn = defineEverywhere(w, 'countUp', (cpu, at) => {
    cpu.memory.write(at, cpu.memory.read(at) + 1);
    cpu.memory.fetchAdd(at + 128, 1);
  });
  for (const cpu of w.cpus) cpu.text.lookup('countUp');
  const data = w.alloc(256);
  return { fn, data, count: data + 128 };
}

function callOne(p: Program<Cpu>, { fn, data }: Called, target: number): void {
  const csd = csdOf(p.cpu, p.id, target);
  csdLockWait(p.cpu, csd);
  if (queueCall(p.cpu, target, csd, fn, data, true)) p.cpu.raise(target, IPI_CALL_FUNC);
  csdLockWait(p.cpu, csd);
}

/** Runs the queue, and lets the csd go before or after the function, whatever the sender asked for. */
function flush(cpu: Cpu, unlockFirst: boolean): void {
  const { memory, area } = cpu;
  let csd = llistTakeAll(memory, area + PerCpuLayout.callQueue, CallSingleData.next);
  while (csd !== 0) {
    const next = memory.read(csd + CallSingleData.next);
    const fn = memory.read(csd + CallSingleData.fn);
    const info = memory.read(csd + CallSingleData.info);
    if (unlockFirst) memory.store(csd + CallSingleData.flags, 0);
    cpu.text.call(fn, info);
    if (!unlockFirst) memory.store(csd + CallSingleData.flags, 0);
    csd = next;
  }
}

/** Takes the newest only: who rode along without an IPI is forgotten. */
function flushOne(cpu: Cpu): void {
  const { memory, area } = cpu;
  const csd = memory.exchange(area + PerCpuLayout.callQueue, 0);
  if (csd === 0) return;
  cpu.text.call(memory.read(csd + CallSingleData.fn), memory.read(csd + CallSingleData.info));
  memory.store(csd + CallSingleData.flags, 0);
}

const csdUnlockedEarly: Exploration = exploration<Called, Cpu>({
  name: 'call-csd-unlocked-early',
  title: 'Twin: the csd is let go before the function has run',
  description: 'Of a call with wait: its sender goes on and meets the function at its data.',
  on: 'cpu',
  parameters: SPINNING,
  mustFind: { kind: 'race' },
  setup: (w: World<Cpu>) => called(w, (cpu) => flush(cpu, true)),
  programs: [
    (p: Program<Cpu>, s) => {
      callOne(p, s, 1);
      p.see('data', p.memory.read(s.data));
    },
    (p: Program<Cpu>, { count }) => stayUntil(p.cpu, count, 1),
  ],
});

const callsForgotten: Exploration = exploration<Called, Cpu>({
  name: 'call-riders-forgotten',
  title: 'Twin: the target runs one call for each IPI',
  description:
    'Only who finds the queue empty sends an IPI. A target that takes all and runs the first leaves the other sender waiting for ever.',
  on: 'cpu',
  parameters: SPINNING,
  mustFind: { kind: 'deadlock' },
  setup: (w: World<Cpu>) => called(w, flushOne),
  programs: [
    (p: Program<Cpu>, s) => callOne(p, s, 2),
    (p: Program<Cpu>, s) => callOne(p, s, 2),
    (p: Program<Cpu>, { count }) => stayUntil(p.cpu, count, 2),
  ],
});

const csdNotAwaited: Exploration = exploration<Called, Cpu>({
  name: 'call-csd-overwritten',
  title: 'Twin: a csd is filled again before its last call was taken',
  description:
    'The second call of CPU 0 to CPU 1 waits for the flags word of the first, but only when it has filled the csd.',
  on: 'cpu',
  parameters: SPINNING,
  mustFind: { kind: 'race' },
  setup: (w: World<Cpu>) => called(w, (cpu) => flush(cpu, false)),
  programs: [
    (p: Program<Cpu>, s) => {
      const csd = csdOf(p.cpu, 0, 1);
      if (queueCall(p.cpu, 1, csd, s.fn, s.data, false)) p.cpu.raise(1, IPI_CALL_FUNC);
      p.memory.write(csd + CallSingleData.info, s.data);
      csdLockWait(p.cpu, csd);
    },
    (p: Program<Cpu>, { count }) => stayUntil(p.cpu, count, 1),
  ],
});

/** Both push with a store: the queue loses whom the other has pushed in between. */
const pushStores: Exploration = exploration<Called, Cpu>({
  name: 'call-push-stores',
  title: 'Twin: a push to the call queue is a load and a store',
  description:
    'Without a compare-exchange one of two senders overwrites the other, whose call is lost.',
  on: 'cpu',
  parameters: SPINNING,
  mustFind: { kind: 'livelock' },
  setup: (w: World<Cpu>) => called(w, (cpu) => flush(cpu, false)),
  programs: [
    (p: Program<Cpu>, s) => pushWithStore(p, s),
    (p: Program<Cpu>, s) => pushWithStore(p, s),
    (p: Program<Cpu>, { count }) => stayUntil(p.cpu, count, 2),
  ],
});

function pushWithStore(p: Program<Cpu>, { fn, data }: Called): void {
  const { memory } = p;
  const csd = csdOf(p.cpu, p.id, 2);
  const queue = areaOf(p.cpu.machine, 2) + PerCpuLayout.callQueue;
  memory.write(csd + CallSingleData.fn, fn);
  memory.write(csd + CallSingleData.info, data);
  memory.store(csd + CallSingleData.flags, CSD_LOCK);
  memory.write(csd + CallSingleData.next, memory.load(queue));
  memory.store(queue, csd);
  p.cpu.raise(2, IPI_CALL_FUNC);
  csdLockWait(p.cpu, csd);
}

const kickBeforeNews: Exploration = exploration<{ work: Ptr }, Cpu>({
  name: 'kick-before-news',
  title: 'Twin: the kick comes before the news',
  description:
    'CPU 1 looks between the two, finds nothing, and sleeps: K1 and K2 of parking.ts the wrong way round.',
  on: 'cpu',
  mustFind: { kind: 'deadlock' },
  setup: (w: World<Cpu>) => ({ work: w.alloc(128) }),
  programs: [
    (p: Program<Cpu>, { work }) => {
      p.cpu.kick(1);
      p.memory.store(work, 1);
    },
    (p: Program<Cpu>, { work }) => {
      while (p.memory.load(work) === 0) p.cpu.idle(() => p.memory.load(work) !== 0);
    },
  ],
});

const raiseWithoutKick: Exploration = exploration<ReturnType<typeof newsFor>, Cpu>({
  name: 'interrupt-without-kick',
  title: 'Twin: an interrupt is made pending, and nobody is kicked',
  description: 'A CPU that had looked before sleeps over it.',
  on: 'cpu',
  mustFind: { kind: 'deadlock' },
  setup: newsFor,
  programs: [
    (p: Program<Cpu>, { news }) => {
      p.memory.write(news, 10);
      p.memory.fetchOr(areaOf(p.cpu.machine, 1) + PerCpuLayout.pending, 1 << FIRST);
    },
    (p: Program<Cpu>, s) => sleepUntilTaken(p.cpu, s),
  ],
});

/** S2 after S3: the sleeper looks first, and announces itself then. */
const sleepAnnouncedLate: Exploration = exploration<{ work: Ptr }, Cpu>({
  name: 'sleep-announced-late',
  title: 'Twin: a CPU looks for work before it says that it sleeps',
  description:
    'S2 and S3 of parking.ts the wrong way round, with S1 after them: the kicker finds nobody asleep.',
  on: 'cpu',
  mustFind: { kind: 'deadlock' },
  setup: (w: World<Cpu>) => ({ work: w.alloc(128) }),
  programs: [
    (p: Program<Cpu>, { work }) => {
      p.memory.store(work, 1);
      p.cpu.kick(1);
    },
    (p: Program<Cpu>, { work }) => {
      const { area } = p.cpu;
      while (p.memory.load(work) === 0) {
        const seq = p.memory.load(area + PerCpuLayout.kick);
        p.memory.store(area + PerCpuLayout.sleeping, 1);
        p.memory.wait(area + PerCpuLayout.kick, seq);
        p.memory.store(area + PerCpuLayout.sleeping, 0);
      }
    },
  ],
});

export const bustedCalls: readonly Exploration[] = [
  csdUnlockedEarly,
  callsForgotten,
  csdNotAwaited,
  pushStores,
  kickBeforeNews,
  raiseWithoutKick,
  sleepAnnouncedLate,
];
