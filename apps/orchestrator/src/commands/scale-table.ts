import type { Result } from '@percpu/experiment';
import { layOut } from '../cli/table.ts';
import { shownLength } from '../cli/terminal.ts';
import type { Terminal } from '../cli/terminal.ts';
import { formatEnds, formatFigure, formatNs, formatRate, singular } from '../format.ts';
import type { ExperimentFacts, RunRecord } from '../record/record.ts';
import { clockName, groupCurves } from '../report/curves.ts';
import type { CurveGroup } from '../report/curves.ts';
import { toSpent } from '../report/spent.ts';

/** Prints the results of a run: a table for each experiment, then the headlines. */
export function printResults(terminal: Terminal, record: RunRecord): void {
  for (const facts of record.experiments) {
    const own = record.results.filter(
      ({ experiment, package: from }) => experiment === facts.name && from === facts.package,
    );
    if (own.length > 0) printExperiment(terminal, record, facts, own);
  }
  if (record.headlines.length === 0) return;
  terminal.print(terminal.style('bold', 'at a glance'));
  const rows = record.headlines.map(({ label, value, unit, profile }) => [
    terminal.style('bold', formatFigure(value, unit)),
    profile === undefined ? label : `${label} ${terminal.style('dim', `modelled: ${profile}`)}`,
  ]);
  for (const line of layOut(rows, { left: [1] })) terminal.print(line);
  terminal.print();
}

function printExperiment(
  terminal: Terminal,
  record: RunRecord,
  facts: ExperimentFacts,
  results: readonly Result[],
): void {
  const byRate = facts.report[0] === 'perSecond';
  const what = byRate ? `${facts.unit} per second, all CPUs` : `time per ${singular(facts.unit)}`;
  terminal.print(`${terminal.style('bold', facts.title)}  ${terminal.style('dim', what)}`);
  for (const group of groupCurves(results)) printGroup(terminal, record, facts, group);
  if (results.some(({ oversubscribed }) => oversubscribed)) {
    terminal.print(
      terminal.style(
        'dim',
        `  * more CPUs than the ${record.host.cores} of this host: they take turns`,
      ),
    );
  }
  terminal.print();
}

/** What was measured on this host, or what was modelled of one machine: never in one table. */
function printGroup(
  terminal: Terminal,
  record: RunRecord,
  facts: ExperimentFacts,
  group: CurveGroup,
): void {
  const byRate = facts.report[0] === 'perSecond';
  const dim = (text: string): void => terminal.print(terminal.style('dim', `  ${text}`));
  dim(clockName(group, record));
  printTable(terminal, group, (result) => {
    const estimate = byRate ? result.opsPerSecond : result.nsPerOp;
    return [
      byRate ? formatRate(estimate.median) : formatNs(estimate.median),
      formatEnds(estimate, byRate ? 'rate' : 'time'),
    ];
  });
  const percentiles = facts.report.filter((column) => column === 'p50' || column === 'p99');
  const all = group.curves.flatMap((curve) => curve.results);
  if (percentiles.length > 0 && all.some(({ latency }) => latency !== undefined)) {
    dim(`${percentiles.join(' / ')} of one ${singular(facts.unit)}`);
    printTable(terminal, group, ({ latency }) => [
      latency === undefined ? '–' : percentiles.map((p) => formatNs(latency[p])).join(' / '),
      '',
    ]);
  }
  for (const { variants } of toSpent(record, group, 'all')) {
    dim('where the time goes');
    const rows = variants.map(({ name, summary }) => [terminal.style('bold', name), summary]);
    for (const line of layOut(rows, { left: [0, 1] })) terminal.print(line);
  }
}

/** CPU counts down, variants across; in several pieces where the terminal is too narrow. */
function printTable(
  terminal: Terminal,
  { curves }: CurveGroup,
  show: (result: Result) => readonly [value: string, interval: string],
): void {
  const results = curves.flatMap((curve) => curve.results);
  const counts = [...new Set(results.map(({ cpus }) => cpus))].sort((a, b) => a - b);
  const columns = curves.map(({ variant: name, results: own }) => {
    const shown = counts.map((cpus) => {
      const result = own.find((one) => one.cpus === cpus);
      return result === undefined ? (['–', ''] as const) : show(result);
    });
    const room = Math.max(...shown.map(([, interval]) => interval.length));
    return [
      terminal.style('bold', name) + ' '.repeat(room === 0 ? 0 : room + 1),
      ...shown.map(([value, interval]) =>
        room === 0 ? value : `${value} ${terminal.style('dim', interval.padEnd(room))}`,
      ),
    ];
  });
  const heads = [
    'CPUs  ',
    ...counts.map((cpus) => {
      const over = results.some((result) => result.cpus === cpus && result.oversubscribed);
      return `${cpus}${over ? ' *' : '  '}`;
    }),
  ];
  for (const group of fitting(columns, terminal.width - 10)) {
    const rows = heads.map((head, row) => [head, ...group.map((column) => column[row] ?? '')]);
    for (const line of layOut(rows, { left: [] })) terminal.print(line);
  }
}

/** Columns in groups that fit side by side into so many characters. */
function fitting(columns: readonly (readonly string[])[], room: number): (readonly string[])[][] {
  const groups: (readonly string[])[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const column of columns) {
    const width = Math.max(...column.map(shownLength)) + 3;
    if (used + width > room) {
      groups.push([]);
      used = 0;
    }
    used += width;
    groups.at(-1)?.push(column);
  }
  return groups;
}
