/** Tracepoints: once a probe is gone and its firings are waited for, it runs nowhere. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { offlineCpu, onlineCpu } from '../../online.ts';
import {
  traceSite,
  tracepointProbeRegister,
  tracepointProbeUnregister,
  tracepointSynchronizeUnregister,
} from '../../trace/probes.ts';
import type { TraceSite } from '../../trace/trace-site.ts';
import { tracepoint } from '../../trace/tracepoint.ts';
import type { Tracepoint } from '../../trace/tracepoint.ts';
import { defineEverywhere } from '../core/support.ts';

export const explored: Tracepoint<readonly ['what:u32']> = tracepoint('explored', ['what:u32']);

export interface Traced {
  readonly probe: Ptr;
  /** Plain: the probe's, and whoever took it away. */
  readonly data: Ptr;
  readonly sites: readonly TraceSite<readonly ['what:u32']>[];
}

function traced(w: World<Cpu>, registers = false): Traced {
  const data = w.alloc(128);
  const probe = defineEverywhere(w, 'exploredProbe', ({ memory }, at) => {
    memory.write(at, memory.read(at) + 1);
  });
  const [first, ...others] = w.cpus as [Cpu, ...Cpu[]];
  if (registers) {
    // Nobody answers an IPI before the programs run: the others learn of the probe when they get their site.
    for (const cpu of others) offlineCpu(cpu);
    tracepointProbeRegister(first, explored, probe, data);
    for (const cpu of others) onlineCpu(cpu);
  }
  const sites: Traced['sites'][number][] = [];
  for (const cpu of w.cpus) sites.push(traceSite(cpu, explored));
  return { probe, data, sites };
}

/** With the probe registered. */
export function probed(w: World<Cpu>): Traced {
  return traced(w, true);
}

export function fire(p: Program<Cpu>, { sites }: Traced): void {
  const site = sites[p.id]!;
  if (site.enabled) site.fire(7);
}

const unregistered: Exploration = exploration<Traced, Cpu>({
  name: 'tracepoint-unregistered',
  title: 'After tracepointSynchronizeUnregister the probe runs nowhere',
  description:
    'CPU 1 passes the tracepoint; CPU 0 takes the probe away, waits for firings under way, and uses the data of the probe, plainly. With at most one preemption.',
  on: 'machine',
  limits: { preemptions: 1 },
  setup: probed,
  programs: [
    (p: Program<Cpu>, { probe, data }) => {
      tracepointProbeUnregister(p.cpu, explored, probe, data);
      tracepointSynchronizeUnregister(p.cpu);
      p.see('runs', p.memory.read(data));
    },
    fire,
  ],
  allowed: [{ runs: 0 }, { runs: 1 }],
});

const registered: Exploration = exploration<Traced, Cpu>({
  name: 'tracepoint-registered',
  title:
    'When tracepointProbeRegister returns, every CPU that passes the tracepoint calls the probe',
  description:
    'CPU 0 registers the probe and says so; CPU 1 passes the tracepoint after it has seen that. With at most one preemption.',
  on: 'machine',
  limits: { preemptions: 1 },
  setup: (w: World<Cpu>) => traced(w),
  programs: [
    (p: Program<Cpu>, { probe, data }) => {
      tracepointProbeRegister(p.cpu, explored, probe, data);
      p.memory.store(data + 64, 1);
    },
    (p: Program<Cpu>, s) => {
      const before = p.memory.load(s.data + 64) === 1;
      fire(p, s);
      p.see('before', before);
      p.see('called', p.memory.read(s.data) === 1);
    },
  ],
  allowed: [
    { before: true, called: true },
    { before: false, called: true },
    { before: false, called: false },
  ],
});

export const tracepoints: readonly Exploration[] = [unregistered, registered];
