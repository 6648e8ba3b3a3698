/**
 * When the measured window opens and closes. How much virtual time is worth simulating depends on what is simulated:
 * a lock that 4096 CPUs want is handed over a thousand times slower than a counter of one's own is incremented. So the window is cut
 * by accesses carried out, and the measuring loop is told, whenever it looks, whether the end has come.
 */
import type { Deadlines, Window } from '@percpu/experiment';
import type { Ledger } from './ledger.ts';

export interface WindowEffort {
  /** Accesses before the window opens. */
  readonly warmUp: number;
  /** Accesses in the window. */
  readonly measured: number;
}

/** Looks in the window without which there is nothing to report: calls of `body` of those who are counted. */
const LEAST_LOOKS = 4;
/** Times the effort, after which the window closes without them. */
const PATIENCE = 20;

/** Enough for stable shares at any number of CPUs, few enough for a second of host time. */
export function effortFor(cpus: number): WindowEffort {
  return { warmUp: 30_000 + 40 * cpus, measured: 150_000 + 120 * cpus };
}

export class WindowKeeper implements Deadlines {
  private readonly effort: WindowEffort;
  /** Virtual time it may take at most. */
  private readonly window: Window;
  private readonly ledger: Ledger;
  /** The only CPU that is counted; undefined: all are. */
  private readonly leader: number | undefined;
  /** Accesses carried out, and the present moment of the CPU that asks. */
  private readonly accesses: () => number;
  private readonly now: (cpu: number) => number;
  private readonly close: (now: number) => void;
  private opensAt = Infinity;
  private closesAt = Infinity;
  private base = -1;
  private began = 0;
  private looks = 0;
  /** CPUs that have made a call: the first one of each sets up what the others have set up already. */
  private readonly asked: Set<number> = new Set<number>();
  private readonly ready: Set<number> = new Set<number>();
  private readonly cpus: number;

  constructor(
    effort: WindowEffort,
    window: Window,
    cpus: number,
    ledger: Ledger,
    leader: number | undefined,
    clock: { accesses: () => number; now: (cpu: number) => number; close: (now: number) => void },
  ) {
    this.effort = effort;
    this.window = window;
    this.cpus = cpus;
    this.ledger = ledger;
    this.leader = leader;
    this.accesses = clock.accesses;
    this.now = clock.now;
    this.close = clock.close;
  }

  opens(cpu: number): number {
    const done = this.accesses();
    const now = this.now(cpu);
    if (this.base < 0) {
      this.base = done;
      this.began = now;
    }
    // Each CPU asks before its first call and after it.
    if (this.asked.has(cpu)) this.ready.add(cpu);
    else this.asked.add(cpu);
    const isFixed = this.window.kind === 'work';
    const patient =
      this.ready.size === this.cpus || done - this.base >= this.effort.warmUp * PATIENCE;
    if (
      this.opensAt === Infinity &&
      (isFixed || (patient && this.isEnough(done, now, this.effort.warmUp, 'warmUpNs')))
    ) {
      this.opensAt = now;
      this.base = done;
      this.ledger.begin(now);
    }
    return this.opensAt;
  }

  closes(cpu: number): number {
    if (this.closesAt !== Infinity) return this.closesAt;
    // Whoever has done its share ends last: `measurePoint` closes then.
    if (this.window.kind === 'work') return Infinity;
    if (this.leader === undefined || cpu === this.leader) this.looks++;
    const done = this.accesses();
    const now = this.now(cpu);
    const patient =
      this.looks >= LEAST_LOOKS || done - this.base >= this.effort.measured * PATIENCE;
    if (patient && this.isEnough(done, now, this.effort.measured, 'measureNs')) {
      this.closesAt = now;
      this.close(now);
    }
    return this.closesAt;
  }

  private isEnough(
    done: number,
    now: number,
    accesses: number,
    limit: 'warmUpNs' | 'measureNs',
  ): boolean {
    const since = this.opensAt === Infinity ? this.began : this.opensAt;
    const limitNs = this.window.kind === 'time' ? this.window[limit] : Infinity;
    return done - this.base >= accesses || now - since >= limitNs;
  }
}
