import { uslRate } from '@percpu/experiment';
import type { Fit, FittedLaw, Result } from '@percpu/experiment';
import {
  formatBytes,
  formatEnds,
  formatFigure,
  formatNs,
  formatNsEstimate,
  formatRate,
  formatRateEstimate,
  singular,
  threeDigits,
} from '../format.ts';
import { describeLoad } from '../host/describe.ts';
import { repeatCommand, toShell } from '../record/command.ts';
import type { ExperimentFacts, RunRecord } from '../record/record.ts';
import type { ChartData, ChartPoint, ChartSeries, Metric } from './client/chart-data.ts';
import type { OverviewModel, ReportModel, SectionModel, TableGroup } from './model.ts';

/** A fitted curve is smooth: so many points draw it. */
const CURVE_POINTS = 60;

/** Everything the page says about a run. */
export function toReportModel(record: RunRecord): ReportModel {
  const { host, headlines, notices, failures } = record;
  return {
    title: titleOf(record),
    facts: [
      formatDate(record.created),
      `${host.cpuModel}, ${host.cores} CPU${host.cores === 1 ? '' : 's'}`,
      `Node ${host.node}`,
      `percpu ${record.percpu}${record.revision === null ? '' : ` (${record.revision})`}`,
    ],
    notices: [
      ...notices,
      ...failures.map(
        ({ experiment, variant, cpus, message }) =>
          `Not measured: ${experiment} ${variant}, ${cpus} CPUs. ${message.split('\n')[0] ?? ''}`,
      ),
    ],
    headlines: headlines.map(({ label, value, unit, experiment }) => ({
      label,
      value: formatFigure(value, unit),
      detail: experiment,
    })),
    sections: record.experiments.flatMap((facts) => toSection(record, facts)),
    host: hostRows(record),
    command: toShell(record.command),
  };
}

function titleOf({ experiments }: RunRecord): string {
  const [only] = experiments;
  return experiments.length === 1 && only !== undefined
    ? `How ${only.name} scales on this machine`
    : 'How kernel concurrency scales on this machine';
}

function formatDate(created: string): string {
  const [day = '', time = ''] = created.split('T');
  return `${day}, ${time.slice(0, 5)} UTC`;
}

function toSection(record: RunRecord, facts: ExperimentFacts): SectionModel[] {
  const own = record.results.filter(
    (result) => result.experiment === facts.name && result.package === facts.package,
  );
  if (own.length === 0) return [];
  const metric: Metric = facts.report[0] === 'perSecond' ? 'rate' : 'time';
  const fits = record.fits.filter(
    (fit) => fit.experiment === facts.name && fit.package === facts.package,
  );
  const drivers =
    record.cells.find(({ experiment }) => experiment === facts.name)?.drivers ?? 'all';
  const counts = [...new Set(own.map(({ cpus }) => cpus))].sort((a, b) => a - b);
  const chart: ChartData = {
    id: facts.name,
    cores: record.host.cores,
    kind: counts.length > 1 ? 'scaling' : 'comparison',
    metric,
    unit: [facts.unit, singular(facts.unit)],
    series: curvesOf(own).map(({ name, results }) => toSeries(name, results, fits, drivers)),
  };
  return [
    {
      title: facts.title,
      source: `${facts.package} ${facts.name}`,
      description: facts.description,
      knobs: describeKnobs(record, facts),
      chart,
      fits: fits.flatMap(describeFit),
      ...(chart.kind === 'scaling' ? { overview: toOverview(own, counts, chart) } : {}),
      table: {
        caption: `${facts.title}: every figure`,
        columns: columnsOf(own, chart),
        groups: curvesOf(own).map(({ name, results }) => toGroup(name, results, own)),
      },
      command: toShell(repeatCommand(record.request, record.cells, facts.name)),
    },
  ];
}

interface Curve {
  readonly name: string;
  readonly results: readonly Result[];
}

/** One curve for each variant, and for each clock where there is more than one. */
export function curvesOf(results: readonly Result[]): Curve[] {
  const curves = new Map<string, Result[]>();
  for (const result of results) {
    const name =
      result.clock === 'parallel'
        ? result.variant
        : `${result.variant} (${result.profile ?? result.clock})`;
    const curve = curves.get(name) ?? [];
    curves.set(name, curve);
    curve.push(result);
  }
  return [...curves].map(([name, own]) => ({
    name,
    results: [...own].sort((a, b) => a.cpus - b.cpus),
  }));
}

function toSeries(
  name: string,
  results: readonly Result[],
  fits: readonly Fit[],
  drivers: 'all' | 'one',
): ChartSeries {
  const fit = fits.find(
    ({ variant, clock }) => variant === results[0]?.variant && clock === results[0].clock,
  );
  const points = results.map((result): ChartPoint => ({
    cpus: result.cpus,
    rate: [result.opsPerSecond.median, result.opsPerSecond.low, result.opsPerSecond.high],
    time: [result.nsPerOp.median, result.nsPerOp.low, result.nsPerOp.high],
    rateText: formatRateEstimate(result.opsPerSecond),
    timeText: formatNsEstimate(result.nsPerOp),
    oversubscribed: result.oversubscribed,
  }));
  return fit?.law === undefined
    ? { name, points }
    : { name, points, fit: toCurve(fit, fit.law, drivers) };
}

/** The fitted law as a line, only as far as the rule of publication lets it be drawn. */
function toCurve(
  { cpuCounts }: Fit,
  law: FittedLaw,
  drivers: 'all' | 'one',
): NonNullable<ChartSeries['fit']> {
  const first = Math.min(...cpuCounts);
  const parameters = { gamma: law.gamma.value, alpha: law.alpha.value, beta: law.beta.value };
  const at = Array.from(
    { length: CURVE_POINTS },
    (_, k) => first * (law.limit / first) ** (k / (CURVE_POINTS - 1)),
  );
  return {
    rate: at.map((n) => [n, uslRate(parameters, n)] as const),
    // Time per operation is that of the CPUs which drive: all of them, or one.
    time: at.map((n) => {
      const driving = drivers === 'one' ? 1 : n;
      return [n, (driving * 1e9) / uslRate(parameters, n)] as const;
    }),
  };
}

function describeFit({ variant, law, cpuCounts }: Fit): string[] {
  if (law === undefined) return [];
  const { alpha, beta, gamma, mape, peak } = law;
  const ends = ({ low, high }: { low: number; high: number }): string =>
    `${coefficient(low)} to ${coefficient(high)}`;
  const where =
    peak === undefined
      ? 'no peak within reach'
      : `throughput is largest at n* = ${threeDigits(peak.value)} CPUs (${ends(peak)})`;
  return [
    `${variant}: contention α = ${coefficient(alpha.value)} (${ends(alpha)}), crosstalk β = ${coefficient(beta.value)} (${ends(beta)}), one CPU γ = ${formatRate(gamma.value)}; ${where}. Mean error ${threeDigits(mape * 100)} % over ${cpuCounts.length} CPU counts.`,
  ];
}

/** α and β: below a millionth is nothing that a measurement could tell from zero. */
function coefficient(value: number): string {
  if (Math.abs(value) < 1e-6) return '0';
  return threeDigits(value).replace('-', '−');
}

function describeKnobs({ cells }: RunRecord, facts: ExperimentFacts): string {
  const cell = cells.find(
    ({ experiment, package: from }) => experiment === facts.name && from === facts.package,
  );
  const entries = Object.entries(cell?.knobs ?? {});
  return entries.map(([name, value]) => `${name} = ${String(value)}`).join(', ');
}

function toOverview(
  results: readonly Result[],
  counts: readonly number[],
  { metric, unit }: ChartData,
): OverviewModel {
  const curves = curvesOf(results);
  return {
    caption: metric === 'rate' ? `${capital(unit[0])} per second, all CPUs` : `Time per ${unit[1]}`,
    variants: curves.map(({ name }) => name),
    rows: counts.map((cpus) => ({
      cpus: String(cpus),
      oversubscribed: results.some((result) => result.cpus === cpus && result.oversubscribed),
      cells: curves.map((curve) => {
        const result = curve.results.find((one) => one.cpus === cpus);
        return result === undefined ? { text: '–' } : valueCell(result, metric);
      }),
    })),
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function valueCell(result: Result, metric: Metric): { text: string; interval: string } {
  const estimate = metric === 'rate' ? result.opsPerSecond : result.nsPerOp;
  const text = metric === 'rate' ? formatRate(estimate.median) : formatNs(estimate.median);
  return { text, interval: formatEnds(estimate, metric) };
}

function columnsOf(results: readonly Result[], { unit }: ChartData): string[] {
  const latency = results.some((result) => result.latency !== undefined);
  return [
    ...['Variant', 'CPUs', `${capital(unit[0])} per second`, `Time per ${unit[1]}`, 'Fairness'],
    ...(latency ? ['p50', 'p90', 'p99', 'p99.9', 'Longest'] : []),
    'Repeats',
  ];
}

function toGroup(name: string, results: readonly Result[], all: readonly Result[]): TableGroup {
  const latency = all.some((result) => result.latency !== undefined);
  const rows = results.map((result) => [
    result.oversubscribed
      ? { text: String(result.cpus), interval: 'more than cores' }
      : { text: String(result.cpus) },
    valueCell(result, 'rate'),
    valueCell(result, 'time'),
    { text: result.fairness.toFixed(2) },
    ...(latency ? latencyCells(result) : []),
    { text: String(result.repeats) },
  ]);
  return { name, rows };
}

function latencyCells({ latency }: Result): { text: string }[] {
  if (latency === undefined) return Array.from({ length: 5 }, () => ({ text: '–' }));
  const { p50, p90, p99, p999, max } = latency;
  return [p50, p90, p99, p999, max].map((ns) => ({ text: formatNs(ns) }));
}

function hostRows(record: RunRecord): (readonly [string, string])[] {
  const { host } = record;
  const { known, sockets, coresPerSocket, threadsPerCore, coresPerLlc } = host.topology;
  const told = (value: number | undefined): string =>
    String(known ? (value ?? 'unknown') : 'unknown');
  return [
    ['Processor', host.cpuModel],
    ['CPUs for this process', String(host.cores)],
    ['Sockets', told(sockets)],
    ['Cores per socket', told(coresPerSocket)],
    ['Threads per core', told(threadsPerCore)],
    ['Cores per last-level cache', told(coresPerLlc)],
    ['Memory', formatBytes(host.memoryBytes)],
    ['System', `${host.platform} ${host.kernel}, ${host.arch}`],
    ['Node', `${host.node} (V8 ${host.v8})`],
    ['Atomic accesses through', host.backend ?? 'unknown'],
    ['Load before (1, 5, 15 min)', describeLoad(host.load)],
    ['Load after', describeLoad(record.loadAfter)],
    ['Seed', String(record.seed)],
    ...Object.entries(host.versions),
  ];
}
