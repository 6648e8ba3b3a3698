/** Follows a run, whoever schedules it, and says it in segments (replay-text.ts). */
import type { AddressNames } from '@percpu/simulator';
import type { Choices } from '../engine/choice.ts';
import type { Footprint } from '../engine/footprint.ts';
import type { RunOutcome } from '../engine/outcome.ts';
import { ABANDON } from '../engine/scheduler.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { usualWayOn } from './fixed-schedule.ts';
import { labelOf } from './labels.ts';
import type { Segment } from './replay-text.ts';
import { TakenAccesses } from './taken-accesses.ts';

export class SegmentWriter implements Scheduler {
  private readonly inner: Scheduler;
  private readonly names: AddressNames;
  private readonly taken: TakenAccesses = new TakenAccesses();
  private written: Segment[] = [];
  /** Segments from here on only say what happens anyway. */
  private needed = 0;
  private running = -1;
  /** It has taken a step since the last segment that was written. */
  private ran = false;

  constructor(inner: Scheduler, names: AddressNames) {
    this.inner = inner;
    this.names = names;
  }

  begin(): boolean {
    this.taken.clear();
    this.written = [];
    this.needed = 0;
    this.running = -1;
    this.ran = false;
    return this.inner.begin();
  }

  /** Of the run that has ended. */
  get segments(): readonly Segment[] {
    const { running, needed } = this;
    const all: readonly Segment[] = [...this.written, { cpu: running, kind: 'run-out' }];
    return running < 0 ? [] : all.slice(0, needed);
  }

  pick(choices: Choices): number {
    const index = this.inner.pick(choices);
    if (index !== ABANDON) this.note(choices, index);
    return index;
  }

  did(footprint: Footprint): void {
    this.inner.did?.(footprint);
  }

  end(outcome: RunOutcome): void {
    this.inner.end(outcome);
  }

  private note(choices: Choices, index: number): void {
    const { cpu, kind, n } = choices.list[index]!;
    // Nothing to choose.
    if (choices.forced && choices.list.length === 1) return;
    const runs = kind === 'access' || (kind === 'alternative' && n === 0);
    const switches = cpu !== this.running;
    if ((switches || !runs) && this.ran) this.close(choices);
    if (index !== usualWayOn(choices)) this.needed = this.written.length + 1;
    if (kind === 'alternative' && n > 0) this.written.push({ cpu, kind: 'answer', n });
    else if (!runs) this.written.push({ cpu, kind: 'event', event: kind });
    this.running = cpu;
    this.ran = runs;
    if (kind === 'access' || kind === 'alternative') {
      this.taken.take(cpu, labelOf(choices.pendingOf(cpu), this.names));
    }
  }

  /** What the CPU that ran has done until here. */
  private close(choices: Choices): void {
    const cpu = this.running;
    const goesOn = choices.list.some(
      (choice) => choice.cpu === cpu && (choice.kind === 'access' || choice.kind === 'alternative'),
    );
    if (!goesOn) this.written.push({ cpu, kind: 'run-out' });
    else {
      const label = labelOf(choices.pendingOf(cpu), this.names);
      this.written.push({ cpu, kind: 'run', label, nth: this.taken.of(cpu, label) + 1 });
    }
  }
}
