/** Writes a run down, event by event. */
import { OPERATIONS } from '@percpu/simulator';
import type { PendingAccess, Processor } from '@percpu/simulator';
import type { Ptr } from '@percpu/memory';
import type { Choice } from '../engine/choice.ts';
import type { RunObserver, RunView } from '../engine/observer.ts';
import type { TraceEvent } from '../engine/trace-event.ts';

const NO_ACCESS = { op: -1, at: 0, a: 0, b: 0, result: undefined, site: 0 } as const;
/** Of an access: as deep as a kernel's report goes. */
const STACK_DEPTH = 40;

export class TraceRecorder implements RunObserver {
  events: TraceEvent[] = [];
  /** A CPU comes to an access: its stack is to be had now only. */
  readonly arrived: ((cpu: number) => void) | undefined;
  private processors: readonly Processor[] = [];
  private chosen: Choice | undefined = undefined;
  /** By CPU: of each context, the stack of the access that it has come to. */
  private stacks: string[][] = [];

  /** `stacks`: with the stack of every access; slow. */
  constructor({ stacks = false }: { readonly stacks?: boolean } = {}) {
    this.arrived = stacks ? (cpu) => void this.stacks[cpu]!.splice(-1, 1, stackHere()) : undefined;
  }

  started({ processors }: RunView): void {
    this.events = [];
    this.processors = processors;
    this.chosen = undefined;
    this.stacks = processors.map(() => ['']);
  }

  chose(choice: Choice, step: number): void {
    this.chosen = choice;
    const { cpu, kind, n } = choice;
    if (kind === 'access') return;
    const access = kind === 'alternative' ? this.accessOf(cpu, n) : NO_ACCESS;
    this.events.push({ step, cpu, kind, ...access });
  }

  performed(cpu: number, access: PendingAccess, result: unknown, step: number): undefined {
    const { op, at, a, b, site } = access;
    const kind = OPERATIONS[op]!.atomic ? 'access' : 'plain';
    const event: TraceEvent = { step, cpu, kind, op, at, a, b, result, site };
    const stack = this.stacks[cpu]!.at(-1)!;
    this.events.push(stack === '' ? event : { ...event, stack });
  }

  woken(by: number | undefined, cpu: number, at: Ptr, step: number): void {
    if (by === undefined && this.chosen?.cpu === cpu) return;
    const event = { ...NO_ACCESS, step, cpu, kind: 'woken', at } as const;
    this.events.push(by === undefined ? event : { ...event, by });
  }

  interrupted(cpu: number): void {
    this.stacks[cpu]!.push('');
  }

  returned(cpu: number, step: number): void {
    this.stacks[cpu]!.pop();
    this.events.push({ ...NO_ACCESS, step, cpu, kind: 'returned' });
  }

  private accessOf(cpu: number, result: number): Omit<TraceEvent, 'step' | 'cpu' | 'kind'> {
    const { op, at, a, b, site } = this.processors[cpu]!.memory;
    return { op, at, a, b, site, result };
  }
}

function stackHere(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = STACK_DEPTH;
  const { stack = '' } = new Error('stack');
  Error.stackTraceLimit = stackTraceLimit;
  return stack;
}
