/**
 * The main loop of a CPU. Host-independent: the launcher wraps it in a worker thread, a controlled clock
 * in a coroutine. It returns when it needs its wrapper, which calls it again.
 */
import { setUpBacktrace } from './backtrace.ts';
import type { Cpu } from './cpu.ts';
import { setUpDeviceIrqs } from './device-irq.ts';
import { setUpHotplug } from './hotplug/cpu-hotplug.ts';
import { HOST_WORK } from './interrupt-bits.ts';
import { CpuState } from './machine-layout.ts';
import { onlineCpu } from './online.ts';
import { setUpSmpCalls } from './smp-call.ts';
import { defineSleepText } from './task/schedule-timeout.ts';
import { attachSoftirqs } from './softirq/attach-softirqs.ts';
import { defineStopperText } from './stop-machine.ts';
import { attachTimers } from './timer/attach-timers.ts';
import { attachTrace } from './trace/attach-trace.ts';
import { attachWorkqueues } from './workqueue/workqueue-hotplug.ts';

/** What the wrapper keeps for the loop. */
export interface CpuHost {
  /** A message from the launcher waits: return to handle it. */
  hostWork: boolean;
  /** Set by the wrapper: leave the loop for good. */
  exit: boolean;
  /** Promises under way: the loop must not put the whole thread to sleep. */
  outstanding: number;
}

/**
 * Why the loop returned. `work`: the launcher has something; `idle`: nothing to run, promises are under
 * way; `exit`: asked to.
 */
export type MainLoopExit = 'work' | 'idle' | 'exit';

/** Before the first turn: vectors of the core, and the bit in the online mask. */
export function startCpu(cpu: Cpu, host: CpuHost): void {
  cpu.setVector(HOST_WORK, () => {
    host.hostWork = true;
  });
  setUpSmpCalls(cpu);
  setUpDeviceIrqs(cpu);
  setUpBacktrace(cpu);
  defineStopperText(cpu);
  defineSleepText(cpu);
  attachSoftirqs(cpu);
  attachTimers(cpu);
  attachWorkqueues(cpu);
  cpu.setState(CpuState.running);
  onlineCpu(cpu);
  attachTrace(cpu);
  setUpHotplug(cpu);
}

/** Task switches after which promises under way get a turn, so that busy tasks do not starve them. */
const PROMISE_TURN = 64;

export function cpuMain(cpu: Cpu, host: CpuHost): MainLoopExit {
  const hasWork = (): boolean => host.hostWork || host.exit || cpu.scheduler.hasWork();
  let switches = 0;
  for (;;) {
    cpu.takeInterrupts();
    if (host.exit) return 'exit';
    if (host.hostWork) {
      host.hostWork = false;
      return 'work';
    }
    if (cpu.scheduler.runNext() && (host.outstanding === 0 || ++switches % PROMISE_TURN !== 0))
      continue;
    if (host.outstanding > 0) return 'idle';
    cpu.idle(hasWork);
  }
}
