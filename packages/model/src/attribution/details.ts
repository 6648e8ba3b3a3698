/** From the bills of all lines to what a user reads: the dearest first, lines of one kind together. */
import type { LineDetails, ModelDetails } from '@percpu/experiment';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { Spend } from '../clock/ledger.ts';
import { addReports, reportLine } from './line-report.ts';
import type { LineReport, NamedRange } from './line-report.ts';
import { cost, distances, whyIsItDear } from './why.ts';

/** Lines shown one by one. */
const SHOWN = 20;
/** So many lines that differ in a number only (the queue node of each CPU) are shown as one. */
const ALIKE = 4;

export function describePoint(
  clock: VirtualClock,
  point: { profile: string; cpus: number; seconds: number; ranges: readonly NamedRange[] },
): ModelDetails {
  const { ledger } = clock;
  const windowNs = Math.max(0, ledger.closed - ledger.opened);
  const cpuNs = windowNs * point.cpus;
  const [transfer, lockWait, ipi, idle] = [
    Spend.transfer,
    Spend.lockWait,
    Spend.ipi,
    Spend.idle,
  ].map((what) => round(ledger.spent[what]!)) as [number, number, number, number];
  return {
    profile: point.profile,
    seconds: point.seconds,
    accesses: ledger.accesses,
    cpuNs: round(cpuNs),
    where: {
      compute: round(Math.max(0, cpuNs - transfer - lockWait - ipi - idle)),
      transfer,
      lockWait,
      ipi,
      idle,
    },
    lines: showLines(collect(clock, point.ranges), windowNs),
  };
}

function collect(clock: VirtualClock, ranges: readonly NamedRange[]): LineReport[] {
  const alike = new Map<string, LineReport[]>();
  for (const line of clock.lines.all()) {
    if (line.bill === undefined) continue;
    const report = reportLine(
      line.bill,
      line.number * 2 ** clock.lines.shift,
      clock.store.names,
      ranges,
    );
    const kind = report.name.replaceAll(/\d+/g, '*');
    const group = alike.get(kind);
    if (group === undefined) alike.set(kind, [report]);
    else group.push(report);
  }
  const reports: LineReport[] = [];
  for (const [kind, group] of alike) {
    if (group.length < ALIKE || !kind.includes('*') || kind.startsWith('*x'))
      reports.push(...group);
    else reports.push({ ...group.reduce(addReports), name: `${kind} (${group.length} lines)` });
  }
  return reports.sort((a, b) => total(b) - total(a) || (a.name < b.name ? -1 : 1));
}

function showLines(reports: readonly LineReport[], windowNs: number): LineDetails[] {
  const dear = reports.filter((report) => total(report) > 0);
  const shown = dear.slice(0, SHOWN).map((report) => toDetails(report, windowNs));
  const rest = dear.slice(SHOWN);
  if (rest.length === 0) return shown;
  const sum = rest.reduce(addReports);
  const count = rest.reduce((lines, report) => lines + report.lines, 0);
  return [
    ...shown,
    {
      ...toDetails({ ...sum, fields: [] }, windowNs),
      name: `${count} other lines`,
      ...sums(sum),
      why: 'all others together',
    },
  ];
}

function toDetails(report: LineReport, windowNs: number): LineDetails {
  return {
    name: report.name,
    fields: [...report.fields]
      .sort((a, b) => cost(b) - cost(a) || b.accesses - a.accesses)
      .map(({ name, accesses, transfers, transferNs, waitNs, lockWaitNs }) => ({
        name,
        accesses,
        transfers,
        transferNs: round(transferNs),
        waitNs: round(waitNs),
        lockWaitNs: round(lockWaitNs),
      })),
    ...sums(report),
    busy: windowNs > 0 ? Math.min(1, Math.round((report.busyNs / windowNs) * 1000) / 1000) : 0,
    distances: distances(report),
    why: whyIsItDear(report, windowNs),
  };
}

function sums({ fields }: LineReport): { transferNs: number; waitNs: number } {
  return {
    transferNs: round(fields.reduce((sum, field) => sum + field.transferNs, 0)),
    waitNs: round(fields.reduce((sum, field) => sum + field.waitNs, 0)),
  };
}

function total({ fields }: LineReport): number {
  return fields.reduce((sum, field) => sum + cost(field), 0);
}

/** Tenths of a nanosecond: digits beyond tell nothing and make files large. */
function round(ns: number): number {
  return Math.round(ns * 10) / 10;
}
