import type { Profile } from '../profile.ts';
import { assumed, INTERRUPTS, recalled, WAKE_UPS } from './sources.ts';

const SOSP =
  'order of the Opteron 6172 in David, Guerraoui, Trigonakis (SOSP 2013), scaled to 2008';

/** The machine of the kernel's vmap measurements of 2008. Priors: nothing here was read in a source. */
export const OPTERON_2S_2008: Profile = {
  schema: 2,
  name: 'opteron-2s-2008',
  title: 'AMD Opteron of 2008, 2 sockets of 4 cores',
  source: 'priors after SOSP 2013; no measurement of such a machine could be read',
  topology: { sockets: 2, llcsPerSocket: 1, coresPerLlc: 4, threadsPerCore: 1, socketsPerGroup: 2 },
  lineBytes: 64,
  figures: {
    hit: recalled(1.3, '3 cycles at 2.3 GHz, SOSP 2013'),
    rmw: recalled(20, SOSP),
    llc: recalled(60, SOSP),
    socket: recalled(60, SOSP),
    remote: recalled(120, SOSP),
    dram: recalled(65, '136 cycles at 2.1 GHz, SOSP 2013'),
    grip: assumed(
      0,
      'contended operations followed each other no faster than lines travelled: 60 ns, SOSP 2013',
    ),
    refetch: recalled(60, SOSP),
    pause: assumed(5, 'PAUSE was a short no-op on AMD then'),
    smtSlowdown: assumed(1, 'one thread a core'),
    ...INTERRUPTS,
    ...WAKE_UPS,
  },
};
