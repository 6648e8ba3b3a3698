import type { FieldDetails, LineDetails, ModelDetails } from '@percpu/experiment';
import { formatNs } from '../format.ts';
import type { HeatCell, HeatLine } from './model.ts';
import { formatShare } from './share.ts';

/** Shares from which on a cell is one step hotter. */
const STEPS: readonly number[] = [0.005, 0.02, 0.05, 0.1, 0.2, 0.35, 0.55];
const MOST_LINES = 10;
/** A line or field that nowhere costs more than this is not worth a row. */
const LEAST_SHARE = STEPS[0] ?? 0;
const OTHERS = 'all other lines';
/** Of so many lines the reason is told, if they cost as much as that at the largest CPU count. */
const MOST_REASONS = 3;
const LEAST_REASON = 0.05;

/** What one field of one line cost at one CPU count; ns of CPU time, all CPUs together. */
interface Cost {
  transferNs: number;
  waitNs: number;
  lockWaitNs: number;
}

interface Row {
  readonly line: string;
  readonly field: string;
  readonly costs: readonly (Cost | undefined)[];
  /** The largest share at any CPU count. */
  readonly most: number;
}

/**
 * The heat map of one variant, a column for each CPU count: fields by what they cost in line
 * transfers, queueing and waiting, as a share of the time of all CPUs. Lines with the dearest first;
 * fields that share a line stand together, because one cannot be had without the other.
 */
export function toHeat(given: readonly ModelDetails[]): HeatLine[] {
  const models = withCommonNames(given);
  const rows = [...collect(models)];
  const lines = new Map<string, Row[]>();
  for (const row of rows) {
    const own = lines.get(row.line) ?? [];
    lines.set(row.line, own);
    own.push(row);
  }
  const mostOf = (own: readonly Row[]): number => Math.max(...own.map(({ most }) => most));
  const dear = [...lines.entries()]
    .filter(([, own]) => mostOf(own) >= LEAST_SHARE)
    .sort(([, a], [, b]) => mostOf(b) - mostOf(a));
  const shown = dear.slice(0, MOST_LINES);
  const hidden = rows.filter(({ line }) => !shown.some(([name]) => name === line));
  const others = {
    line: OTHERS,
    field: '',
    costs: models.map((_, i) => sumAt(hidden, i)),
    most: 0,
  };
  return [
    ...shown.map(([name, own], index) => ({
      name,
      ...(index < MOST_REASONS ? reasonOf(name, own, models) : {}),
      fields: own
        .toSorted((a, b) => b.most - a.most)
        .filter(({ most }, index) => index === 0 || most >= LEAST_SHARE)
        .map((row) => ({ name: rowName(row), cells: toCells(row, models) })),
    })),
    ...(hidden.length === 0
      ? []
      : [{ name: OTHERS, fields: [{ name: OTHERS, cells: toCells(others, models) }] }]),
  ];
}

/**
 * A model may sum up lines that differ in numbers only (`node * of cpu * (16 lines)`), as soon as there
 * are enough of them; how many there are depends on the CPUs. Here they have one name in every column.
 */
function withCommonNames(models: readonly ModelDetails[]): ModelDetails[] {
  const short = (name: string): string => {
    const parts = name.replace(/ \(\d+ lines\)$/, '').split(' + ');
    return [...new Set(parts)].join(' + ');
  };
  const all = models.flatMap(({ lines }) => lines.map(({ name }) => short(name)));
  const summedUp = new Set(all.filter((name) => name.includes('*')));
  const common = (name: string): string => {
    const own = short(name);
    const pattern = own.replace(/\d+/g, '*');
    return summedUp.has(pattern) ? pattern : own;
  };
  return models.map((model) => ({
    ...model,
    lines: model.lines.map((line) => ({ ...line, name: common(line.name) })),
  }));
}

/** What the model says of the line, at the largest CPU count and where it matters. */
function reasonOf(
  name: string,
  own: readonly Row[],
  models: readonly ModelDetails[],
): Pick<HeatLine, 'why'> {
  const model = models.at(-1);
  const why = model?.lines.find((line) => line.name === name)?.why;
  if (model === undefined || why === undefined) return {};
  const cost = sumAt(own, models.length - 1);
  return shareOf(cost, model) < LEAST_REASON ? {} : { why };
}

function rowName({ line, field }: Row): string {
  if (field === '' || field === line) return line;
  // An address that nothing names: the field's has the line's in it.
  if (field.startsWith('0x')) return field;
  // What no layout names is an offset.
  return field.startsWith('+') ? `${line}${field}` : `${line}.${field}`;
}

/** Every field of every line, with what it cost in each of the models. */
function collect(models: readonly ModelDetails[]): Iterable<Row> {
  const found = new Map<string, { line: string; field: string; costs: (Cost | undefined)[] }>();
  models.forEach((model, column) => {
    for (const line of model.lines) {
      for (const [field, cost] of costsOf(line)) {
        const key = JSON.stringify([line.name, field]);
        const row = found.get(key) ?? { line: line.name, field, costs: [] };
        found.set(key, row);
        const before = row.costs[column];
        row.costs[column] = before === undefined ? cost : add(before, cost);
      }
    }
  });
  return [...found.values()].map((row) => ({
    ...row,
    most: Math.max(...models.map((model, i) => shareOf(row.costs[i], model))),
  }));
}

/** A line whose fields are not known is one row. */
function costsOf(line: LineDetails): [field: string, cost: Cost][] {
  if (line.fields.length > 0) return line.fields.map((field) => [field.name, costOf(field)]);
  return [['', { transferNs: line.transferNs, waitNs: line.waitNs, lockWaitNs: 0 }]];
}

function costOf({ transferNs, waitNs, lockWaitNs }: FieldDetails): Cost {
  return { transferNs, waitNs, lockWaitNs };
}

function add(a: Cost, b: Cost): Cost {
  return {
    transferNs: a.transferNs + b.transferNs,
    waitNs: a.waitNs + b.waitNs,
    lockWaitNs: a.lockWaitNs + b.lockWaitNs,
  };
}

function sumAt(rows: readonly Row[], column: number): Cost | undefined {
  const costs = rows.flatMap((row) => row.costs[column] ?? []);
  return costs.length === 0 ? undefined : costs.reduce(add);
}

function shareOf(cost: Cost | undefined, { cpuNs }: ModelDetails): number {
  if (cost === undefined || cpuNs === 0) return 0;
  return (cost.transferNs + cost.waitNs + cost.lockWaitNs) / cpuNs;
}

function toCells({ costs }: Pick<Row, 'costs'>, models: readonly ModelDetails[]): HeatCell[] {
  return models.map((model, column) => {
    const cost = costs[column];
    const share = shareOf(cost, model);
    const detail =
      cost === undefined
        ? ''
        : `${formatNs(cost.transferNs)} transfer, ${formatNs(cost.waitNs)} queue, ${formatNs(cost.lockWaitNs)} waiting, of ${formatNs(model.cpuNs)} CPU time`;
    return {
      text: formatShare(share),
      heat: STEPS.filter((step) => share >= step).length,
      detail,
    };
  });
}
