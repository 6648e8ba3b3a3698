/**
 * Interrupts under the virtual clock: sent, under way (interrupt-lines.ts), taken on top of what a CPU does, and over. They
 * reach a CPU in front of an access, in a delay, in a spin and asleep; what it did is taken up afterwards, so the
 * time of the handler is taken from the interrupted code.
 */
import type { Coherence } from '../coherence/coherence.ts';
import type { Line } from '../coherence/line.ts';
import type { Costs } from '../profile/costs.ts';
import type { Processor, SimulatedMemory } from '@percpu/simulator';
import type { InterruptLines } from './interrupt-lines.ts';
import { Spend } from './ledger.ts';
import type { Ledger } from './ledger.ts';
import { Phase } from './phase.ts';
import type { Sleepers } from './sleepers.ts';
import type { SpinWatch } from './spin-watch.ts';
import type { Timeline } from './timeline.ts';

/** What an interrupt has covered. */
interface Covered {
  readonly phase: number;
  /** ns of a delay that are left. */
  readonly left: number;
  readonly since: number;
}

export interface InterruptionParts {
  readonly lines: InterruptLines;
  readonly processors: readonly Processor[];
  readonly timeline: Timeline;
  readonly costs: Costs;
  readonly coherence: Coherence;
  readonly ledger: Ledger;
  readonly spins: SpinWatch;
  readonly sleepers: Sleepers;
}

export class Interruptions {
  readonly lines: InterruptLines;
  private readonly parts: InterruptionParts;
  private readonly covered: Covered[][];

  constructor(parts: InterruptionParts) {
    this.parts = parts;
    this.lines = parts.lines;
    this.covered = parts.processors.map(() => []);
    parts.timeline.timer = (cpu) => this.lines.timer(cpu);
    parts.sleepers.interrupts = this.lines;
  }

  /** An access to a mailbox has been carried out and found `before`: was it an interrupt that is sent? */
  raised(line: Line, memory: SimulatedMemory, before: number): void {
    const { lines } = this;
    const { timeline, costs, ledger } = this.parts;
    const target = lines.ownerOf(line);
    const { cpu } = memory;
    if (!lines.isRaise(memory, target)) return;
    const now = timeline.time[cpu]!;
    const sent = now + costs.ipiSend;
    timeline.time[cpu] = sent;
    ledger.spend(cpu, Spend.ipi, now, sent);
    const arrives = sent + costs.ipiDeliver;
    if (!lines.raise(memory, target, before, arrives)) return;
    timeline.attention[target] = Math.min(timeline.attention[target]!, arrives);
    const phase = timeline.phase[target]!;
    if (phase === Phase.delay || phase === Phase.spin || phase === Phase.asleep)
      timeline.queue.advance(target, arrives);
  }

  /** Something has come for `cpu`. True: it does that, and not what it was about to do. */
  attend(cpu: number, now: number): boolean {
    const { timeline } = this.parts;
    this.lines.arrive(cpu, now);
    timeline.attention[cpu] = this.lines.next(cpu);
    switch (timeline.phase[cpu]) {
      case Phase.serve:
      case Phase.waking:
        // In the middle of an access: in front of the next one.
        timeline.attention[cpu] = now;
        return false;
      case Phase.asleep:
        return this.attendAsleep(cpu, now);
      default:
        if (!this.lines.isDue(cpu, now)) return false;
        this.interrupt(cpu, now);
        return true;
    }
  }

  /** `cpu` has run: is an interrupt over? */
  uncover(cpu: number): void {
    const stack = this.covered[cpu]!;
    const processor = this.parts.processors[cpu]!;
    if (stack.length === 0 || processor.state !== 'ready' || processor.depth > stack.length) return;
    const { timeline, ledger } = this.parts;
    const { phase, left, since } = stack.pop()!;
    const now = timeline.time[cpu]!;
    ledger.interrupts[cpu]! -= 1;
    if (ledger.interrupts[cpu] === 0) ledger.spend(cpu, Spend.ipi, since, now);
    timeline.phase[cpu] = phase;
    timeline.goesOn[cpu] = now + left;
    if (phase === Phase.delay) timeline.restUntil(cpu, now + left);
    else timeline.queue.set(cpu, now);
  }

  private attendAsleep(cpu: number, now: number): boolean {
    const { timeline, sleepers, processors, costs } = this.parts;
    const until = sleepers.until(cpu);
    if (now >= until) return false;
    if (this.lines.wakes(cpu, sleepers.wordOf(cpu))) {
      sleepers.leave(cpu, processors[cpu]!);
      sleepers.wakeAt(cpu, now + costs.idleExit);
    } else timeline.queue.set(cpu, Math.min(until, timeline.attention[cpu]!));
    return true;
  }

  private interrupt(cpu: number, now: number): void {
    const { timeline, spins, ledger, costs, coherence } = this.parts;
    const phase = timeline.phase[cpu]!;
    if (phase === Phase.spin) spins.leave(cpu, now);
    const isDelay = phase === Phase.delay;
    this.covered[cpu]!.push({
      phase: isDelay ? Phase.delay : Phase.issue,
      left: isDelay ? timeline.goesOn[cpu]! - now : 0,
      since: now,
    });
    ledger.interrupts[cpu]! += 1;
    timeline.time[cpu] = now + costs.interrupt * coherence.slowdown(cpu);
    this.lines.deliver(cpu);
  }
}
