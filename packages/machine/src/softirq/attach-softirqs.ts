import type { Cpu } from '../cpu.ts';
import { PerCpuLayout } from '../machine-layout.ts';
import { softirqs } from './softirq.ts';
import { takeoverTasklets, tasklets } from './tasklet.ts';

/** When a CPU starts, once: from here on its soft irqs and tasklets run. */
export function attachSoftirqs(cpu: Cpu): void {
  cpu.use(softirqs);
  cpu.use(tasklets);
  // Callbacks of CPU hotplug. What is raised on a CPU that goes down is not run there any more: what it
  // stands for (timers, tasklets, RCU callbacks) its owner takes over, and raises where it then is.
  cpu.text.define('softirqDyingCpu', (self) => {
    self.memory.writeOwn(self.area + PerCpuLayout.softirqPending, 0);
    return 0;
  });
  cpu.text.define('softirqDeadCpu', (self, dead) => {
    takeoverTasklets(self, dead);
    return 0;
  });
}
