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

/** Eight cores share a cache: the ninth CPU is four to five times further away. */
export const EPYC_MILAN_2S: Profile = {
  schema: 2,
  name: 'epyc-milan-2s',
  title: 'AMD EPYC 7R13 (Milan), 2 sockets of 48 cores',
  source: 'core-to-core-latency, perfbook, AnandTech',
  topology: { sockets: 2, llcsPerSocket: 6, coresPerLlc: 8, threadsPerCore: 2, socketsPerGroup: 2 },
  lineBytes: 64,
  figures: {
    hit: derived(1.2, 'AnandTech, EPYC 7742 at 3.4 GHz: 4 cycles'),
    rmw: read(2.53, `${PERFBOOK}, atomic counter, EPYC Milan guest, 1 thread`),
    smt: read(9.8, `${C2C}, EPYC 7R13`),
    llc: read(23, `${C2C}, EPYC 7R13`),
    socket: read(107, `${C2C}, EPYC 7R13, first socket (the second measured 200)`),
    remote: read(197, `${C2C}, EPYC 7R13`),
    dram: read(122, 'AnandTech, EPYC 7742, random access to 128 MB, one node per socket'),
    grip: derived(
      0.322,
      `${PERFBOOK}, atomic counter, EPYC Milan guest, 8 threads: one each 6.5 ns`,
    ),
    refetch: assumed(6.5, 'as contended increments follow each other with 8 threads'),
    pause: assumed(20, 'PAUSE of Zen 2 and 3, 40 to 65 cycles'),
    smtSlowdown: SMT_SLOWDOWN,
    ...INTERRUPTS,
    ...WAKE_UPS,
  },
};
