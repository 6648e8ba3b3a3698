/** Twins of hotplug/. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program } from '@percpu/experiment';
import type { Cpu } from '../../../cpu.ts';
import type { Sleeps } from '../../../sleeps.ts';
import { stopOneCpu } from '../../../stop-machine.ts';
import { addOne, stopped } from '../stop.ts';
import type { Stopped } from '../stop.ts';

const oneStopped: Exploration = exploration<Stopped, Cpu>({
  name: 'one-cpu-stopped',
  title: 'Twin: stopOneCpu where stopMachine is needed',
  description: 'The function is alone on its CPU, and the other CPU goes on.',
  on: 'machine',
  mustFind: { kind: 'race' },
  setup: stopped,
  programs: [
    function* (p: Program<Cpu>, { fn, data }): Sleeps<void> {
      yield* stopOneCpu(p.cpu, 0, fn, data);
    },
    addOne,
  ],
});

export const bustedStops: readonly Exploration[] = [oneStopped];
