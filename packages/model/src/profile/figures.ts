/** The figures of a profile: what each means, in which unit, and what is accepted. All times are ns. */

export type Unit = 'ns' | 'share' | 'factor';

export interface FigureMeaning {
  readonly unit: Unit;
  readonly means: string;
  /** Only machines that have such a distance need it. */
  readonly optional?: true;
}

/** Of a profile. */
export type FigureName =
  | 'hit'
  | 'rmw'
  | 'smt'
  | 'llc'
  | 'socket'
  | 'remote'
  | 'far'
  | 'dram'
  | 'grip'
  | 'refetch'
  | 'pause'
  | 'smtSlowdown'
  | 'ipiSend'
  | 'ipiDeliver'
  | 'interrupt'
  | 'idleExit'
  | 'notify'
  | 'notifyNobody'
  | 'wakeLatency';

/** By name. */
export const FIGURES: Readonly<Record<FigureName, FigureMeaning>> = Object.freeze({
  hit: { unit: 'ns', means: 'access to a line that the CPU has' },
  rmw: { unit: 'ns', means: 'atomic read-modify-write of a line that the CPU owns' },
  smt: {
    unit: 'ns',
    means: 'transfer of a dirty line from the other thread of the core',
    optional: true,
  },
  llc: { unit: 'ns', means: 'the same between cores that share a last-level cache' },
  socket: { unit: 'ns', means: 'the same between two last-level caches of a socket' },
  remote: {
    unit: 'ns',
    means: 'the same between sockets of one interconnect group',
    optional: true,
  },
  far: { unit: 'ns', means: 'the same between interconnect groups', optional: true },
  dram: { unit: 'ns', means: 'first touch of a line: from memory' },
  grip: {
    unit: 'share',
    means: 'part of the journey of a line for which its last owner goes on using it',
  },
  refetch: {
    unit: 'ns',
    means: 'from one reader to the next when many want a line that was written',
  },
  pause: { unit: 'ns', means: 'one turn of a spin loop, without its accesses' },
  smtSlowdown: {
    unit: 'factor',
    means: 'how much longer a thread takes while the other one of its core runs',
  },
  ipiSend: { unit: 'ns', means: 'sending one interrupt to another CPU' },
  ipiDeliver: { unit: 'ns', means: 'from there until the target takes it' },
  interrupt: { unit: 'ns', means: 'entry into an interrupt and exit, without the handler' },
  idleExit: { unit: 'ns', means: 'a sleeping CPU takes so much longer to begin' },
  notify: { unit: 'ns', means: 'waking a sleeper, for the one who wakes' },
  notifyNobody: { unit: 'ns', means: 'a wake-up when nobody sleeps' },
  wakeLatency: { unit: 'ns', means: 'from a wake-up until the sleeper runs' },
});
export const FIGURE_NAMES: readonly FigureName[] = Object.freeze(
  Object.keys(FIGURES) as FigureName[],
);

/**
 * How far a figure can be trusted. `read`: in the named source. `derived`: computed from such. `measured`: on the
 * machine itself, by `percpu calibrate`. `recalled`: published, but the source could not be opened. `assumed`: ours.
 */
export const TRUST = ['read', 'derived', 'measured', 'recalled', 'assumed'] as const;
export type Trust = (typeof TRUST)[number];

export interface Figure {
  readonly value: number;
  readonly trust: Trust;
  readonly source: string;
}
