/** A lock of ours: one machine, booted for it alone, as measured programs boot it (unchecked). */
import { Machine } from '@percpu/machine/boot';
import type { NativeBackend, Ptr } from '@percpu/memory';
import { newStartLine } from './in-window.ts';
import { patienceMs } from './team.ts';
import type { Team, ThreadReport, Window } from './team.ts';

export type OurName = 'tas' | 'ttas' | 'ticket' | 'mcs' | 'mutex';

/** Where the lock and the counter that it protects live. */
export interface OurPlace {
  readonly lock: Ptr;
  readonly counter: Ptr;
}

/** What the program `window` is given. */
export interface OurWindow {
  readonly who: OurName;
  readonly place: OurPlace;
  readonly startLine: SharedArrayBuffer;
  readonly window: Window;
}

const module = new URL('./programs/ours.ts', import.meta.url);

/**
 * `backend`: chosen once for all machines of a run. Left to itself each machine would measure for
 * itself, and on a busy host one of them might decide differently.
 */
export async function machineTeam(
  who: OurName,
  cpus: number,
  backend: NativeBackend,
): Promise<Team> {
  const machine = await Machine.boot({
    cpus,
    checked: false,
    parameters: { 'memory.backend': backend },
  });
  const [place] = await machine.run<OurPlace>(
    { module, export: 'prepare', args: { who } },
    { cpus: [0] },
  );
  const startLine = newStartLine();
  // The CPUs are idle when the host looks: no window is under way.
  const counter = (): number => machine.memory.read(place!.counter);
  return {
    async run(window) {
      const args: OurWindow = { who, place: place!, startLine, window };
      const before = counter();
      const reports = await machine.run<ThreadReport>(
        { module, export: 'window', args },
        { timeoutMs: patienceMs(window) },
      );
      return { reports, counted: (counter() - before) >>> 0 };
    },
    end: () => machine.shutdown(),
  };
}
