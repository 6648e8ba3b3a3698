import type { Profile } from '../profile.ts';
import { assumed, derived, INTERRUPTS, PERFBOOK, read, SMT_SLOWDOWN, WAKE_UPS } from './sources.ts';

const TABLE = `${PERFBOOK}, overheads, Xeon 8176, blind compare-exchange`;

/** Two interconnect groups of four sockets: three distances beyond the core. */
export const XEON_SKX_8S: Profile = {
  schema: 2,
  name: 'xeon-skx-8s',
  title: 'Intel Xeon Platinum 8176 (Skylake), 8 sockets of 28 cores',
  source: 'perfbook, AnandTech',
  topology: {
    sockets: 8,
    llcsPerSocket: 1,
    coresPerLlc: 28,
    threadsPerCore: 2,
    socketsPerGroup: 4,
  },
  lineBytes: 64,
  figures: {
    hit: derived(1.5, 'AnandTech, Xeon 8280 at 2.7 GHz: 4 cycles'),
    rmw: read(4.83, `${PERFBOOK}, atomic counter, Xeon 8176, 1 thread`),
    smt: read(7.2, `${TABLE}, same core`),
    llc: read(47.5, `${TABLE}, same socket`),
    socket: read(47.5, `${TABLE}, same socket: one cache for the socket`),
    remote: read(148.8, `${TABLE}, other socket of the same group of four`),
    far: read(336.6, `${TABLE}, other group`),
    dram: assumed(
      100,
      'between the 45 ns + network of a validated X5550 preset and 122 ns of an EPYC',
    ),
    grip: derived(0.137, `${PERFBOOK}, atomic counter, Xeon 8176, 28 threads: one each 22.3 ns`),
    refetch: assumed(22.3, 'as contended increments follow each other with 28 threads'),
    pause: assumed(67, 'PAUSE since Skylake: about 140 cycles, at 2.1 GHz'),
    smtSlowdown: SMT_SLOWDOWN,
    ...INTERRUPTS,
    ...WAKE_UPS,
  },
};
