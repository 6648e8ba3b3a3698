/** Non-maskable interrupts: they arrive in front of any access, with interrupts off too, and must find nothing locked that they need. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import { triggerBacktrace } from '../../backtrace.ts';
import type { Cpu } from '../../cpu.ts';
import { readDmesg } from '../../dmesg.ts';
import { printk } from '../../printk.ts';
import { rawSpinLockIrqsave, rawSpinUnlockIrqrestore } from '../../raw-spinlock.ts';
import { expect } from './support.ts';

const PARAMETERS = { 'dmesg.lines': 64 } as const;

/** Lines of the log that contain `text`. */
function lines({ memory, cpus }: World<Cpu>, text: string): number {
  return readDmesg(memory, cpus[0]!.machine.dmesg).lines.filter((line) => line.text.includes(text))
    .length;
}

interface Locked {
  readonly lock: Ptr;
  readonly data: Ptr;
}

const interruptsOff: Exploration = exploration<Locked, Cpu>({
  name: 'nmi-with-interrupts-off',
  title: 'A backtrace that another CPU asks for comes with interrupts off, and changes nothing',
  description:
    'CPU 0 holds a lock with interrupts off. CPU 1 asks for its backtrace, and takes the lock itself.',
  on: 'machine',
  cpus: 2,
  parameters: PARAMETERS,
  limits: { preemptions: 1 },
  setup: (w: World<Cpu>) => ({ lock: w.alloc(128), data: w.alloc(128) }),
  programs: [
    ({ cpu }: Program<Cpu>, { lock, data }): void => {
      const flags = rawSpinLockIrqsave(cpu, lock);
      cpu.memory.write(data, cpu.memory.read(data) + 1);
      if (!cpu.irqsDisabled()) throw new Error('interrupts are on under the lock');
      rawSpinUnlockIrqrestore(cpu, lock, flags);
    },
    ({ cpu }: Program<Cpu>, { lock, data }): void => {
      triggerBacktrace(cpu, 0);
      const flags = rawSpinLockIrqsave(cpu, lock);
      cpu.memory.write(data, cpu.memory.read(data) + 1);
      rawSpinUnlockIrqrestore(cpu, lock, flags);
    },
  ],
  after(w: World<Cpu>, { data }) {
    expect(w.memory.read(data) === 2, `${w.memory.read(data)} sections`);
    expect(lines(w, 'NMI backtrace') === 1, `${lines(w, 'NMI backtrace')} backtraces`);
  },
});

const inPrintk: Exploration = exploration<undefined, Cpu>({
  name: 'nmi-in-printk',
  title: 'A backtrace that interrupts a printk prints too, and both are there',
  description:
    'CPU 0 is printing when CPU 1 asks for its backtrace: the handler prints on top of it, at every access.',
  on: 'machine',
  cpus: 2,
  parameters: PARAMETERS,
  limits: { preemptions: 1 },
  programs: [
    ({ cpu }: Program<Cpu>): void => printk(cpu, 'info', 'on top of this'),
    ({ cpu }: Program<Cpu>): void => triggerBacktrace(cpu, 0),
  ],
  after(w: World<Cpu>) {
    expect(lines(w, 'on top of this') === 1, 'the line that was interrupted is not there');
    expect(lines(w, 'NMI backtrace') === 1, 'the backtrace is not there');
  },
});

export const nmi: readonly Exploration[] = [interruptsOff, inPrintk];
