import type { Cpu } from '../cpu.ts';
import { TIMER_INTERRUPT } from '../interrupt-bits.ts';
import { openSoftirq } from '../softirq/softirq.ts';
import { TIMER_SOFTIRQ } from '../softirq/softirq-numbers.ts';
import { timers } from './cpu-timers.ts';
import { migrateTimers } from './migrate-timers.ts';
import { runTimers } from './run-timers.ts';
import { timerInterrupt } from './timer-interrupt.ts';

/** When a CPU starts, once: from here on its timers run. */
export function attachTimers(cpu: Cpu): void {
  openSoftirq(cpu, TIMER_SOFTIRQ, runTimers);
  cpu.setVector(TIMER_INTERRUPT, timerInterrupt);
  // Callbacks of CPU hotplug.
  cpu.text.define('timersDyingCpu', (self) => setOffline(self, true));
  cpu.text.define('timersStartingCpu', (self) => setOffline(self, false));
  cpu.text.define('timersDeadCpu', (self, dead) => {
    migrateTimers(self, dead);
    return 0;
  });
  setOffline(cpu, false);
}

/** On the CPU itself: a CPU that is down looks at no timer, so that those it had can be taken from it. */
function setOffline(cpu: Cpu, offline: boolean): number {
  const own = cpu.use(timers);
  const flags = cpu.localIrqSave();
  own.offline = offline;
  own.reprogram();
  cpu.localIrqRestore(flags);
  return 0;
}
