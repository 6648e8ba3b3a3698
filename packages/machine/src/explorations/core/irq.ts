/** Interrupts: device lines, the order in which one CPU takes what is pending, and the online mask. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { freeIrq, raiseIrq, requestIrq, setUpDeviceIrqs } from '../../device-irq.ts';
import { DEVICE_INTERRUPT, TIMER_INTERRUPT } from '../../interrupt-bits.ts';
import { PerCpuLayout } from '../../machine-layout.ts';
import { cpuOnline, offlineCpu, onlineCpu, onlineCpus } from '../../online.ts';
import { SOFTIRQ_OFFSET } from '../../preempt-count.ts';
import { rawSpinLock, rawSpinUnlock } from '../../raw-spinlock.ts';
import { defineEverywhere, expect, SPINNING, stayUntil } from './support.ts';

interface Line {
  readonly handler: Ptr;
  readonly other: Ptr;
  /** Plain: the handler's, and after freeIrq whoever freed it. */
  readonly data: Ptr;
  readonly done: Ptr;
}

const IRQ = 3;

function line(w: World<Cpu>): Line {
  for (const cpu of w.cpus) setUpDeviceIrqs(cpu);
  const at = {
    handler: defineEverywhere(w, 'handler', (cpu, _irq, data) => {
      cpu.memory.write(data, cpu.memory.read(data) + 1);
    }),
    other: defineEverywhere(w, 'other', (cpu, _irq, data) => {
      cpu.memory.write(data, cpu.memory.read(data) + 100);
    }),
    data: w.alloc(256),
    done: w.alloc(128),
  };
  requestIrq(w.cpus[0]!, IRQ, at.handler, at.data);
  return at;
}

/** Raises the line on itself, and says so. */
function raiseHere(p: Program<Cpu>, { done }: Line): void {
  raiseIrq(p.cpu, p.id, IRQ);
  p.cpu.takeInterrupts();
  p.memory.store(done, 1);
}

const irqFreed: Exploration = exploration<Line, Cpu>({
  name: 'irq-freed',
  title: 'When freeIrq returns, the handler runs nowhere',
  description:
    'CPU 1 is in the handler, or about to be, while CPU 0 frees the line and then uses the data of the handler, plainly.',
  on: 'cpu',
  parameters: { ...SPINNING, 'dmesg.lines': 64 },
  setup: line,
  programs: [
    (p: Program<Cpu>, { data }) => {
      freeIrq(p.cpu, IRQ);
      p.see('runs', p.memory.read(data));
    },
    (p: Program<Cpu>, s) => raiseHere(p, s),
  ],
  allowed: [{ runs: 0 }, { runs: 1 }],
});

const irqChangesHands: Exploration = exploration<Line, Cpu>({
  name: 'irq-changes-hands',
  title: 'A line that is freed and requested anew calls each handler with its own data',
  description:
    'CPU 0 gives the line to another handler with other data, while CPU 1 takes it: never the one with the data of the other.',
  on: 'cpu',
  parameters: { ...SPINNING, 'dmesg.lines': 64 },
  setup: line,
  programs: [
    (p: Program<Cpu>, { other, data }) => {
      freeIrq(p.cpu, IRQ);
      expect(requestIrq(p.cpu, IRQ, other, data + 128) === 0, 'the line is not free');
    },
    (p: Program<Cpu>, s) => raiseHere(p, s),
  ],
  after(w: World<Cpu>, { data }) {
    const mine = w.memory.read(data);
    const others = w.memory.read(data + 128);
    expect(mine <= 1 && (others === 0 || others === 100), `data ${mine}, others' ${others}`);
  },
});

export interface Held {
  readonly lock: Ptr;
  readonly seen: Ptr;
}

/** Taken before DEVICE_INTERRUPT. */
const SOFTIRQ_SOURCE = TIMER_INTERRUPT;

/** CPU 1: a soft irq that waits for a lock is raised by one interrupt, another one says that it was taken. */
export function softirqWaits(w: World<Cpu>): Held {
  const at = { lock: w.alloc(128), seen: w.alloc(128) };
  const cpu = w.cpus[1]!;
  cpu.softirqHandler = () => {
    cpu.memory.writeOwn(cpu.area + PerCpuLayout.softirqPending, 0);
    cpu.preemptCountAdd(SOFTIRQ_OFFSET);
    rawSpinLock(cpu, at.lock);
    rawSpinUnlock(cpu, at.lock);
    cpu.preemptCountAdd(-SOFTIRQ_OFFSET);
  };
  cpu.setVector(SOFTIRQ_SOURCE, () => {
    cpu.memory.writeOwn(cpu.area + PerCpuLayout.softirqPending, 1);
  });
  cpu.setVector(DEVICE_INTERRUPT, () => {
    cpu.memory.store(at.seen, 1);
    cpu.unpark(at.seen);
  });
  return at;
}

type Code = (p: Program<Cpu>, held: Held) => void;

export const interruptsWait: readonly [Code, Code] = [
  (p, { lock, seen }) => {
    rawSpinLock(p.cpu, lock);
    p.cpu.raise(1, SOFTIRQ_SOURCE);
    p.cpu.raise(1, DEVICE_INTERRUPT);
    p.cpu.waitUntilEquals(seen, 1);
    rawSpinUnlock(p.cpu, lock);
  },
  (p, { seen }) => stayUntil(p.cpu, seen, 1),
];

const interruptHeldBack: Exploration = exploration<Held, Cpu>({
  name: 'interrupt-not-held-back',
  title: 'An interrupt is pending until its handler runs',
  description:
    'Two interrupts are pending on CPU 1. The handler of the first raises a soft irq, which runs right after it, with interrupts on, and waits for a lock. ' +
    'The holder, CPU 0, waits for the handler of the second. It is taken in the soft irq: had CPU 1 picked up both at once, nobody could go on.',
  on: 'cpu',
  parameters: SPINNING,
  setup: softirqWaits,
  programs: interruptsWait,
});

const onlineMask: Exploration = exploration<undefined, Cpu>({
  name: 'online-mask',
  title: 'CPUs that come and go share a word of the online mask',
  description:
    'CPUs 0 and 1 go online and CPU 2 offline at once; each sees its own bit as it left it.',
  on: 'cpu',
  setup(w: World<Cpu>) {
    onlineCpu(w.cpus[2]!);
    return undefined;
  },
  programs: [
    (p: Program<Cpu>) => {
      onlineCpu(p.cpu);
      expect(cpuOnline(p.cpu.memory, p.cpu.machine, 0), 'CPU 0 lost its bit');
    },
    (p: Program<Cpu>) => onlineCpu(p.cpu),
    (p: Program<Cpu>) => offlineCpu(p.cpu),
  ],
  after(w: World<Cpu>) {
    const { memory, machine } = w.cpus[0]!;
    expect(onlineCpus(memory, machine).join() === '0,1', 'a bit was lost');
  },
});

export const irq: readonly Exploration[] = [
  irqFreed,
  irqChangesHands,
  interruptHeldBack,
  onlineMask,
];
