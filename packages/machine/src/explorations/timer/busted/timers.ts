/** Twins of timer/. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program } from '@percpu/experiment';
import type { Cpu } from '../../../cpu.ts';
import { hrtimerTryToCancel } from '../../../timer/hrtimer.ts';
import { delTimer } from '../../../timer/timer.ts';
import { busy } from '../../core/support.ts';
import { armed, started } from '../timers.ts';
import type { Armed } from '../timers.ts';

const deletedOnly: Exploration = exploration<Armed, Cpu>({
  name: 'timer-deleted-without-sync',
  title: 'Twin: delTimer where delTimerSync is needed',
  description: 'The timer is not pending any more; its function may still be running.',
  on: 'machine',
  timeouts: true,
  mustFind: { kind: 'race' },
  setup: armed,
  programs: [
    (p: Program<Cpu>, { timer, runs }) => {
      delTimer(p.cpu, timer);
      p.see('runs', p.memory.read(runs));
    },
    busy,
  ],
});

const cancelTried: Exploration = exploration<Armed, Cpu>({
  name: 'hrtimer-cancel-tried',
  title: 'Twin: hrtimerTryToCancel whose −1 is taken for an answer',
  description: 'It says that the function runs, and the caller goes on all the same.',
  on: 'machine',
  timeouts: true,
  mustFind: { kind: 'race' },
  setup: started,
  programs: [
    (p: Program<Cpu>, { timer, runs }) => {
      hrtimerTryToCancel(p.cpu, timer);
      p.see('runs', p.memory.read(runs));
    },
    busy,
  ],
});

export const bustedTimers: readonly Exploration[] = [deletedOnly, cancelTried];
