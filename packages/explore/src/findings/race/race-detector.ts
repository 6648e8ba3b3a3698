/**
 * A happens-before race detector with epochs: FastTrack (Flanagan and Freund, PLDI 2009) on granules of four
 * bytes, with the bytes as a mask.
 *
 * All atomics are sequentially consistent, so within one schedule the edges are
 *
 *   store          publishes what its CPU knows, and ends what was published there before
 *   load, wait     acquires what was published through the bytes that it reads
 *   update         both: what it publishes contains what it acquired (a release sequence)
 *   failed update  a load. ECMAScript would have it publish too; code that needs that is not understood by readers
 *   notify         publishes to those whom it wakes
 *
 * A plain access and any other of the same bytes, one of them writing, is a race unless those edges order them.
 * Atomics never race with each other, whatever their widths. Set-up comes before everything and is not recorded.
 * One CPU is one thread: its interrupts race with nothing that they interrupt.
 */
import { Op, OPERATIONS } from '@percpu/simulator';
import { exchangeFailed } from '../../engine/compare-exchange.ts';
import {
  acquire,
  ALL_BYTES,
  joinClock,
  newGranule,
  publish,
  remember,
  unordered,
} from './granule.ts';
import type { AccessRecord, Granule, VectorClock } from './granule.ts';

/** An access that publishes or acquires: for the words of a report. */
export interface Synchronisation {
  readonly op: number;
  readonly at: number;
  readonly site: number;
  readonly step: number;
  /** Of the CPU, before the access. */
  readonly clock: number;
}

/** Two accesses that nothing orders. In this run `first` came first. */
export interface Race {
  readonly first: AccessRecord;
  readonly second: AccessRecord;
  /** The last thing that the first CPU published after its access. */
  readonly released: Synchronisation | undefined;
  /** The last time that the second CPU acquired anything. */
  readonly acquired: Synchronisation | undefined;
}

/** An access as it was carried out. */
export interface PerformedAccess {
  readonly op: number;
  readonly at: number;
  readonly a: number | bigint;
  readonly b: number | bigint;
  readonly site: number;
}

const READ = 1;
const WRITE = 2;

/** What each operation does, by number. */
const EFFECTS: readonly number[] = OPERATIONS.map(
  ({ effect }) => ({ read: READ, write: WRITE, update: READ | WRITE, none: 0 })[effect],
);
const ATOMIC: readonly boolean[] = OPERATIONS.map(({ atomic }) => atomic);
const SIZES: readonly number[] = OPERATIONS.map(({ size }) => size);

export class RaceDetector {
  private readonly granules: Map<number, Granule> = new Map<number, Granule>();
  private readonly clocks: VectorClock[];
  private readonly released: (Synchronisation | undefined)[];
  private readonly acquired: (Synchronisation | undefined)[];
  /** The access under way; one object, copied when it is remembered. */
  private readonly access: AccessRecord = {
    cpu: 0,
    clock: 0,
    mask: 0,
    write: false,
    op: 0,
    at: 0,
    site: 0,
    step: 0,
  };

  constructor(cpus: number) {
    this.clocks = Array.from({ length: cpus }, () => new Array<number>(cpus).fill(0));
    this.released = new Array<undefined>(cpus).fill(undefined);
    this.acquired = new Array<undefined>(cpus).fill(undefined);
    this.begin();
  }

  /** A new run: nobody knows of anybody. */
  begin(): void {
    this.granules.clear();
    for (const [cpu, clock] of this.clocks.entries()) {
      clock.fill(0);
      clock[cpu] = 1;
    }
    this.released.fill(undefined);
    this.acquired.fill(undefined);
  }

  /** Every access of the code under control, in the order in which they take place. */
  performed(cpu: number, done: PerformedAccess, result: unknown, step: number): Race | undefined {
    const { op, at } = done;
    if (op === Op.copy) return this.copied(cpu, done, step);
    if (op === Op.fill) return this.touched(cpu, done, at, Number(done.b), WRITE, step);
    const size = SIZES[op]!;
    let effect = EFFECTS[op]!;
    if (size === 0 || effect === 0) return undefined;
    if (exchangeFailed(op, done.a, result)) effect = READ;
    return ATOMIC[op]!
      ? this.synchronised(cpu, done, size, effect, step)
      : this.touched(cpu, done, at, size, effect, step);
  }

  /** CPU `by` has woken CPU `woken` from its sleep. */
  woke(by: number, woken: number): void {
    const clock = this.clocks[by]!;
    joinClock(this.clocks[woken]!, clock);
    clock[by]!++;
  }

  /** The last write to the bytes from `at` up to `end` in this run, of all CPUs but `except`. */
  lastWrite(at: number, end: number, except: number): AccessRecord | undefined {
    let last: AccessRecord | undefined;
    for (let byte = at; byte < end; byte = (byte & ~3) + 4) {
      const granule = this.granules.get(byte >>> 2);
      if (granule === undefined) continue;
      const mask = maskOf(byte, end);
      for (const record of [...granule.plain, ...granule.atomic]) {
        if (!record.write || record.cpu === except || (record.mask & mask) === 0) continue;
        if (last === undefined || record.step >= last.step) last = record;
      }
    }
    return last;
  }

  private copied(cpu: number, done: PerformedAccess, step: number): Race | undefined {
    const bytes = Number(done.b);
    return (
      this.touched(cpu, done, Number(done.a), bytes, READ, step) ??
      this.touched(cpu, done, done.at, bytes, WRITE, step)
    );
  }

  /** A plain access to `bytes` bytes from `at`. */
  private touched(
    cpu: number,
    done: PerformedAccess,
    at: number,
    bytes: number,
    effect: number,
    step: number,
  ): Race | undefined {
    const clock = this.clocks[cpu]!;
    const access = this.describe(cpu, done, at, effect, step);
    const end = at + bytes;
    for (let byte = at; byte < end; byte = (byte & ~3) + 4) {
      const mask = maskOf(byte, end);
      const granule = this.granule(byte);
      access.mask = mask;
      const other =
        unordered(granule.plain, cpu, mask, access.write, clock) ??
        unordered(granule.atomic, cpu, mask, access.write, clock);
      if (other !== undefined) return this.race(other, access, byte);
      remember(granule.plain, access);
    }
    return undefined;
  }

  /** An atomic access of 1, 2, 4 or 8 bytes. */
  private synchronised(
    cpu: number,
    done: PerformedAccess,
    size: number,
    effect: number,
    step: number,
  ): Race | undefined {
    const { at, op, site } = done;
    const clock = this.clocks[cpu]!;
    const access = this.describe(cpu, done, at, effect, step);
    const end = at + size;
    if ((effect & READ) !== 0) {
      this.acquired[cpu] = { op, at, site, step, clock: clock[cpu]! };
      for (let byte = at; byte < end; byte += 4)
        acquire(this.granule(byte).published, maskOf(byte, end), clock);
    }
    for (let byte = at; byte < end; byte += 4) {
      const mask = maskOf(byte, end);
      const granule = this.granule(byte);
      access.mask = mask;
      const other = unordered(granule.plain, cpu, mask, access.write, clock);
      if (other !== undefined) return this.race(other, access, byte);
      remember(granule.atomic, access);
      if (access.write) publish(granule.published, mask, clock);
    }
    if (access.write) {
      this.released[cpu] = { op, at, site, step, clock: clock[cpu]! };
      clock[cpu]!++;
    }
    return undefined;
  }

  private describe(
    cpu: number,
    { op, site }: PerformedAccess,
    at: number,
    effect: number,
    step: number,
  ): AccessRecord {
    const { access } = this;
    access.cpu = cpu;
    access.clock = this.clocks[cpu]![cpu]!;
    access.write = (effect & WRITE) !== 0;
    access.op = op;
    access.at = at;
    access.site = site;
    access.step = step;
    return access;
  }

  private race(first: AccessRecord, second: AccessRecord, byte: number): Race {
    const released = this.released[first.cpu];
    return {
      first: { ...first },
      // A range may begin far from where the two meet.
      second: { ...second, at: SIZES[second.op] === 0 ? byte : second.at },
      released: released !== undefined && released.clock >= first.clock ? released : undefined,
      acquired: this.acquired[second.cpu],
    };
  }

  private granule(byte: number): Granule {
    const key = byte >>> 2;
    let granule = this.granules.get(key);
    if (granule === undefined) {
      granule = newGranule();
      this.granules.set(key, granule);
    }
    return granule;
  }
}

/** The bytes from `from` up to `end`, of the granule that `from` is in. */
function maskOf(from: number, end: number): number {
  const first = from & 3;
  const last = Math.min(4, end - (from - first));
  return (ALL_BYTES << first) & (ALL_BYTES >> (4 - last));
}
