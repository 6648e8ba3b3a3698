/**
 * Looks at all CPUs now and then: one that runs and shows no sign of life for `watchdog.thresh` ms is
 * locked up. Linux: watchdog_timer_fn() ("soft lockup"). On the host, because a CPU that is stuck cannot
 * say so, with a timer, because the host never blocks.
 */
import { hex } from '@percpu/memory';
import type { Memory } from '@percpu/memory';
import { HOST_WORK } from '../interrupt-bits.ts';
import { WATCHDOG_THRESH } from '../core-parameters.ts';
import { describeAwaited } from '../held-locks.ts';
import { CpuState, PerCpuLayout } from '../machine-layout.ts';
import { areaOf } from '../machine-info.ts';
import type { MachineInfo } from '../machine-info.ts';
import { parameterValue } from '../parameters.ts';
import { raiseInterrupt } from '../raise.ts';
import { HungTasks } from '../task/hung-task.ts';
import { HUNG_TASK_TIMEOUT } from '../task/task-parameters.ts';

interface Seen {
  heartbeat: number;
  /** When it was last seen to change, in ms of `performance.now()`. */
  since: number;
}

/** What a CPU waited for at the last look, and since when by its own account. */
interface Wait {
  readonly at: number;
  readonly since: number;
}

export class Watchdog {
  private readonly memory: Memory;
  private readonly info: MachineInfo;
  private readonly threshMs: number;
  private readonly onLockup: (text: string) => void;
  private readonly hungTasks: HungTasks;
  private readonly seen: Seen[] = [];
  private readonly waits: Wait[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(memory: Memory, info: MachineInfo, onLockup: (text: string) => void) {
    this.memory = memory;
    this.info = info;
    this.threshMs = parameterValue(info.parameters, WATCHDOG_THRESH);
    this.onLockup = onLockup;
    this.hungTasks = new HungTasks(memory, info);
  }

  start(): void {
    const hungMs = parameterValue(this.info.parameters, HUNG_TASK_TIMEOUT) || Infinity;
    const period = Math.max(5, Math.min(1000, this.threshMs / 5, hungMs / 5));
    this.timer = setInterval(() => this.look(), period);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { nrBooted } = this.info;
    const silent: number[] = [];
    for (let cpu = 0; cpu < nrBooted; cpu++) silent.push(this.silentFor(cpu));
    const stuck = silent.indexOf(Math.max(...silent));
    const stuckMs = silent[stuck]!;
    if (stuckMs > this.threshMs) return this.report(stuck, stuckLine(stuckMs));
    for (let cpu = 0; cpu < nrBooted; cpu++) {
      const symptom = this.waitingFor(cpu);
      if (symptom === undefined) continue;
      // Waiting is the symptom: who runs and shows no sign of life meanwhile is the likely cause.
      if (stuckMs > this.threshMs / 2) {
        return this.report(stuck, `${stuckLine(stuckMs)}, and CPU#${cpu} ${symptom}`);
      }
      return this.report(cpu, symptom);
    }
    const hung = this.hungTasks.look(performance.now());
    if (hung !== undefined) {
      this.stop();
      this.onLockup(hung);
    }
  }

  private report(cpu: number, trouble: string): void {
    this.stop();
    this.onLockup(`watchdog: BUG: soft lockup - CPU#${cpu} ${trouble}`);
  }

  /**
   * Asleep in a spin wait for too long: on hardware it would spin. A deadlock, as a rule. The two words are not read in one
   * access, so those of two waits may be mixed up: believed is what has not changed since the last look.
   */
  private waitingFor(cpu: number): string | undefined {
    const area = areaOf(this.info, cpu);
    const wait: Wait = {
      at: this.memory.readOwn(area + PerCpuLayout.waitsFor),
      since: this.memory.readOwn(area + PerCpuLayout.waitsSince),
    };
    const before = this.waits[cpu];
    this.waits[cpu] = wait;
    if (wait.at === 0 || before?.at !== wait.at || before.since !== wait.since) return undefined;
    const nowMs = (this.memory.now() - this.info.bootTime) / 1e6;
    const forMs = nowMs - wait.since;
    if (forMs <= this.threshMs) return undefined;
    const lock = describeAwaited(this.memory, this.info, cpu, wait.at);
    const which = lock === undefined ? '' : `: ${lock}`;
    return `waits for ${hex(wait.at)} since ${Math.round(forMs)} ms${which}`;
  }

  /** Milliseconds without a sign of life. */
  private silentFor(cpu: number): number {
    const area = areaOf(this.info, cpu);
    const state = this.memory.readOwn(area + PerCpuLayout.state);
    const heartbeat = this.memory.readOwn(area + PerCpuLayout.heartbeat);
    const now = performance.now();
    const seen = (this.seen[cpu] ??= { heartbeat, since: now });
    // Asleep in the idle loop, in the parking lot, or gone: nothing to show.
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

function stuckLine(forMs: number): string {
  return `stuck for ${Math.round(forMs)} ms`;
}
