/** The idle sleep of a CPU whose thread has an event loop to serve: the loop turns while the CPU sleeps. */
import { waitOnHost } from '@percpu/memory';
import type { Cpu } from './cpu.ts';
import type { CpuHost } from './cpu-main.ts';
import { CpuState, PerCpuLayout } from './machine-layout.ts';

/**
 * S1 to S4 of parking.ts without blocking the thread. Resolves on a kick, when a timer event is due, when
 * `other` settles, or soon if there is work. Not part of the seam: threads only.
 */
export async function waitInEventLoop(
  cpu: Cpu,
  host: CpuHost,
  other?: Promise<void>,
): Promise<void> {
  const { memory, area } = cpu;
  const seq = memory.load(area + PerCpuLayout.kick); // S1
  memory.store(area + PerCpuLayout.sleeping, 1); // S2
  cpu.setState(CpuState.awaiting);
  // S3: what was queued before the kick is seen here. 1 ms and not 0, so that the loop does turn.
  const raised = memory.readOwn(area + PerCpuLayout.softirqPending) !== 0;
  const busy = raised || cpu.interruptPending() || cpu.scheduler.hasWork();
  const timeoutMs = busy ? 1 : cpu.idleTimeout() / 1e6;
  const kicked = waitOnHost(memory, area + PerCpuLayout.kick, seq, timeoutMs); // S4
  await (other === undefined ? kicked : Promise.race([other, kicked]));
  // It left meanwhile: the slot may be another thread's by now.
  if (host.exit) return;
  memory.store(area + PerCpuLayout.sleeping, cpu.restingInEventLoop ? 1 : 0);
  cpu.setState(CpuState.running);
}
