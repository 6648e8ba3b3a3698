/** The plain account of a run in which nobody can go on. */
import { hex } from '@percpu/memory';
import type { AddressNames } from '@percpu/simulator';
import type { Finding, Waiting } from './outcome.ts';

export function stuckFinding(waiting: readonly Waiting[], names: AddressNames): Finding {
  const spin = waiting.some(({ state }) => state === 'spinning');
  const who = waiting.map(({ cpu, state, at, value }) => {
    const where =
      at === 0 ? 'nothing that could change' : `${names.nameOf(at)} (${hex(at)}) = ${value}`;
    return `CPU ${cpu} ${state === 'sleeping' ? 'sleeps' : 'spins'} on ${where}`;
  });
  return {
    kind: spin ? 'livelock' : 'deadlock',
    message:
      who.length === 0
        ? 'no CPU is left to run the programs'
        : `nobody can go on: ${who.join('; ')}`,
  };
}
