/** Why a line costs what it costs, in a sentence: what a reader of the numbers would find out after a while. */
import { SEVERAL, NOBODY } from '../coherence/line-bill.ts';
import { LEVEL_NAMES, Level } from '../profile/topology.ts';
import type { FieldUse, LineReport } from './line-report.ts';

/** From this share of the window on, a line is what everybody waits for. */
const SATURATED = 0.8;

export function whyIsItDear(line: LineReport, windowNs: number): string {
  const busy = line.busyNs / windowNs;
  const parts = [falseSharing(line) ?? pattern(line)];
  if (line.queued > 0) {
    const behind = line.queuedBehind / line.queued;
    if (behind >= 1.5) parts.push(`${round(behind)} requests are in front on average`);
  }
  const far = farther(line);
  if (far !== undefined) parts.push(far);
  if (busy >= SATURATED) parts.push(`busy for ${percent(busy)} of the time: it is the bottleneck`);
  return parts.join('; ');
}

/** Fields of one line that belong to different CPUs. */
function falseSharing({ fields, lines }: LineReport): string | undefined {
  const used = fields.filter(({ accesses }) => accesses > 0);
  const written = used.filter(({ writer }) => writer !== NOBODY);
  for (const a of written) {
    const b = used.find((one) => one !== a && isApart(a, one));
    if (b === undefined || a.transfers + b.transfers === 0) continue;
    const whose = lines > 1 ? '' : ` (CPU ${a.writer} and CPU ${b.user})`;
    return `false sharing: ${a.name} and ${b.name} are used by different CPUs${whose} and evict each other; give each a line of its own`;
  }
  return undefined;
}

function isApart(a: FieldUse, b: FieldUse): boolean {
  return a.writer >= 0 && a.user >= 0 && b.user >= 0 && a.user !== b.user;
}

function pattern({ fields, refetches, lines }: LineReport): string {
  const dearest = [...fields].sort((a, b) => cost(b) - cost(a))[0];
  const name = dearest?.name ?? 'nothing';
  const writes = fields.filter(({ writer }) => writer !== NOBODY);
  const transfers = fields.reduce((sum, field) => sum + field.transfers, 0);
  if (refetches > transfers)
    return `many CPUs spin on ${name}: each write makes all of them fetch the line again, one by one`;
  // What costs most: that the field has not changed yet, or to get at the line.
  const isAwaited =
    fields.reduce((sum, field) => sum + field.lockWaitNs - field.transferNs - field.waitNs, 0) > 0;
  if (writes.length === 0 && isAwaited) return `waited for: ${name}, which did not change`;
  if (writes.length === 0) return `only read: the first access of each CPU`;
  if (writes.every(({ writer }) => writer !== SEVERAL) && lines === 1)
    return `written by one CPU, wanted by others: ${name}`;
  if (isAwaited) return `waited for: ${name} is handed from CPU to CPU`;
  return `written by several CPUs in turn: each takes the line from the one before`;
}

function farther({ byLevel }: LineReport): string | undefined {
  const all = byLevel.reduce((sum, count) => sum + count, 0);
  const far = byLevel[Level.remote]! + byLevel[Level.far]!;
  if (all === 0 || far / all < 0.1) return undefined;
  return `${percent(far / all)} of its transfers come from another socket`;
}

/** Transfers by distance, the distances that occurred. */
export function distances({ byLevel }: LineReport): Readonly<Record<string, number>> {
  return Object.fromEntries(
    LEVEL_NAMES.map((name, level) => [name, byLevel[level]!] as const).filter(
      ([, count]) => count > 0,
    ),
  );
}

export function cost({ transferNs, waitNs, lockWaitNs }: FieldUse): number {
  return transferNs + waitNs + lockWaitNs;
}

function percent(share: number): string {
  return `${Math.min(100, Math.round(share * 100))} %`;
}

function round(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}
