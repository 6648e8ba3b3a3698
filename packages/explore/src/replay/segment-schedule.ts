/** One run as segments have it (replay-text.ts). */
import { describeSite } from '@percpu/coroutine/runtime';
import type { AddressNames } from '@percpu/simulator';
import type { Choices } from '../engine/choice.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { usualWayOn } from './fixed-schedule.ts';
import { labelOf } from './labels.ts';
import { ReplayError, textOf } from './replay-text.ts';
import type { Segment } from './replay-text.ts';
import { TakenAccesses } from './taken-accesses.ts';

export interface SegmentScheduleOptions {
  /** A segment that does not fit is left out. Default: it is an error. */
  readonly lenient?: boolean;
}

export class SegmentSchedule implements Scheduler {
  private readonly segments: readonly Segment[];
  private readonly names: AddressNames;
  private readonly lenient: boolean;
  private readonly taken: TakenAccesses = new TakenAccesses();
  private next = 0;

  constructor(
    segments: readonly Segment[],
    names: AddressNames,
    { lenient = false }: SegmentScheduleOptions = {},
  ) {
    this.segments = segments;
    this.names = names;
    this.lenient = lenient;
  }

  begin(): boolean {
    this.taken.clear();
    this.next = 0;
    return true;
  }

  /** @throws ReplayError if a segment does not fit what the programs do. */
  pick(choices: Choices): number {
    const index = choices.forced && choices.list.length === 1 ? 0 : this.choose(choices);
    const { cpu, kind } = choices.list[index]!;
    if (kind === 'access' || kind === 'alternative')
      this.taken.take(cpu, this.labelAt(cpu, choices));
    return index;
  }

  /** @throws ReplayError if the run is over and segments are left. */
  end(): void {
    const left = this.segments[this.next];
    if (left === undefined || this.lenient || left.kind === 'run-out') return;
    throw this.misfit(left, 'the run was over before');
  }

  private choose(choices: Choices): number {
    for (;;) {
      const segment = this.segments[this.next];
      if (segment === undefined) return usualWayOn(choices);
      const index = this.follow(segment, choices);
      if (index >= 0) return index;
      this.next++;
    }
  }

  /** Index into the list; −1: this segment is over. */
  private follow(segment: Segment, choices: Choices): number {
    const { cpu } = segment;
    const { list } = choices;
    switch (segment.kind) {
      case 'run-out':
        if (cpu >= choices.cpus) this.refuse(segment, choices, '');
        return wayOnOf(cpu, choices);
      case 'run': {
        const { label, nth } = segment;
        const index = wayOnOf(cpu, choices);
        if (
          index >= 0 &&
          this.labelAt(cpu, choices) === label &&
          this.taken.of(cpu, label) === nth - 1
        )
          return -1;
        if (index < 0) this.refuse(segment, choices, 'it cannot go on');
        else if (this.taken.of(cpu, label) >= nth)
          this.refuse(segment, choices, 'it has gone past it');
        else return index;
        return -1;
      }
      case 'answer':
        return this.once(
          segment,
          choices,
          list.findIndex((c) => c.cpu === cpu && c.kind === 'alternative' && c.n === segment.n),
        );
      case 'event':
        return this.once(
          segment,
          choices,
          list.findIndex((c) => c.cpu === cpu && c.kind === segment.event),
        );
    }
  }

  private once(segment: Segment, choices: Choices, index: number): number {
    if (index < 0) this.refuse(segment, choices, 'that cannot happen there');
    else this.next++;
    return index;
  }

  private labelAt(cpu: number, choices: Choices): string {
    return labelOf(choices.pendingOf(cpu), this.names);
  }

  private refuse(segment: Segment, choices: Choices, why: string): void {
    if (this.lenient) return;
    const { cpu } = segment;
    const known = cpu < choices.cpus;
    const site = known ? choices.pendingOf(cpu).site : 0;
    const where =
      site === 0 ? '' : `; CPU ${cpu} is at ${this.labelAt(cpu, choices)}, ${describeSite(site)}`;
    throw this.misfit(segment, `${known ? why : `there is no CPU ${cpu}`}${where}`);
  }

  private misfit(segment: Segment, what: string): ReplayError {
    return new ReplayError(
      `replay: segment ${this.next + 1} of ${this.segments.length}, ${textOf(segment)}, does not fit this code: ${what}. ` +
        'The code has changed since; explore again for a new one',
    );
  }
}

/** The plain way on of CPU `cpu`; −1: it cannot go on. */
function wayOnOf(cpu: number, { list }: Choices): number {
  return list.findIndex(
    (choice) => choice.cpu === cpu && (choice.kind === 'access' || choice.kind === 'alternative'),
  );
}
