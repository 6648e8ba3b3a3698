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

  /**
   * The write that the word at `at` got last from a CPU other than `except`; if there was none in this run, the last to the
   * struct that the word is in (who drew the number before, say).
   */
  lastWrite(at: Ptr, except: number): AccessRecord | undefined {
    const { names } = this.run!;
    const word = this.detector!.lastWrite(at, at + 4, except);
    if (word !== undefined) return word;
    const [from, end] = names.extentOf(at) ?? [at, at];
    return this.detector!.lastWrite(from, end, except);
  }

  woken(by: number | undefined, cpu: number, _at: Ptr): void {
    if (by !== undefined) this.detector!.woke(by, cpu);
  }
}
