import type { ModelDetails, Result } from '@percpu/experiment';
import { formatNs, plural, singular } from '../format.ts';
import type { RunRecord } from '../record/record.ts';
import { titleOf } from './curves.ts';
import type { Curve, CurveGroup } from './curves.ts';
import { toHeat } from './heat.ts';
import type { Shares, Spending, SpentModel, SpentVariant } from './model.ts';
import { formatShare } from './share.ts';

const LEGEND: SpentModel['legend'] = [
  {
    kind: 'compute',
    label: 'compute',
    meaning: 'instructions, and accesses to lines that the CPU had',
  },
  {
    kind: 'transfer',
    label: 'line transfer',
    meaning: 'lines on their way between caches or from memory, and the queue for them',
  },
  { kind: 'lockWait', label: 'waiting', meaning: 'until another CPU let go or made known' },
  { kind: 'ipi', label: 'IPI', meaning: 'interrupts between CPUs: sending, answering, handling' },
  { kind: 'idle', label: 'idle', meaning: 'asleep, nothing to do' },
];

/** Nothing where no result of the group says where its time went. */
export function toSpent(
  record: RunRecord,
  { profile, curves }: CurveGroup,
  drivers: 'all' | 'one',
): SpentModel[] {
  const variants = curves.flatMap((curve) => toVariant(record, curve, drivers));
  if (profile === undefined || variants.length === 0) return [];
  return [{ machine: titleOf(profile, record), legend: LEGEND, variants }];
}

function toVariant(record: RunRecord, curve: Curve, drivers: 'all' | 'one'): SpentVariant[] {
  const known = curve.results.flatMap((result) =>
    result.model === undefined ? [] : [{ result, model: result.model }],
  );
  const last = known.at(-1);
  if (last === undefined) return [];
  const shares = known.map(({ model }) => toShares(model));
  const lines = toHeat(known.map(({ model }) => model));
  const unit = record.experiments.find(({ name }) => name === last.result.experiment)?.unit;
  return [
    {
      name: curve.variant,
      look: curve.look,
      summary: summarise(last.result, toShares(last.model), last.model),
      cpus: known.map(({ result }) => String(result.cpus)),
      shares,
      perOperation: {
        label: `time per ${singular(unit ?? 'operation')}${drivers === 'one' ? '' : ', each CPU'}`,
        cells: known.map(({ result }) => formatNs(result.nsPerOp.median)),
      },
      rows: LEGEND.map(({ kind, label }) => ({
        kind,
        label,
        cells: shares.map((stack) =>
          formatShare(stack.find((part) => part.kind === kind)?.share ?? 0),
        ),
      })),
      lines,
    },
  ];
}

function toShares({ where, cpuNs }: ModelDetails): Shares {
  const parts = LEGEND.map(({ kind }) => ({ kind, ns: where[kind] }));
  // The parts are what the CPU time is made of; should they be more, the stack must still fit.
  const whole = Math.max(
    cpuNs,
    parts.reduce((sum, { ns }) => sum + ns, 0),
  );
  return parts.map(({ kind, ns }) => ({ kind, share: whole === 0 ? 0 : ns / whole }));
}

/** `At 256 CPUs 71 % waiting, 24 % line transfer. Dearest: ticket.serving, 64 %.` */
function summarise({ cpus }: Result, shares: Shares, model: ModelDetails): string {
  const most = shares.toSorted((a, b) => b.share - a.share).filter(({ share }) => share >= 0.01);
  const said = most.slice(0, 2).map(({ kind, share }) => `${formatShare(share)} ${labelOf(kind)}`);
  const [dearest] = toHeat([model]);
  const field = dearest?.fields[0];
  const cell = field?.cells[0];
  const where =
    dearest === undefined || field === undefined || cell === undefined || cell.heat === 0
      ? ''
      : ` Dearest: ${field.name}, ${cell.text}.`;
  return `At ${plural(cpus, 'CPU')} ${said.join(', ')}.${where}`;
}

function labelOf(kind: Spending): string {
  return LEGEND.find((entry) => entry.kind === kind)?.label ?? kind;
}
