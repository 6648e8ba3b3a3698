/** The figures of a profile as the coherence engine and the clock use them: plain numbers, distances as a table. */
import { ProfileError } from './check-profile.ts';
import type { FigureName } from './figures.ts';
import type { Profile } from './profile.ts';
import { Level } from './topology.ts';

type Cost = Exclude<FigureName, 'smt' | 'llc' | 'socket' | 'remote' | 'far' | 'dram'>;

export type Costs = Readonly<Record<Cost, number>> & {
  /** ns a line takes over each distance, by `Level`. */
  readonly transfer: Float64Array;
};

/** `profile` has been checked. */
export function costsOf(profile: Profile): Costs {
  const figure = (name: FigureName): number => {
    const found = profile.figures[name];
    if (found === undefined) throw new ProfileError(`${profile.name}: figures.${name} is missing`);
    return found.value;
  };
  const { llc, socket, smt, remote, far } = profile.figures;
  const transfer = new Float64Array(7);
  transfer[Level.smt] = smt?.value ?? llc!.value;
  transfer[Level.llc] = figure('llc');
  transfer[Level.socket] = figure('socket');
  // Sockets that were added to a machine that has none, or no further ones: as far as the furthest known.
  transfer[Level.remote] = remote?.value ?? socket!.value;
  transfer[Level.far] = far?.value ?? transfer[Level.remote]!;
  transfer[Level.memory] = figure('dram');
  return {
    transfer,
    hit: figure('hit'),
    rmw: figure('rmw'),
    grip: figure('grip'),
    refetch: figure('refetch'),
    pause: figure('pause'),
    smtSlowdown: figure('smtSlowdown'),
    ipiSend: figure('ipiSend'),
    ipiDeliver: figure('ipiDeliver'),
    interrupt: figure('interrupt'),
    idleExit: figure('idleExit'),
    notify: figure('notify'),
    notifyNobody: figure('notifyNobody'),
    wakeLatency: figure('wakeLatency'),
  };
}
