import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { bug, warn } from '../fault.ts';
import { cpuOnline } from '../online.ts';
import { rawSpinLock, rawSpinUnlock } from '../raw-spinlock.ts';
import { timers } from './cpu-timers.ts';
import type { CpuTimers } from './cpu-timers.ts';
import { dequeue, enqueue, Timed, TimerBase } from './timer-bases.ts';
import type { BaseKind } from './timer-bases.ts';
import { timerqueueExpires, timerqueueFirst } from './timerqueue.ts';

/**
 * Linux: timers_dead_cpu() and hrtimers_cpu_dying(). Moves all timers and hrtimers of CPU `from`, which is
 * offline and runs nothing any more, to this CPU. Returns how many. Task context, interrupts on.
 */
export function migrateTimers(cpu: Cpu, from: number): number {
  if (from === cpu.id || cpuOnline(cpu.memory, cpu.machine, from)) {
    bug(cpu, `migrateTimers: CPU ${from} is online`);
  }
  const all = cpu.use(timers);
  const flags = cpu.localIrqSave();
  const moved = moveAll(cpu, all, 'timers', from) + moveAll(cpu, all, 'hrtimers', from);
  all.reprogram();
  cpu.localIrqRestore(flags);
  return moved;
}

function moveAll(cpu: Cpu, all: CpuTimers, kind: BaseKind, from: number): number {
  const { memory } = cpu;
  const old = all.baseOf(kind, from);
  const own = all.baseOf(kind, cpu.id);
  // Two locks of a kind: nobody else takes two, and the dead CPU takes none.
  rawSpinLock(cpu, own + TimerBase.lock);
  rawSpinLock(cpu, old + TimerBase.lock);
  const running = memory.load(old + TimerBase.running);
  warn(cpu, running !== 0, `${kind} of CPU ${from} move while ${hex(running)} runs there`);
  let moved = 0;
  for (let timer = first(cpu, old); timer !== 0; timer = first(cpu, old)) {
    const expires = timerqueueExpires(memory, timer);
    dequeue(memory, old, timer);
    // Pairs with the loads in lockBase, which then finds our lock held.
    memory.store(timer + Timed.base, cpu.id);
    enqueue(memory, own, timer, Math.max(expires, memory.read64(own + TimerBase.clk)));
    moved++;
  }
  rawSpinUnlock(cpu, old + TimerBase.lock);
  rawSpinUnlock(cpu, own + TimerBase.lock);
  return moved;
}

function first(cpu: Cpu, base: Ptr): Ptr {
  return timerqueueFirst(cpu.memory, base + TimerBase.queue);
}
