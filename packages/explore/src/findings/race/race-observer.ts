/** The race detector as one who watches runs. */
import type { PendingAccess } from '@percpu/simulator';
import type { Ptr } from '@percpu/memory';
import type { RunObserver, RunView } from '../../engine/observer.ts';
import type { Finding } from '../../engine/outcome.ts';
import type { AccessRecord } from './granule.ts';
import { RaceDetector } from './race-detector.ts';
import { raceMessage } from './race-message.ts';

export class RaceObserver implements RunObserver {
  private detector: RaceDetector | undefined;
  private cpus = 0;
  private run: RunView | undefined;

  started(run: RunView): void {
    this.run = run;
    const cpus = run.processors.length;
    if (this.detector === undefined || this.cpus !== cpus) this.detector = new RaceDetector(cpus);
    else this.detector.begin();
    this.cpus = cpus;
  }

  performed(
    cpu: number,
    access: PendingAccess,
    result: unknown,
    step: number,
  ): Finding | undefined {
    const race = this.detector!.performed(cpu, access, result, step);
    if (race === undefined) return undefined;
    return {
      kind: 'race',
      message: raceMessage(race, this.run!.names),
      accesses: [race.first, race.second],
    };
  }

  /** The write that `at` got last from a CPU other than `except`; undefined: none in this run. */
  lastWrite(at: Ptr, except: number): AccessRecord | undefined {
    return this.detector?.lastWrite(at, except);
  }

  woken(by: number | undefined, cpu: number, _at: Ptr): void {
    if (by !== undefined) this.detector!.woke(by, cpu);
  }
}
