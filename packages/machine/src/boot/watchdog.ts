/**
 * Looks at all CPUs now and then: one that runs and shows no sign of life for `watchdog.thresh` ms is
 * locked up. Linux: watchdog_timer_fn() ("soft lockup"). On the host, because a CPU that is stuck cannot
 * say so, with a timer, because the host never blocks.
 */
import type { Memory } from '@percpu/memory';
import { HOST_WORK } from '../interrupt-bits.ts';
import { CpuState, PerCpuLayout } from '../machine-layout.ts';
import { areaOf } from '../machine-info.ts';
import type { MachineInfo } from '../machine-info.ts';
import { raiseInterrupt } from '../raise.ts';

interface Seen {
  heartbeat: number;
  /** When it was last seen to change, in ms of `performance.now()`. */
  since: number;
}

export class Watchdog {
  private readonly memory: Memory;
  private readonly info: MachineInfo;
  private readonly threshMs: number;
  private readonly onLockup: (text: string) => void;
  private readonly seen: Seen[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    memory: Memory,
    info: MachineInfo,
    threshMs: number,
    onLockup: (text: string) => void,
  ) {
    this.memory = memory;
    this.info = info;
    this.threshMs = threshMs;
    this.onLockup = onLockup;
  }

  start(): void {
    const period = Math.max(5, Math.min(1000, this.threshMs / 5));
    this.timer = setInterval(() => this.look(), period);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (let cpu = 0; cpu < this.info.nrBooted; cpu++) {
      const stuckMs = this.stuckFor(cpu);
      if (stuckMs <= this.threshMs) continue;
      this.stop();
      this.onLockup(`watchdog: soft lockup - CPU ${cpu} stuck for ${Math.round(stuckMs)} ms`);
      return;
    }
  }

  private stuckFor(cpu: number): number {
    const area = areaOf(this.info, cpu);
    const state = this.memory.readOwn(area + PerCpuLayout.state);
    const heartbeat = this.memory.readOwn(area + PerCpuLayout.heartbeat);
    const now = performance.now();
    const seen = (this.seen[cpu] ??= { heartbeat, since: now });
    const mayStandStill = state !== CpuState.running && state !== CpuState.awaiting;
    if (seen.heartbeat !== heartbeat || mayStandStill) {
      seen.heartbeat = heartbeat;
      seen.since = now;
    } else if (state === CpuState.awaiting) {
      // It may just have nothing to do, or an async program spins between two awaits: a kick tells.
      raiseInterrupt(this.memory, this.info, cpu, HOST_WORK);
    }
    return now - seen.since;
  }
}
