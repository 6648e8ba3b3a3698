/** How a CPU waits for a word that another CPU will write: a bounded spin, then the parking lot. */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from './cpu.ts';
import { PerCpuLayout } from './machine-layout.ts';
import { idleOnce, parkOnce } from './parking.ts';

const { pending, softirqPending, heartbeat, waitsFor, waitsSince, state } = PerCpuLayout;

/** Bare relax turns between two looks at the clock. */
const TURNS_PER_LOOK = 32;
/** A relax loop slower than this per turn does work in between: dozing is not for it. In ns. */
const TIGHT_TURN_NS = 250;
/** How long a doze lasts at most, in ns. */
const DOZE_NS = 50_000;

export class SpinWait {
  private readonly cpu: Cpu;
  private readonly spinBudget: number;
  private readonly relaxBudget: number;
  private turns = 0;
  private tightSince = 0;

  constructor(cpu: Cpu, spinBudget: number, relaxBudget: number) {
    this.cpu = cpu;
    this.spinBudget = spinBudget;
    this.relaxBudget = relaxBudget;
  }

  /** After one turn of a loop of somebody else's: now and then, look at the clock and perhaps doze. */
  relaxed(): void {
    if (++this.turns % TURNS_PER_LOOK === 0) this.everyFewTurns();
  }

  /** Until the u32 at `at` is not `value` (or, with `until`, is `value`); returns what it is then. */
  wait(at: Ptr, value: number, until: boolean): number {
    const seen = this.spin(at, value, until);
    return (seen === value) === until ? seen : this.park(at, value, until);
  }

  /** The first part of `wait`: at most `spin.budget` turns; what was seen last. */
  spin(at: Ptr, value: number, until: boolean): number {
    const { memory, area } = this.cpu;
    let left = this.spinBudget;
    let seen = memory.load(at);
    // eslint-disable-next-line percpu/spin-loop-relaxes -- this is the wait primitive; bounded by `left`
    while ((seen === value) !== until && left > 0) {
      const turns = memory.pause(at, value, until, left);
      if (memory.load(area + pending) !== 0) this.cpu.takeInterrupts();
      seen = memory.load(at);
      left -= typeof turns === 'number' ? turns : 1;
    }
    this.cpu.count('spins', this.spinBudget - left);
    memory.writeOwn(area + heartbeat, memory.readOwn(area + heartbeat) + 1);
    return seen;
  }

  /** The second part of `wait`. */
  park(at: Ptr, value: number, until: boolean): number {
    const { memory, area, machine } = this.cpu;
    // An interrupt taken here may wait for something else: what we wait for comes back afterwards.
    const outer = memory.readOwn(area + waitsFor);
    const outerSince = memory.readOwn(area + waitsSince);
    const since = Math.floor((memory.now() - machine.bootTime) / 1e6);
    let seen = memory.load(at);
    // eslint-disable-next-line percpu/spin-loop-relaxes -- this is the wait primitive; it sleeps in parkOnce
    while ((seen === value) !== until) {
      this.cpu.takeInterrupts();
      memory.writeOwn(area + waitsSince, since);
      memory.writeOwn(area + waitsFor, at);
      parkOnce(this.cpu, at, value, until);
      memory.writeOwn(area + waitsFor, outer);
      seen = memory.load(at);
    }
    if (outer !== 0) memory.writeOwn(area + waitsSince, outerSince);
    return seen;
  }

  private everyFewTurns(): void {
    const { cpu } = this;
    const { memory, area } = cpu;
    const raised = memory.readOwn(area + softirqPending) !== 0;
    if (raised || cpu.nextEvent !== Infinity) cpu.takeInterrupts();
    if (this.relaxBudget === 0 || this.turns < this.relaxBudget) return;
    const now = memory.now();
    const tight = now - this.tightSince < this.turns * TIGHT_TURN_NS;
    cpu.count('spins', this.turns);
    this.turns = 0;
    this.tightSince = now;
    if (!tight) return;
    const before = memory.readOwn(area + state);
    idleOnce(cpu, () => false, DOZE_NS);
    memory.writeOwn(area + state, before);
    this.tightSince = memory.now();
  }
}
