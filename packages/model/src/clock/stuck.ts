/** No CPU can go on: who waits for what. */
import { hex } from '@percpu/memory';
import { Phase } from './phase.ts';
import type { VirtualClock } from './virtual-clock.ts';

const MOST = 8;

/** Everybody waits, and nobody is left to end it. */
export class StuckError extends Error {
  override readonly name: string = 'StuckError';
}

export function whatBlocks(clock: VirtualClock, cpus: number): StuckError {
  const waits: string[] = [];
  for (let cpu = 0; cpu < cpus && waits.length < MOST; cpu++) {
    if (clock.timeline.phase[cpu] === Phase.spin)
      waits.push(`CPU ${cpu} spins on ${nameOf(clock, clock.spins.wordOf(cpu))}`);
    if (clock.timeline.phase[cpu] === Phase.asleep)
      waits.push(`CPU ${cpu} sleeps on ${nameOf(clock, clock.sleepers.wordOf(cpu))}`);
  }
  return new StuckError(`no CPU can go on: ${waits.join(', ') || 'none waits, none runs'}`);
}

function nameOf({ store }: VirtualClock, at: number): string {
  return store.names.nameOf(at) || hex(at);
}
