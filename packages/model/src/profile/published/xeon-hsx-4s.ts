import type { Profile } from '../profile.ts';
import {
  assumed,
  C2C,
  derived,
  INTERRUPTS,
  PERFBOOK,
  read,
  SMT_SLOWDOWN,
  WAKE_UPS,
} from './sources.ts';

const KIN = `${C2C}, Xeon E5-2695 v4: the next generation of the same design, 18 cores on two rings`;

/** The machine of the CNA measurements. What nobody has published for it is taken from its nearest kin. */
export const XEON_HSX_4S: Profile = {
  schema: 2,
  name: 'xeon-hsx-4s',
  title: 'Intel Xeon E7-8895 v3 (Haswell), 4 sockets of 18 cores',
  source: 'CNA posting for its topology; core-to-core-latency and perfbook of its kin',
  topology: {
    sockets: 4,
    llcsPerSocket: 1,
    coresPerLlc: 18,
    threadsPerCore: 2,
    socketsPerGroup: 4,
  },
  lineBytes: 64,
  figures: {
    hit: derived(1.5, '4 cycles at 2.6 GHz; cycles of AnandTech, Xeon 8280'),
    rmw: assumed(5, 'between 4.83 ns of a Xeon 8176 and 12.2 ns of an X5550 (perfbook)'),
    smt: read(7.6, KIN),
    llc: read(44, KIN),
    socket: read(44, `${KIN}: one cache for the socket`),
    remote: read(118, `${KIN}; two sockets there, four here, all of them linked to each other`),
    dram: assumed(
      100,
      'between the 45 ns + network of a validated X5550 preset and 122 ns of an EPYC',
    ),
    grip: derived(0.137, `${PERFBOOK}, atomic counter, Xeon 8176, 28 threads: one each 22.3 ns`),
    refetch: assumed(
      22.3,
      'as contended increments of a Xeon 8176 follow each other with 28 threads',
    ),
    pause: assumed(4, 'PAUSE before Skylake: about 10 cycles'),
    smtSlowdown: SMT_SLOWDOWN,
    ...INTERRUPTS,
    ...WAKE_UPS,
  },
};
