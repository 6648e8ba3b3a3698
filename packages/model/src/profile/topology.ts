/**
 * Which CPU is how far from which. A machine is filled as its numbering goes (profile.ts): first a thread on every
 * core, then the second ones. Or, `spread`, socket by turns: as a scheduler places threads that nobody has pinned.
 *
 * More CPUs than the machine has are given more sockets of the same kind, so that a curve can be drawn to 4096; they
 * are as far away as the furthest that the profile knows.
 */
import type { TopologyFigures } from './profile.ts';

/** Distance classes, near to far. `own`: it has been here all the time. */
export const Level = { own: 0, smt: 1, llc: 2, socket: 3, remote: 4, far: 5, memory: 6 } as const;
export type LevelCode = (typeof Level)[keyof typeof Level];
export const LEVEL_NAMES = ['own', 'smt', 'llc', 'socket', 'remote', 'far', 'memory'] as const;

export class Topology {
  readonly cpus: number;
  readonly coresPerSocket: number;
  /** Sockets, with those that were added. */
  readonly sockets: number;
  /** More CPUs than the machine has. */
  readonly isExtended: boolean;
  /** By CPU number. */
  readonly core: Int32Array;
  readonly llc: Int32Array;
  readonly socket: Int32Array;
  readonly group: Int32Array;
  /** The other thread of the core, if it is one of the CPUs; else −1. */
  readonly sibling: Int32Array;

  constructor(figures: TopologyFigures, cpus: number, placement: 'fill' | 'spread' = 'fill') {
    const { llcsPerSocket, coresPerLlc, threadsPerCore, socketsPerGroup } = figures;
    const coresPerSocket = llcsPerSocket * coresPerLlc;
    this.cpus = cpus;
    this.coresPerSocket = coresPerSocket;
    this.sockets = Math.max(figures.sockets, Math.ceil(cpus / (coresPerSocket * threadsPerCore)));
    this.isExtended = this.sockets > figures.sockets;
    const cores = this.sockets * coresPerSocket;
    const coreOf = (nth: number): number =>
      placement === 'fill'
        ? nth
        : (nth % this.sockets) * coresPerSocket + Math.floor(nth / this.sockets);
    this.core = Int32Array.from({ length: cpus }, (_, cpu) => coreOf(cpu % cores));
    this.llc = this.core.map((core) => Math.floor(core / coresPerLlc));
    this.socket = this.core.map((core) => Math.floor(core / coresPerSocket));
    this.group = this.socket.map((socket) => Math.floor(socket / socketsPerGroup));
    this.sibling = Int32Array.from({ length: cpus }, (_, cpu) => {
      const other = cpu < cores ? cpu + cores : cpu - cores;
      return threadsPerCore > 1 && other < cpus ? other : -1;
    });
  }

  /** How far a line travels from `a` to `b`. */
  level(a: number, b: number): LevelCode {
    if (a === b) return Level.own;
    if (this.core[a] === this.core[b]) return Level.smt;
    if (this.llc[a] === this.llc[b]) return Level.llc;
    if (this.socket[a] === this.socket[b]) return Level.socket;
    return this.group[a] === this.group[b] ? Level.remote : Level.far;
  }
}

/** CPU counts after which the next CPU is further away, or shares a core: where a curve may bend. Ascending. */
export function boundariesOf(figures: TopologyFigures): readonly number[] {
  const { sockets, llcsPerSocket, coresPerLlc, threadsPerCore, socketsPerGroup } = figures;
  const coresPerSocket = llcsPerSocket * coresPerLlc;
  const cores = sockets * coresPerSocket;
  const steps = [coresPerLlc, coresPerSocket, coresPerSocket * socketsPerGroup, cores];
  if (threadsPerCore > 1) steps.push(cores * threadsPerCore);
  return [...new Set(steps)].filter((count) => count > 1).sort((a, b) => a - b);
}
