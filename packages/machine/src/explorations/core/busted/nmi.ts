/** A log with a lock around it: an NMI that arrives in a printk waits for itself. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import { triggerBacktrace } from '../../../backtrace.ts';
import type { Cpu } from '../../../cpu.ts';
import { NMI_BACKTRACE } from '../../../interrupt-bits.ts';
import { printk } from '../../../printk.ts';
import { rawSpinLockIrqsave, rawSpinUnlockIrqrestore } from '../../../raw-spinlock.ts';

interface Locked {
  readonly lock: Ptr;
}

function printLocked(cpu: Cpu, { lock }: Locked, text: string): void {
  const flags = rawSpinLockIrqsave(cpu, lock);
  printk(cpu, 'info', text);
  rawSpinUnlockIrqrestore(cpu, lock, flags);
}

const logWithALock: Exploration = exploration<Locked, Cpu>({
  name: 'nmi-log-with-a-lock',
  title: 'Twin: a log with a lock, with interrupts off, is printed to by an NMI',
  description:
    'Interrupts off keep others away, not the NMI, which finds the lock held by whom it has interrupted.',
  on: 'machine',
  cpus: 2,
  parameters: { 'dmesg.lines': 64 },
  setup(w: World<Cpu>) {
    const state = { lock: w.alloc(128) };
    for (const cpu of w.cpus) {
      cpu.vectors[NMI_BACKTRACE] = (on) => printLocked(on, state, 'NMI backtrace');
    }
    return state;
  },
  programs: [
    ({ cpu }: Program<Cpu>, state: Locked): void => printLocked(cpu, state, 'on top of this'),
    ({ cpu }: Program<Cpu>): void => triggerBacktrace(cpu, 0),
  ],
  mustFind: { kind: 'oops', message: /spinlock recursion/ },
});

export const bustedNmi: readonly Exploration[] = [logWithALock];
