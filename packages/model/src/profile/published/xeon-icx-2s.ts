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

/** One cache for the whole socket. What was only measured on the eight-socket Xeon is taken from there. */
export const XEON_ICX_2S: Profile = {
  schema: 2,
  name: 'xeon-icx-2s',
  title: 'Intel Xeon Platinum 8375C (Ice Lake), 2 sockets of 32 cores',
  source: 'core-to-core-latency, perfbook, AnandTech',
  topology: {
    sockets: 2,
    llcsPerSocket: 1,
    coresPerLlc: 32,
    threadsPerCore: 2,
    socketsPerGroup: 2,
  },
  lineBytes: 64,
  figures: {
    hit: derived(1.5, 'AnandTech, Xeon 8280 at 2.7 GHz: 4 cycles'),
    rmw: read(4.83, `${PERFBOOK}, atomic counter, Xeon 8176, 1 thread`),
    smt: read(8.1, `${C2C}, Xeon 8375C`),
    llc: read(51, `${C2C}, Xeon 8375C`),
    socket: read(51, `${C2C}, Xeon 8375C: one cache for the socket`),
    remote: read(108, `${C2C}, Xeon 8375C`),
    dram: assumed(
      100,
      'between the 45 ns + network of a validated X5550 preset and 122 ns of an EPYC',
    ),
    grip: derived(0.137, `${PERFBOOK}, atomic counter, Xeon 8176, 28 threads: one each 22.3 ns`),
    refetch: assumed(
      22.3,
      'as contended increments of a Xeon 8176 follow each other with 28 threads',
    ),
    pause: assumed(52, 'PAUSE since Skylake: about 140 cycles'),
    smtSlowdown: SMT_SLOWDOWN,
    ...INTERRUPTS,
    ...WAKE_UPS,
  },
};
