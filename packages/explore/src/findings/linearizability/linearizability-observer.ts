/** Holds the calls of each run against the sequential specification of the object. */
import type { SequentialSpec } from '@percpu/experiment';
import type { RunObserver, RunView } from '../../engine/observer.ts';
import type { Finding, RunOutcome } from '../../engine/outcome.ts';
import { checkHistory } from './check-history.ts';
import type { Linearization } from './check-history.ts';
import { callText, drawHistory } from './history-drawing.ts';

/** A run without any call checks nothing, which nobody wants. */
const NO_CALLS =
  'linearizability: no program made a call; operations are recorded by p.call(operation, args, run)';

export class LinearizabilityObserver implements RunObserver {
  private readonly spec: SequentialSpec;
  private run: RunView | undefined;

  constructor(spec: SequentialSpec) {
    this.spec = spec;
  }

  started(run: RunView): void {
    this.run = run;
  }

  finished({ end }: RunOutcome): Finding | undefined {
    if (end !== 'completed' && end !== 'stuck') return undefined;
    const { calls } = this.run!;
    if (calls.length === 0) return { kind: 'not-linearizable', message: NO_CALLS };
    const checked = checkHistory(this.spec, calls);
    if (checked.linearizable) return undefined;
    return { kind: 'not-linearizable', message: notLinearizableMessage(this.spec, checked) };
  }
}

export function notLinearizableMessage(spec: SequentialSpec, checked: Linearization): string {
  const { calls, order, stuck } = checked;
  const explained = order.length === 0 ? 'nothing' : order.map(callText).join(', ');
  return [
    `no order of these ${calls.length} operations on a ${spec.name} explains what they returned:`,
    indent(drawHistory(calls)),
    `  explained at most: ${explained}`,
    `  then impossible:   ${stuck.map((call) => `${callText(call)} (CPU ${call.cpu})`).join('; ')}`,
  ].join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
