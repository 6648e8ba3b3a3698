import { uslRate } from '@percpu/experiment';
import type { Fit, FittedLaw, Result } from '@percpu/experiment';
import {
  formatEnds,
  formatNs,
  formatNsEstimate,
  formatRate,
  formatRateEstimate,
  singular,
} from '../format.ts';
import { repeatCommand, toShell } from '../record/command.ts';
import type { ExperimentFacts, RunRecord } from '../record/record.ts';
import type { ChartData, ChartPoint, ChartSeries, Metric } from './client/chart-data.ts';
import { clockName, groupCurves } from './curves.ts';
import type { Curve, CurveGroup } from './curves.ts';
import { describeFit } from './fit-text.ts';
import type { OverviewModel, SectionModel, TableGroup } from './model.ts';
import { toSpent } from './spent.ts';

/** A fitted curve is smooth: so many points draw it. */
const CURVE_POINTS = 60;

/** Everything the page says about one experiment; nothing where it has no result. */
export function toSection(record: RunRecord, facts: ExperimentFacts): SectionModel[] {
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
  const groups = groupCurves(own);
  const curves = groups.flatMap((group) => group.curves);
  const counts = [...new Set(own.map(({ cpus }) => cpus))].sort((a, b) => a - b);
  const chart: ChartData = {
    id: facts.name,
    cores: record.host.cores,
    kind: counts.length > 1 ? 'scaling' : 'comparison',
    metric,
    unit: [facts.unit, singular(facts.unit)],
    series: curves.map((curve) => toSeries(curve, fits, drivers)),
  };
  const spent = groups.flatMap((group) => toSpent(record, group, drivers));
  return [
    {
      title: facts.title,
      source: `${facts.package} ${facts.name}`,
      description: facts.description,
      knobs: describeKnobs(record, facts),
      chart,
      legend: groups.map((group) => ({
        title: clockName(group, record),
        modelled: group.profile !== undefined,
        series: group.curves.map((curve) => curves.indexOf(curve)),
      })),
      fits: fits.flatMap(describeFit),
      ...(chart.kind === 'scaling' ? { overview: toOverview(record, groups, counts, chart) } : {}),
      table: {
        caption: `${facts.title}: every figure`,
        columns: columnsOf(own, chart),
        groups: groups.flatMap((group) =>
          group.curves.map((curve) => toGroup(curve, clockName(group, record), own)),
        ),
      },
      ...(spent.length === 0 ? {} : { spent }),
      commands: groups.map(({ profile }) =>
        toShell(
          repeatCommand(record.request, record.cells, {
            experiment: facts.name,
            ...(profile === undefined
              ? { clock: 'parallel' as const }
              : { clock: 'model' as const, profile }),
          }),
        ),
      ),
    },
  ];
}

function toSeries(
  { variant, profile, look, results }: Curve,
  fits: readonly Fit[],
  drivers: 'all' | 'one',
): ChartSeries {
  const modelled = profile !== undefined;
  const fit = fits.find(
    (one) =>
      one.variant === variant &&
      one.clock === (modelled ? 'model' : 'parallel') &&
      (!modelled || one.profile === profile),
  );
  const points = results.map((result): ChartPoint => ({
    cpus: result.cpus,
    rate: [result.opsPerSecond.median, result.opsPerSecond.low, result.opsPerSecond.high],
    time: [result.nsPerOp.median, result.nsPerOp.low, result.nsPerOp.high],
    rateText: formatRateEstimate(result.opsPerSecond),
    timeText: formatNsEstimate(result.nsPerOp),
    oversubscribed: result.oversubscribed,
  }));
  const name = modelled ? `${variant}, modelled` : variant;
  const series = { name, look, modelled, points };
  return fit?.law === undefined ? series : { ...series, fit: toCurve(fit, fit.law, drivers) };
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

function describeKnobs({ cells }: RunRecord, facts: ExperimentFacts): string {
  const cell = cells.find(
    ({ experiment, package: from }) => experiment === facts.name && from === facts.package,
  );
  const entries = Object.entries(cell?.knobs ?? {});
  return entries.map(([name, value]) => `${name} = ${String(value)}`).join(', ');
}

function toOverview(
  record: RunRecord,
  groups: readonly CurveGroup[],
  counts: readonly number[],
  { metric, unit }: ChartData,
): OverviewModel {
  const curves = groups.flatMap((group) => group.curves);
  return {
    caption: metric === 'rate' ? `${capital(unit[0])} per second, all CPUs` : `Time per ${unit[1]}`,
    clocks: groups.map((group) => ({
      title: clockName(group, record),
      variants: group.curves.map(({ variant, look }) => ({
        name: variant,
        look,
        modelled: group.profile !== undefined,
      })),
    })),
    rows: counts.map((cpus) => ({
      cpus: String(cpus),
      oversubscribed: curves.some(({ results }) =>
        results.some((result) => result.cpus === cpus && result.oversubscribed),
      ),
      cells: curves.map(({ results }) => {
        const result = results.find((one) => one.cpus === cpus);
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
    ...[
      'Variant',
      'Clock',
      'CPUs',
      `${capital(unit[0])} per second`,
      `Time per ${unit[1]}`,
      'Fairness',
    ],
    ...(latency ? ['p50', 'p90', 'p99', 'p99.9', 'Longest'] : []),
    'Repeats',
  ];
}

function toGroup(
  { variant, profile, results }: Curve,
  clock: string,
  all: readonly Result[],
): TableGroup {
  const latency = all.some((result) => result.latency !== undefined);
  const rows = results.map((result) => [
    { text: profile === undefined ? 'measured' : 'modelled' },
    result.oversubscribed
      ? { text: String(result.cpus), interval: 'more than cores' }
      : { text: String(result.cpus) },
    valueCell(result, 'rate'),
    valueCell(result, 'time'),
    { text: result.fairness.toFixed(2) },
    ...(latency ? latencyCells(result) : []),
    { text: String(result.repeats) },
  ]);
  return { name: variant, title: `${variant}, ${clock}`, rows };
}

function latencyCells({ latency }: Result): { text: string }[] {
  if (latency === undefined) return Array.from({ length: 5 }, () => ({ text: '–' }));
  const { p50, p90, p99, p999, max } = latency;
  return [p50, p90, p99, p999, max].map((ns) => ({ text: formatNs(ns) }));
}
