/** Tracepoints: once a probe is gone and its firings are waited for, it runs nowhere. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import {
  traceSite,
  tracepointProbeRegister,
  tracepointProbeUnregister,
  tracepointSynchronizeUnregister,
} from '../../trace/probes.ts';
import type { TraceSite } from '../../trace/trace-site.ts';
import { tracepoint } from '../../trace/tracepoint.ts';
import { defineEverywhere } from '../core/support.ts';

export const explored = tracepoint('explored', ['what:u32']);

export interface Traced {
  readonly probe: Ptr;
  /** Plain: the probe's, and whoever took it away. */
  readonly data: Ptr;
  readonly sites: readonly TraceSite<readonly ['what:u32']>[];
}

export function traced(w: World<Cpu>): Traced {
  const data = w.alloc(128);
  const sites = w.cpus.map((cpu) => traceSite(cpu, explored));
  const probe = defineEverywhere(w, 'exploredProbe', ({ memory }, at) => {
    memory.write(at, memory.read(at) + 1);
  });
  return { probe, data, sites };
}

/** With the probe registered. The other CPUs take the change when they run. */
export function probed(w: World<Cpu>): Traced {
  const s = traced(w);
  tracepointProbeRegister(w.cpus[0]!, explored, s.probe, s.data);
  for (const cpu of w.cpus) cpu.takeInterrupts();
  return s;
}

export function fire(p: Program<Cpu>, { sites }: Traced): void {
  const site = sites[p.id]!;
  if (site.enabled) site.fire(7);
}
