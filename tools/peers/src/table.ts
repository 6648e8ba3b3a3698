/** The summary as people read it. */
import type { Estimate } from '@percpu/experiment';
import type { Ratio, Result, Summary } from './summary.ts';
import type { Work } from './works.ts';

const GAP = '  ';

export function formatSummary(summary: Summary, works: readonly Work[]): string {
  const parts: string[] = [];
  for (const work of works) {
    const results = summary.results.filter((one) => one.work === work.work);
    const ratios = summary.ratios.filter((one) => one.work === work.work);
    const mark = results.some(({ oversubscribed }) => oversubscribed)
      ? ' (oversubscribed: more threads than cores)'
      : '';
    parts.push(`${work.work}: ${work.about}${mark}`, times(results, work.threads), '');
    parts.push('  peer’s time / ours (above 1: ours is faster)', ratioMatrix(ratios), '');
  }
  for (const { who, why } of summary.missing) parts.push(`missing: ${who}: ${why}`);
  return parts.join('\n').trimEnd();
}

function times(results: readonly Result[], threads: number): string {
  const head = ['lock', 'ns/op', '95 % interval', ...(threads > 1 ? ['fairness'] : [])];
  const rows = results.map(({ who, nsPerOp, fairness }) => [
    who,
    figure(nsPerOp.median),
    interval(nsPerOp),
    ...(threads > 1 ? [fairness.toFixed(2)] : []),
  ]);
  return grid([head, ...rows]);
}

function ratioMatrix(ratios: readonly Ratio[]): string {
  const peers = [...new Set(ratios.map(({ peer }) => peer))];
  const ours = [...new Set(ratios.map((one) => one.ours))];
  const rows = ours.map((name) => [
    name,
    ...peers.map((peer) =>
      figure(ratios.find((one) => one.ours === name && one.peer === peer)!.ratio),
    ),
  ]);
  return grid([['', ...peers], ...rows]);
}

function interval({ low, high }: Estimate): string {
  return `${figure(low)}–${figure(high)}`;
}

/** Three digits, or the whole number where that is longer. */
export function figure(value: number): string {
  const decimals = Math.max(0, 2 - Math.max(0, Math.floor(Math.log10(value))));
  return value.toFixed(decimals);
}

/** The first column to the left, the others to the right. */
function grid(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))),
    )
    .map((cells) => `  ${cells.join(GAP)}`.trimEnd())
    .join('\n');
}
