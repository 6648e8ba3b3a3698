/** Twins of trace/. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program } from '@percpu/experiment';
import type { Cpu } from '../../../cpu.ts';
import { tracepointProbeUnregister } from '../../../trace/probes.ts';
import { explored, fire, probed } from '../tracepoints.ts';
import type { Traced } from '../tracepoints.ts';

const notSynchronized: Exploration = exploration<Traced, Cpu>({
  name: 'tracepoint-not-synchronized',
  title: 'Twin: the data of a probe are used as soon as it is unregistered',
  description: 'A firing that began before may still be in the probe.',
  on: 'machine',
  mustFind: { kind: 'race' },
  setup: probed,
  programs: [
    (p: Program<Cpu>, { probe, data }) => {
      tracepointProbeUnregister(p.cpu, explored, probe, data);
      p.see('runs', p.memory.read(data));
    },
    fire,
  ],
});

export const bustedTracepoints: readonly Exploration[] = [notSynchronized];
