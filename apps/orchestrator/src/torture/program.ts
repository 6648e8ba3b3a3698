/**
 * What every CPU of a torture runs. The module of the tortures is named in this module's own URL
 * (`program.ts?module=…`), as for measuring.
 */
import { findByName, MeasurementStopped, runTorture } from '@percpu/experiment';
import type { Place, Sleeps, Torture } from '@percpu/experiment';
import { FIRST_FREE_VECTOR, isFatal } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';

export interface TortureArguments {
  readonly name: string;
  readonly cpus: number;
  readonly seed: number;
  readonly forNs: number;
  readonly place: Place;
}

/** What a CPU sends back. */
export type TortureOutcome =
  | { readonly rounds: number; readonly interrupts: number }
  /** It failed on this CPU; what it said. */
  | { readonly failed: string }
  /** It failed on another one. */
  | { readonly stopped: true };

/** Free for what a torture tests: the vectors below it. */
const VECTOR = FIRST_FREE_VECTOR + 8;

const module = new URL(import.meta.url).searchParams.get('module');
if (module === null) throw new Error('the torture program needs ?module=URL of tortures');
const { tortures } = (await import(module)) as { readonly tortures: readonly Torture[] };

export function* main(
  cpu: Cpu,
  { name, cpus, seed, forNs, place }: TortureArguments,
): Sleeps<TortureOutcome> {
  let interrupts = 0;
  let handler = (): void => {};
  cpu.setVector(VECTOR, () => {
    interrupts++;
    handler();
  });
  try {
    const rounds = yield* runTorture(cpu, findByName(tortures, name, 'torture'), {
      ...{ cpus, index: cpu.id, seed, forNs, place },
      start: (title, body) => void cpu.scheduler.start(title, body),
      disturb: (target) => cpu.raise(target, VECTOR),
      onInterrupt: (next) => (handler = next),
    });
    return { rounds, interrupts };
  } catch (error) {
    // The machine itself is stopping: that must reach its main loop.
    if (isFatal(error)) throw error;
    if (error instanceof MeasurementStopped) return { stopped: true };
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
